import type { Codec } from '../../encode/index.js';
import type { JobFacts } from '../../title/index.js';

/** Every value that a label takes is one of a list, so that no title, file or request can make new time series. */

const CODECS: ReadonlySet<string> = new Set<Codec>(['h264', 'hevc', 'av1', 'vp9']);

/** Heights of pictures that go by a name, ascending, pixels. */
const SIZES = [240, 360, 480, 720, 1080, 1440, 2160, 4320] as const;

/** Every size class, the smallest first. */
export const SIZE_CLASSES: readonly string[] = [...SIZES.map((height) => `${height}p`), 'larger'];

/** The smallest class that a picture of this size (pixels) fits into, by its shorter side: `1080p` for 1920x1080. */
export function sizeClass(width: number, height: number): string {
  const shorter = Math.min(width, height);
  const fitting = SIZES.find((size) => shorter <= size);
  return fitting === undefined ? 'larger' : `${fitting}p`;
}

/** A codec's name, or `other` for one that nobody has heard of. */
export function codecLabel(codec: string | undefined): string {
  return codec !== undefined && CODECS.has(codec) ? codec : 'other';
}

/** Labels of an encode; undefined where the job is none. */
export function encodeLabels({
  codec,
  width,
  height,
}: JobFacts): { codec: string; size: string } | undefined {
  if (codec === undefined || width === undefined || height === undefined) return undefined;
  return { codec: codecLabel(codec), size: sizeClass(width, height) };
}
