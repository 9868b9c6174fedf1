import type { Rational } from '../../media/index.js';
import type { Resolution } from '../types.js';
import { colourArgs, planar420 } from './colour.js';
import { type Level, lowestLevel } from './level.js';
import type { CodecProfile } from './profile.js';

type Size = readonly [samples: number, longest: number];

function level(
  name: string,
  [samples, longest]: Size,
  perSecond: number,
  kbits: number,
  buffer: number,
): Level {
  return { level: name, samples, widest: longest, tallest: longest, perSecond, kbits, buffer };
}

const SIZE_4: Size = [2_228_224, 4_160];
const SIZE_5: Size = [8_912_896, 8_384];
const SIZE_6: Size = [35_651_584, 16_832];

/** Limits of VP9 levels: picture size and side, samples a second, bit rate, buffer (webmproject.org/vp9/levels). */
const LEVELS = [
  level('1.0', [36_864, 512], 829_440, 200, 400),
  level('1.1', [73_728, 768], 2_764_800, 800, 1_000),
  level('2.0', [122_880, 960], 4_608_000, 1_800, 1_500),
  level('2.1', [245_760, 1_344], 9_216_000, 3_600, 2_800),
  level('3.0', [552_960, 2_048], 20_736_000, 7_200, 6_000),
  level('3.1', [983_040, 2_752], 36_864_000, 12_000, 10_000),
  level('4.0', SIZE_4, 83_558_400, 18_000, 16_000),
  level('4.1', SIZE_4, 160_432_128, 30_000, 18_000),
  level('5.0', SIZE_5, 311_951_360, 60_000, 36_000),
  level('5.1', SIZE_5, 588_251_136, 120_000, 46_000),
  level('5.2', SIZE_5, 1_176_502_272, 180_000, 90_000),
  level('6.0', SIZE_6, 1_176_502_272, 180_000, 90_000),
  level('6.1', SIZE_6, 2_353_004_544, 240_000, 180_000),
  level('6.2', SIZE_6, 4_706_009_088, 480_000, 360_000),
] as const;

/** The lowest level that fits, with its bit rate (kbit/s) and buffer (kbit); libvpx is not told of it. */
export function vp9Level(resolution: Resolution, fps: Rational): Level {
  return lowestLevel(LEVELS, resolution, fps);
}

/**
 * VP9 by libvpx, profile 0 (8 bits) and 2 (10 bits), at constant quality: `-b:v 0` leaves the quantiser to `crf` alone.
 * libvpx takes no bit rate limit in that mode; the level in the sample entry is the lowest for size and frame rate. The
 * second pass knows where the alternate reference frames pay: the first alone needs some 20% more bits for the same VMAF.
 * Hidden frames travel in the packet of the next shown one, so that packets are frames. Equal bounds put key frames on
 * the planned frames alone. There are no parameter sets; where chroma lies only the sample entry says, and chunks say it
 * alike whatever their masters did.
 */
export const vp9: CodecProfile = {
  codec: 'vp9',
  encoder: 'libvpx-vp9',
  crf: { min: 10, max: 63, step: 1 },
  presets: ['0', '1', '2', '3', '4', '5'],
  defaultPreset: '2',
  passes: 2,
  tunes: () => [],
  crfBreaks: () => [],
  limits: vp9Level,
  pixelFormat: planar420,
  encodeArgs({ preset, crf, gopFrames, colour }) {
    return [
      ...['-c:v', 'libvpx-vp9', '-deadline', 'good', '-cpu-used', preset, '-crf', String(crf), '-b:v', '0'],
      ...['-threads', '1', '-row-mt', '0', '-tile-columns', '0', '-frame-parallel', '0'],
      ...['-auto-alt-ref', '1', '-lag-in-frames', '25'],
      ...['-g', String(gopFrames), '-keyint_min', String(gopFrames)],
      ...[...colourArgs(colour), '-chroma_sample_location', 'left'],
    ];
  },
};
