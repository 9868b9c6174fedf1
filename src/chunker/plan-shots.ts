import { badUsage } from '../errors.js';
import type { Cut } from './cut-rules.js';

export interface ShotLimits {
  /** Frames. */
  minFrames: number;
  /** Frames; at least 2 × minFrames − 1. */
  maxFrames: number;
}

/** Half-open run of frames. */
export interface Span {
  startFrame: number;
  endFrame: number;
}

/**
 * Shots from cuts: they partition [0, frames), each has minFrames … maxFrames frames (a title shorter than minFrames
 * is one shot). Of cuts too near to each other those are kept whose strengths sum to most: a short shot joins the
 * neighbour it is more like. A shot that is too long is split into the fewest parts of equal length (± 1 frame).
 *
 * @param cuts ascending by frame; those outside 1 … frames − 1 are ignored
 * @throws SHOT_LIMITS where the limits contradict each other
 */
export function planShots(cuts: readonly Cut[], frames: number, limits: ShotLimits): Span[] {
  checkLimits(limits);
  const edges = [0, ...keepCuts(cuts, frames, limits.minFrames), frames];
  return edges.slice(1).flatMap((end, i) => split(edges[i]!, end, limits.maxFrames));
}

function checkLimits({ minFrames, maxFrames }: ShotLimits): void {
  const whole = Number.isSafeInteger(minFrames) && Number.isSafeInteger(maxFrames);
  if (whole && minFrames >= 1 && maxFrames >= 2 * minFrames - 1) return;
  throw badUsage(
    'SHOT_LIMITS',
    `shots cannot have ${minFrames} to ${maxFrames} frames: the longest must be at least ${2 * minFrames - 1}`,
    'Raise the longest or lower the shortest shot.',
  );
}

/**
 * The cuts with the greatest sum of strengths among those sets that leave no shot shorter than minFrames. Dynamic
 * programming over the cuts; of equal sums the earlier cuts win.
 */
function keepCuts(cuts: readonly Cut[], frames: number, minFrames: number): number[] {
  const usable = cuts.filter((cut) => cut.frame >= minFrames && cut.frame <= frames - minFrames);
  /** best[n]: greatest sum with the first n cuts; taken[n]: how many cuts are left to choose from when the n-th is kept. */
  const best: number[] = [0];
  const taken: (number | undefined)[] = [undefined];
  let free = 0;
  for (const [n, cut] of usable.entries()) {
    while (free < n && usable[free]!.frame <= cut.frame - minFrames) free++;
    const sum = best[free]! + cut.strength;
    const keep = sum > best[n]!;
    best.push(keep ? sum : best[n]!);
    taken.push(keep ? free : undefined);
  }
  const kept: number[] = [];
  for (let n = usable.length; n > 0;) {
    const left = taken[n];
    if (left !== undefined) kept.push(usable[n - 1]!.frame);
    n = left ?? n - 1;
  }
  return kept.reverse();
}

function split(startFrame: number, endFrame: number, maxFrames: number): Span[] {
  const length = endFrame - startFrame;
  const parts = Math.ceil(length / maxFrames);
  const edge = (part: number): number => startFrame + Math.floor((length * part) / parts);
  return Array.from({ length: parts }, (_, part) => ({ startFrame: edge(part), endFrame: edge(part + 1) }));
}
