/** Codecs as people write them. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['h264', 'H.264'],
  ['hevc', 'HEVC'],
  ['av1', 'AV1'],
  ['vp9', 'VP9'],
]);

/** A codec's name for people; the name itself where it is not one of ours (of an older report). */
export function codecName(codec: string): string {
  return NAMES.get(codec) ?? codec;
}
