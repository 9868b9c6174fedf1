import type { SearchInput } from './types.js';

/**
 * How much two shots may differ (as a ratio) and still lend each other a first guess: parts of one long shot, and setups
 * that a film returns to. docs/decisions/0003-search.md has the figures.
 */
const MOST_APART = { spatial: 1.1, temporal: 1.3 };

/** Keeps ratios of still pictures finite; far below what a viewer sees as motion (luma, 0..255). */
const LEAST_ACTIVITY = 0.1;

function alike(a: number, b: number, most: number): boolean {
  const [low, high] = [Math.min(a, b) + LEAST_ACTIVITY, Math.max(a, b) + LEAST_ACTIVITY];
  return high <= low * most;
}

/**
 * For every shot the position of the one whose encodes give it a first guess: the nearest before it that is like it in
 * spatial and temporal activity, and has no lender itself; its own where there is none, or nothing is known of it.
 */
export function lendersOf({ shots }: Pick<SearchInput, 'shots'>): number[] {
  const lenders: number[] = [];
  const leaders: number[] = [];
  shots.forEach(({ complexity }, position) => {
    const lender = leaders.findLast((leader) => {
      const its = shots[leader]!.complexity;
      if (!complexity || !its) return false;
      return (
        alike(complexity.spatial, its.spatial, MOST_APART.spatial) &&
        alike(complexity.temporal, its.temporal, MOST_APART.temporal)
      );
    });
    if (lender === undefined) leaders.push(position);
    lenders.push(lender ?? position);
  });
  return lenders;
}
