import { plainText } from './format.js';

/** How much worse than its baseline a title may be before a check fails; each 0 or more. */
export interface Tolerances {
  /** Bit rate at equal VMAF (BD-rate), percent more. */
  bdRate: number;
  /** Bits of all renditions of a codec, percent more. */
  size: number;
  /** VMAF of the top rung, points less. */
  drop: number;
  /** CPU seconds of the whole title, percent more. */
  cost: number;
}

/**
 * The same master, parameters and tools give the same bytes and the same scores, so the first three need no room for
 * noise; they leave room for a change that moves a rung by a step of crf without making the title worse. CPU time does
 * vary: runs on one idle machine differ by some percent, on shared CI machines by far more.
 */
export const DEFAULT_TOLERANCES: Tolerances = { bdRate: 1, size: 2, drop: 1, cost: 25 };

/**
 * What is compared: bit rate at equal VMAF; bits of all rungs; of the top rung the mean and the 5th percentile of its
 * frames, and the mean of its worst chunk; CPU time.
 */
export type CheckName = 'bd-rate' | 'size' | 'top-mean' | 'top-p5' | 'top-chunk' | 'cost';

/** `not comparable`: there is no figure, and there should be one. `skipped`: there is none, for a good reason. */
export type CheckResult = 'pass' | 'fail' | 'not comparable' | 'skipped';

/** One figure of a title beside that of its baseline. */
export interface Comparison {
  check: CheckName;
  /** Null where the check is of the whole title. */
  codec: string | null;
  /** Of bd-rate the number of rungs, of size bits, of the top rung VMAF, of cost CPU seconds. */
  baseline: number;
  now: number;
  /** Of `change` and `tolerance`: percent of the baseline, or VMAF points. */
  unit: '%' | 'VMAF';
  /** Now against the baseline: in percent more is worse, in VMAF less is worse. Null where there is no figure. */
  change: number | null;
  /** Most that `change` may be on its worse side, 0 or more. */
  tolerance: number;
  result: CheckResult;
  /** What one should know about the figure, or why there is none. */
  note?: string;
}

/** A computed bound (1.05 times the bits against 5%) is not missed by the last bits of a double. */
const ROUNDING = 1e-9;

/** Whether something is at most `tolerance` worse; what is no number is not. */
export function within(worse: number, tolerance: number): boolean {
  return worse <= tolerance + ROUNDING;
}

/** Percent by which `now` is more than `baseline` (> 0). */
export function percentMore(baseline: number, now: number): number {
  return 100 * (now / baseline - 1);
}

type Compared = Pick<Comparison, 'check' | 'codec' | 'baseline' | 'now' | 'tolerance'>;

/** A figure of which more is worse. */
export function growth(compared: Compared): Comparison {
  const change = percentMore(compared.baseline, compared.now);
  const result = within(change, compared.tolerance) ? 'pass' : 'fail';
  return { ...compared, unit: '%', change, result };
}

/** A VMAF. */
export function fall(compared: Compared): Comparison {
  const change = compared.now - compared.baseline;
  const result = within(-change, compared.tolerance) ? 'pass' : 'fail';
  return { ...compared, unit: 'VMAF', change, result };
}

/** A comparison in a few words: `h264 bd-rate`, `cost`. */
export function comparisonName({ check, codec }: Pick<Comparison, 'check' | 'codec'>): string {
  return codec === null ? check : `${plainText(codec)} ${check}`;
}
