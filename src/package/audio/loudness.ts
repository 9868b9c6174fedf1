import { HullcastError } from '../../errors.js';

export interface Loudness {
  /** Integrated loudness, LUFS (EBU R 128, ITU-R BS.1770). */
  integrated: number;
  /** Loudness range, LU. */
  range: number;
  /** True peak, dBTP. */
  truePeak: number;
}

/** The measuring filter; its summary comes on standard error when the run ends. */
export const LOUDNESS_FILTER = 'ebur128=peak=true:framelog=quiet';

/** Absolute gate of BS.1770: the filter's answer where no block is louder. */
const GATE_LUFS = -70;

/**
 * Headroom that normalisation leaves before the encoder, dBTP. EBU R 128 allows −1 dBTP in what is heard; AAC adds up
 * to about 1 dB of overshoot.
 */
export const PEAK_LIMIT_DBTP = -2;

/** Reads the summary of `ebur128`. Undefined where all is silence; throws AUDIO_LOUDNESS where there is no summary. */
export function parseLoudness(stderr: readonly string[]): Loudness | undefined {
  const summary = stderr.slice(stderr.findLastIndex((line) => line.includes('Summary:')));
  const value = (pattern: RegExp): number => {
    const text = summary.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
    if (text === undefined) {
      throw new HullcastError('AUDIO_LOUDNESS', 'ffmpeg did not report the loudness of an audio track', {
        hint: 'Use an ffmpeg 7 with the ebur128 filter.',
      });
    }
    return text === '-inf' ? -Infinity : Number(text);
  };
  const loudness = {
    integrated: value(/^\s*I:\s+(-?[\d.]+|-inf) LUFS/),
    range: value(/^\s*LRA:\s+(-?[\d.]+|-inf) LU/),
    truePeak: value(/^\s*Peak:\s+(-?[\d.]+|-inf) dBFS/),
  };
  return loudness.integrated <= GATE_LUFS || !Number.isFinite(loudness.truePeak) ? undefined : loudness;
}

/**
 * Gain, dB, that brings a track to `target` LUFS: a plain gain, so the mix and its dynamics stay as they were made,
 * and never more than leaves the true peak at PEAK_LIMIT_DBTP; a track with high peaks stays below the target.
 */
export function normalisingGain(measured: Loudness | undefined, target: number): number {
  if (!measured) return 0;
  const gain = Math.min(target - measured.integrated, PEAK_LIMIT_DBTP - measured.truePeak);
  return Math.round(gain * 100) / 100;
}

/** The loudest dialogue level that E-AC-3 can carry, and the softest, dBFS; decoders leave the softest as it is. */
const DIALNORM = { most: -1, least: -31 } as const;

/**
 * Dialogue level of a programme after a gain, dBFS: its loudness as measured, to the nearest whole one, as ATSC A/85 (section
 * 7) wants it. Silence gets what decoders do not turn down.
 */
export function dialnormOf(measured: Loudness | undefined, gainDb: number): number {
  if (!measured) return DIALNORM.least;
  return Math.min(DIALNORM.most, Math.max(DIALNORM.least, Math.round(measured.integrated + gainDb)));
}
