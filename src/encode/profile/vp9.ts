import type { Rational } from '../../media/index.js';
import type { Resolution } from '../types.js';
import { colourArgs, planar420 } from './colour.js';
import { type Level, lowestLevel } from './level.js';
import type { CodecProfile } from './profile.js';

function level(name: string, perSecond: number, samples: number, longest: number, kbits: number): Level {
  return { level: name, samples, perSecond, widest: longest, tallest: longest, kbits, buffer: kbits };
}

/**
 * Limits of VP9 levels (webmproject.org, "VP9 Levels"): luma samples a second and a frame, longest side, bit rate. libvpx
 * takes no bit rate limit here; the buffer is of no use and as large as a second.
 */
const LEVELS = [
  level('1.0', 829_440, 36_864, 512, 200),
  level('1.1', 2_764_800, 73_728, 768, 800),
  level('2.0', 4_608_000, 122_880, 960, 1_800),
  level('2.1', 9_216_000, 245_760, 1_344, 3_600),
  level('3.0', 20_736_000, 552_960, 2_048, 7_200),
  level('3.1', 36_864_000, 983_040, 2_752, 12_000),
  level('4.0', 83_558_400, 2_228_224, 4_160, 18_000),
  level('4.1', 160_432_128, 2_228_224, 4_160, 30_000),
  level('5.0', 311_951_360, 8_912_896, 8_384, 60_000),
  level('5.1', 588_251_136, 8_912_896, 8_384, 120_000),
  level('5.2', 1_176_502_272, 8_912_896, 8_384, 180_000),
  level('6.0', 1_176_502_272, 35_651_584, 16_832, 180_000),
  level('6.1', 2_353_004_544, 35_651_584, 16_832, 240_000),
  level('6.2', 4_706_009_088, 35_651_584, 16_832, 480_000),
] as const;

/** The lowest level that fits a size and rate. */
export function vp9Level(resolution: Resolution, fps: Rational): Level {
  return lowestLevel(LEVELS, resolution, fps);
}

/**
 * VP9 by libvpx, profile 0 (8 bits) and 2 (10 bits), at constant quality: `-b:v 0` leaves the quantiser to `crf` alone.
 * libvpx takes no bit rate limit in that mode; the level in the sample entry is the lowest for size and frame rate. The second pass knows where the alternate reference frames pay: the first alone needs some 20% more
 * bits for the same VMAF. Hidden frames travel in the packet of the next shown one, so that packets are frames. Equal
 * bounds put key frames on the planned frames alone. There are no parameter sets; where chroma
 * lies only the sample entry says, and chunks say it alike whatever their masters did.
 */
export const vp9: CodecProfile = {
  codec: 'vp9',
  encoder: 'libvpx-vp9',
  crf: { min: 10, max: 63, step: 1 },
  presets: ['0', '1', '2', '3', '4', '5'],
  defaultPreset: '2',
  passes: 2,
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
