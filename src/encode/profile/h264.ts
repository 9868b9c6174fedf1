import { toNumber } from '../../media/index.js';
import type { Rational } from '../../media/index.js';
import type { Resolution } from '../types.js';
import { colourArgs } from './colour.js';
import type { CodecProfile } from './profile.js';

/** Limits of H.264 levels (ITU-T H.264 table A-1): macroblocks a second and a frame, bit rate and buffer in kbit(/s). */
const LEVELS = [
  { level: '3.0', perSecond: 40_500, perFrame: 1_620, kbits: 10_000, buffer: 10_000 },
  { level: '3.1', perSecond: 108_000, perFrame: 3_600, kbits: 14_000, buffer: 14_000 },
  { level: '3.2', perSecond: 216_000, perFrame: 5_120, kbits: 20_000, buffer: 20_000 },
  { level: '4.0', perSecond: 245_760, perFrame: 8_192, kbits: 20_000, buffer: 25_000 },
  { level: '4.2', perSecond: 522_240, perFrame: 8_704, kbits: 50_000, buffer: 62_500 },
  { level: '5.0', perSecond: 589_824, perFrame: 22_080, kbits: 135_000, buffer: 135_000 },
  { level: '5.1', perSecond: 983_040, perFrame: 36_864, kbits: 240_000, buffer: 240_000 },
  { level: '5.2', perSecond: 2_073_600, perFrame: 36_864, kbits: 240_000, buffer: 240_000 },
  { level: '6.2', perSecond: 16_711_680, perFrame: 139_264, kbits: 800_000, buffer: 800_000 },
] as const;

/** High profile may use 1.25 times a level's bit rate and buffer (H.264 table A-2, cpbBrVclFactor 1250). */
const HIGH_PROFILE_FACTOR = 1.25;

/** The lowest level that fits, with the bit rate and buffer that High profile may use in it, kbit(/s). */
export function h264Level(
  { width, height }: Resolution,
  fps: Rational,
): { level: string; maxrate: number; bufsize: number } {
  const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const fits = LEVELS.find((l) => blocks <= l.perFrame && blocks * toNumber(fps) <= l.perSecond);
  const chosen = fits ?? LEVELS[LEVELS.length - 1]!;
  return {
    level: chosen.level,
    maxrate: chosen.kbits * HIGH_PROFILE_FACTOR,
    bufsize: chosen.buffer * HIGH_PROFILE_FACTOR,
  };
}

const PRESETS = [
  ...['ultrafast', 'superfast', 'veryfast', 'faster', 'fast'],
  ...['medium', 'slow', 'slower', 'veryslow', 'placebo'],
];

/** Presets that decide by rate and distortion (subme 6 and more); psychovisual optimisation is part of that. */
const PSYCHOVISUAL = PRESETS.slice(PRESETS.indexOf('fast'));

/** Without its psychovisual optimisation x264 no longer lowers the QP of chroma, which is in the picture parameter set. */
const NO_PSY = 'psy=0:chroma-qp-offset=-2';

/**
 * H.264 by x264, High profile, 8 bit. `stitchable` keeps the picture parameter set equal over all crf, without scene
 * cuts key frames fall on the planned frames alone, and the SEI with x264's settings is dropped.
 */
export const h264: CodecProfile = {
  codec: 'h264',
  encoder: 'libx264',
  crf: { min: 14, max: 46, step: 0.5 },
  presets: PRESETS,
  defaultPreset: 'medium',
  passes: 1,
  tunes: (preset) => (PSYCHOVISUAL.includes(preset) ? ['plain'] : []),
  crfBreaks: () => [],
  limits(resolution, fps) {
    const { level, maxrate } = h264Level(resolution, fps);
    return { level, kbits: maxrate };
  },
  pixelFormat: () => 'yuv420p',
  encodeArgs({ preset, crf, resolution, fps, gopFrames, colour, tune }) {
    const { level, maxrate, bufsize } = h264Level(resolution, fps);
    const params = 'stitchable=1:scenecut=0:open-gop=0:lookahead-threads=1';
    return [
      ...['-c:v', 'libx264', '-preset', preset, '-crf', String(crf), '-threads', '1'],
      ...['-profile:v', 'high', '-level:v', level, '-maxrate', `${maxrate}k`, '-bufsize', `${bufsize}k`],
      ...['-g', String(gopFrames), '-keyint_min', String(gopFrames)],
      ...['-x264-params', tune === 'plain' ? `${params}:${NO_PSY}` : params],
      ...colourArgs(colour),
      ...['-bsf:v', 'filter_units=remove_types=6'],
    ];
  },
};
