import type { Rational } from '../../media/index.js';
import type { Resolution } from '../types.js';
import { colourArgs, planar420 } from './colour.js';
import { svtHdr } from './hdr.js';
import { type Level, lowestLevel } from './level.js';
import type { CodecProfile } from './profile.js';

type Size = readonly [samples: number, widest: number, tallest: number];

/** The buffer holds one second at the level's bit rate (AV1 specification, annex E.2). */
function level(name: string, [samples, widest, tallest]: Size, perSecond: number, kbits: number): Level {
  return { level: name, samples, widest, tallest, perSecond, kbits, buffer: kbits };
}

const SIZE_4: Size = [2_359_296, 6_144, 3_456];
const SIZE_5: Size = [8_912_896, 8_192, 4_352];
const SIZE_6: Size = [35_651_584, 16_384, 8_704];

/** Limits of AV1 levels, Main tier: MaxPicSize, MaxHSize, MaxVSize, MaxDisplayRate, MainMbps (annex A.3). */
const LEVELS = [
  level('2.0', [147_456, 2_048, 1_152], 4_423_680, 1_500),
  level('2.1', [278_784, 2_816, 1_584], 8_363_520, 3_000),
  level('3.0', [665_856, 4_352, 2_448], 19_975_680, 6_000),
  level('3.1', [1_065_024, 5_504, 3_096], 31_950_720, 10_000),
  level('4.0', SIZE_4, 70_778_880, 12_000),
  level('4.1', SIZE_4, 141_557_760, 20_000),
  level('5.0', SIZE_5, 267_386_880, 30_000),
  level('5.1', SIZE_5, 534_773_760, 40_000),
  level('5.2', SIZE_5, 1_069_547_520, 60_000),
  level('6.0', SIZE_6, 1_069_547_520, 60_000),
  level('6.1', SIZE_6, 2_139_095_040, 100_000),
  level('6.2', SIZE_6, 4_278_190_080, 160_000),
] as const;

/** The lowest level that fits, with its bit rate (kbit/s) and buffer (kbit) in the Main tier. */
export function av1Level(resolution: Resolution, fps: Rational): Level {
  return lowestLevel(LEVELS, resolution, fps);
}

/** Pictures of this many samples on, by preset: those that SVT-AV1 2.0 codes in large superblocks where quality is low. */
const LARGE_SUPERBLOCKS = new Map<string, number>([
  ...(['2', '3', '4'] as const).map((preset) => [preset, 165_120] as const),
  ['5', 314_880],
  ...(['6', '7'] as const).map((preset) => [preset, 660_480] as const),
]);
/** From this crf on. The size of superblocks is in the sequence header, and nothing sets it. */
const LARGE_SUPERBLOCKS_CRF = 57;

/**
 * AV1 by SVT-AV1, Main profile. `lp=1` keeps it to one core's worth of threads, and `pin=0` from tying all encodes of a
 * machine to the same core. Without a target of bits and without scene cuts its decisions hang on no thread's timing,
 * and key frames (groups are closed) fall on the planned frames alone. The sequence header says the level that the
 * limits belong to and, of the quality, only the size of superblocks. Static HDR metadata is an OBU in every key frame. Hidden frames travel in
 * the packet of the next shown one, so that packets are frames.
 */
export const av1: CodecProfile = {
  codec: 'av1',
  encoder: 'libsvtav1',
  crf: { min: 12, max: 63, step: 1 },
  presets: Array.from({ length: 14 }, (_, preset) => String(preset)),
  defaultPreset: '6',
  passes: 1,
  tunes: () => [],
  crfBreaks: (preset, { width, height }) =>
    width * height >= (LARGE_SUPERBLOCKS.get(preset) ?? Infinity) ? [LARGE_SUPERBLOCKS_CRF] : [],
  limits: av1Level,
  pixelFormat: planar420,
  encodeArgs({ preset, crf, resolution, fps, gopFrames, colour, hdr }) {
    const { level, kbits, buffer } = av1Level(resolution, fps);
    return [
      ...['-c:v', 'libsvtav1', '-preset', preset, '-crf', String(crf)],
      ...['-level:v', level.replace('.', ''), '-maxrate', `${kbits}k`, '-bufsize', `${buffer}k`],
      ...['-g', String(gopFrames)],
      ...['-svtav1-params', ['lp=1:pin=0:irefresh-type=2:scd=0', ...(hdr ? svtHdr(hdr) : [])].join(':')],
      ...colourArgs(colour),
    ];
  },
};
