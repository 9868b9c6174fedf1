import { CELLS, type Cells } from '../mark/index.js';
import type { Alignment } from './align.js';
import type { CellFrames } from './cells.js';
import type { SegmentCells } from './evidence.js';

/** Frames by which a copy may be off its alignment within a segment: frames that were left out or repeated. */
const SLACK = 2;
/** Share of a segment's frames that a copy must have. */
const LEAST_FRAMES = 0.25;

/** Both variants' frames from frame `start` of the title on. */
export interface TitleFrames {
  start: number;
  a: CellFrames;
  b: CellFrames;
}

type Pair = readonly [copyFrame: number, titleFrame: number];

/** Frames of the copy that show frames from..to of the title. */
export function pairsOf(copyFrames: number, at: Alignment, from: number, to: number, shift: number): Pair[] {
  const first = Math.max(0, Math.floor((from - at.offset - SLACK - 1) / at.speed));
  const last = Math.min(copyFrames - 1, Math.ceil((to - at.offset + SLACK + 1) / at.speed));
  const pairs: Pair[] = [];
  for (let frame = first; frame <= last; frame++) {
    const shown = Math.round(at.speed * frame + at.offset) + shift;
    if (shown >= from && shown < to) pairs.push([frame, shown]);
  }
  return pairs;
}

/** Mean square of the difference of paired frames, after which a shift is chosen. */
function unlikeness(copy: CellFrames, title: TitleFrames, pairs: readonly Pair[]): number {
  let sum = 0;
  for (const [frame, shown] of pairs) {
    const [at, to] = [frame * CELLS, (shown - title.start) * CELLS];
    for (let i = 0; i < CELLS; i++) {
      sum += (copy.values[at + i]! - (title.a.values[to + i]! + title.b.values[to + i]!) / 2) ** 2;
    }
  }
  return sum / pairs.length;
}

function meanOf({ values }: CellFrames, frames: readonly number[]): Cells {
  const mean = new Float32Array(CELLS);
  for (const frame of frames) {
    for (let i = 0; i < CELLS; i++) mean[i]! += values[frame * CELLS + i]! / frames.length;
  }
  return mean;
}

/** A segment's frames as copy and title have them; undefined where the copy has too few. */
export function segmentCells(
  copy: CellFrames,
  at: Alignment,
  title: TitleFrames,
  { segment, from, to }: { segment: number; from: number; to: number },
): SegmentCells | undefined {
  let best: { pairs: Pair[]; unlike: number } | undefined;
  for (let shift = -SLACK; shift <= SLACK; shift++) {
    const pairs = pairsOf(copy.frames, at, from, to, shift);
    if (pairs.length < LEAST_FRAMES * (to - from)) continue;
    const unlike = unlikeness(copy, title, pairs);
    if (!best || unlike < best.unlike) best = { pairs, unlike };
  }
  if (!best) return undefined;
  const shown = best.pairs.map(([, frame]) => frame - title.start);
  const own = best.pairs.map(([frame]) => frame);
  return { segment, copy: meanOf(copy, own), a: meanOf(title.a, shown), b: meanOf(title.b, shown) };
}
