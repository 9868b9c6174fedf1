import type { AudioFamily } from '../types.js';

export interface CodecLevel {
  codec: 'h264' | 'hevc' | 'av1' | 'vp9';
  /** e.g. 4.1. */
  level: number;
}

/** Level that idc tenths stand for, without the noise of a division. */
const tenths = (value: number): number => Math.round(value) / 10;

/**
 * Codec and level of a codec string: RFC 6381 with ISO/IEC 14496-15 (H.264, HEVC), the AV1 binding's `av01.P.LLT.DD` and VP9's
 * `vp09.PP.LL.DD`. Undefined for anything else.
 */
export function codecLevel(text: string): CodecLevel | undefined {
  const h264 = /^avc[13]\.[0-9a-f]{4}([0-9a-f]{2})$/i.exec(text);
  if (h264) return { codec: 'h264', level: tenths(parseInt(h264[1]!, 16)) };
  const hevc = /^(?:hev1|hvc1|dvh1|dvhe)\.[A-C]?\d+\.[0-9a-f]+\.[LH](\d+)/i.exec(text);
  // general_level_idc is thirty times the level.
  if (hevc) return { codec: 'hevc', level: tenths(Number(hevc[1]) / 3) };
  const av1 = /^av01\.\d\.(\d\d)[MH]/.exec(text);
  // seq_level_idx: 2.0, 2.1, 2.2, 2.3, 3.0 …
  if (av1) {
    const index = Number(av1[1]);
    return { codec: 'av1', level: 2 + (index >> 2) + tenths(index & 3) };
  }
  const vp9 = /^vp09\.\d\d\.(\d\d)\./.exec(text);
  return vp9 ? { codec: 'vp9', level: tenths(Number(vp9[1])) } : undefined;
}

const FAMILIES: readonly (readonly [RegExp, AudioFamily])[] = [
  [/^mp4a\.40\./i, 'aac'],
  [/^ac-3$/i, 'ac3'],
  [/^ec-3$/i, 'eac3'],
  [/^ac-4\b/i, 'ac4'],
  [/^opus$/i, 'opus'],
  [/^flac$/i, 'flac'],
];

export function audioFamily(codecs: string): AudioFamily | undefined {
  return FAMILIES.find(([pattern]) => pattern.test(codecs))?.[1];
}
