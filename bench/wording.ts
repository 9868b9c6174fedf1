import type { Comparison } from './figures.js';

/** How figures are written in tables; what there is none of is `n/a`. */

/** A percentage with its sign, e.g. `−31.4%`. */
export function signedPercent(percent: number): string {
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)}%`;
}

export function percentOrNone(percent: number | undefined): string {
  return percent === undefined ? 'n/a' : signedPercent(percent);
}

/** A BD-rate with the range of VMAF that it is a mean over, e.g. `−31.4% (44–95)`. */
export function withRange(comparison: Comparison | undefined): string {
  if (!comparison) return 'n/a';
  const { percent, low, high } = comparison;
  return `${signedPercent(percent)} (${low.toFixed(0)}–${high.toFixed(0)})`;
}

/** A share of 0..1 in percent, e.g. `12.3%`. */
export function percentOf(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

/** A ratio, e.g. `1.59×`. */
export function multiple(ratio: number | undefined): string {
  return ratio === undefined ? 'n/a' : `${ratio.toFixed(2)}×`;
}
