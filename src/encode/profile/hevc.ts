import { videoRangeOf } from '../../ingest/index.js';
import type { Rational } from '../../media/index.js';
import type { Resolution } from '../types.js';
import { colourArgs, planar420 } from './colour.js';
import { x265Hdr } from './hdr.js';
import { type Level, lowestLevel } from './level.js';
import type { CodecProfile } from './profile.js';

/** A side may be √(8 × MaxLumaPs) long (ITU-T H.265 A.4.1). */
function level(name: string, samples: number, perSecond: number, kbits: number): Level {
  const longest = Math.floor(Math.sqrt(samples * 8));
  return { level: name, samples, perSecond, widest: longest, tallest: longest, kbits, buffer: kbits };
}

/** Limits of HEVC levels, Main tier, Main and Main 10 profile (ITU-T H.265 tables A.8 and A.9). */
const LEVELS = [
  level('2.0', 122_880, 3_686_400, 1_500),
  level('2.1', 245_760, 7_372_800, 3_000),
  level('3.0', 552_960, 16_588_800, 6_000),
  level('3.1', 983_040, 33_177_600, 10_000),
  level('4.0', 2_228_224, 66_846_720, 12_000),
  level('4.1', 2_228_224, 133_693_440, 20_000),
  level('5.0', 8_912_896, 267_386_880, 25_000),
  level('5.1', 8_912_896, 534_773_760, 40_000),
  level('5.2', 8_912_896, 1_069_547_520, 60_000),
  level('6.0', 35_651_584, 1_069_547_520, 60_000),
  level('6.1', 35_651_584, 2_139_095_040, 120_000),
  level('6.2', 35_651_584, 4_278_190_080, 240_000),
] as const;

/** The lowest level that fits, with its bit rate (kbit/s) and buffer (kbit) in the Main tier. */
export function hevcLevel(resolution: Resolution, fps: Rational): Level {
  return lowestLevel(LEVELS, resolution, fps);
}

/**
 * HEVC by x265, Main and Main 10 profile. Without a thread pool and with one frame thread nothing runs in parallel;
 * `scenecut=0` and equal bounds put key frames (IDR: groups are closed) on the planned frames alone. `info=0` leaves out
 * the SEI with x265's settings, crf among them, which would otherwise be part of the parameter sets. The picture
 * parameter set has an initial QP of 26 at every crf. Static HDR metadata is an SEI among the headers. `hvc1` promises
 * that all parameter sets are in the sample entry. Captions of the master do not go into the pictures (`a53cc`): they are
 * text, and manifests say that there are none.
 */
export const hevc: CodecProfile = {
  codec: 'hevc',
  encoder: 'libx265',
  crf: { min: 14, max: 46, step: 0.5 },
  presets: [
    ...['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'],
    ...['medium', 'slow', 'slower', 'veryslow', 'placebo'],
  ],
  defaultPreset: 'medium',
  passes: 1,
  tunes: () => [],
  crfBreaks: () => [],
  limits: hevcLevel,
  pixelFormat: planar420,
  encodeArgs({ preset, crf, resolution, fps, gopFrames, colour, hdr }) {
    const { level, kbits, buffer } = hevcLevel(resolution, fps);
    const params = [
      ...['pools=none', 'frame-threads=1', 'wpp=0', 'lookahead-slices=0'],
      ...[`keyint=${gopFrames}`, `min-keyint=${gopFrames}`, 'scenecut=0', 'open-gop=0'],
      ...[`level-idc=${level}`, 'high-tier=0', `vbv-maxrate=${kbits}`, `vbv-bufsize=${buffer}`],
      ...['info=0', 'repeat-headers=0', 'log-level=error'],
      // Moves bits to where PQ has its steps closest; x265 allows it for 10-bit PQ alone.
      ...(hdr && videoRangeOf(colour.transfer) === 'PQ' ? ['hdr10-opt=1'] : []),
      ...(hdr ? x265Hdr(hdr) : []),
    ];
    return [
      ...['-c:v', 'libx265', '-preset', preset, '-crf', String(crf), '-threads', '1', '-a53cc', '0'],
      ...['-x265-params', params.join(':')],
      ...colourArgs(colour),
      ...['-tag:v', 'hvc1'],
    ];
  },
};
