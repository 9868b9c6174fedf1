import { paretoFront } from '../curve/index.js';

/** Two rungs whose bit rates are nearer to each other than this are one rung to a player. */
const LEAST_RATIO = 1.01;
/** Two rungs whose VMAF is nearer to each other than this look the same: scores of few frames resolve no more. */
const LEAST_GAIN = 0.1;

/**
 * The rungs that are worth their place, the best first, in whatever order they are given: each costs at least 1% more
 * bits than the next one and is better by at least VMAF 0.1. One that costs as much as a better one goes, and one that
 * looks like a cheaper one. Repairs move rungs after they were spaced, and some content answers to bits with nothing
 * (one colour) or with a worse picture (noise in a full buffer), so what the plan promised is made sure of here. Empty
 * only for no rungs.
 */
export function properLadder<R extends { bits: number; vmaf: number }>(rungs: readonly R[]): R[] {
  const front = paretoFront(rungs.map((rung) => ({ rate: rung.bits, quality: rung.vmaf, rung })));
  const distinct: R[] = [];
  for (const { rung } of front) {
    const below = distinct[distinct.length - 1];
    if (below === undefined || rung.vmaf >= below.vmaf + LEAST_GAIN) distinct.push(rung);
  }
  const kept: R[] = [];
  for (const rung of distinct.reverse()) {
    const above = kept[kept.length - 1];
    if (above === undefined || rung.bits * LEAST_RATIO <= above.bits) kept.push(rung);
  }
  return kept;
}
