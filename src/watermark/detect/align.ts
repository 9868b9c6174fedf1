import { type Signatures, alike } from './signature.js';

/** Where a copy lies in its title: its frame i shows frame speed · i + offset of the title. */
export interface Alignment {
  speed: number;
  /** Frames of the title; negative where the copy begins before it. */
  offset: number;
  /** Mean correlation of their frames, −1..1. */
  score: number;
}

/** Film at 24 that runs at 25 and the other way round, and the same for the rates of NTSC. */
const SPEEDS = [1, 25 / 24, 24 / 25, 1001 / 1000, 1000 / 1001];
/** Frames from one offset to the next in the first search. */
const STEP = 2;
/** Frames of the copy that are looked for: first, and in the refinement. */
const PROBES = { first: 48, refined: 240 };
/** Share of the frames that are looked for that must fall into the title. */
const LEAST_INSIDE = 0.5;
/** A copy of the title is at least so like it. */
const LEAST_SCORE = 0.8;
/** What is so much worse than the best is another place. */
const WORSE = 0.03;
/** Places that are nearer to one another, frames, are the same. */
const SAME = 12;
const MOST = 4;

/** Up to `count` frames, evenly spread, that have something to tell them by. */
function probesOf({ frames, telling }: Signatures, count: number): number[] {
  const all: number[] = [];
  for (let frame = 0; frame < frames; frame++) if (telling[frame] === 1) all.push(frame);
  const step = Math.max(1, all.length / count);
  return Array.from({ length: Math.min(count, all.length) }, (_, i) => all[Math.floor(i * step)]!);
}

function scoreAt(
  title: Signatures,
  copy: Signatures,
  probes: readonly number[],
  { speed, offset }: Pick<Alignment, 'speed' | 'offset'>,
): number {
  let [sum, inside] = [0, 0];
  for (const probe of probes) {
    const frame = Math.round(speed * probe + offset);
    if (frame < 0 || frame >= title.frames) continue;
    inside++;
    sum += alike(title, frame, copy, probe);
  }
  return inside < LEAST_INSIDE * probes.length || inside === 0 ? -1 : sum / inside;
}

/** The best of a few offsets about one, at every speed, over more frames; of equals the one at the title's own speed. */
function refine(title: Signatures, copy: Signatures, probes: readonly number[], from: Alignment): Alignment {
  let best = { ...from, score: -1 };
  for (const speed of SPEEDS) {
    for (let offset = from.offset - STEP; offset <= from.offset + STEP; offset++) {
      const score = scoreAt(title, copy, probes, { speed, offset });
      if (score > best.score + 1e-6) best = { speed, offset, score };
    }
  }
  return best;
}

/**
 * Where in the title a copy may be from, the likeliest first: several places where the title repeats itself, none where it
 * does not show it. Both have the same frame rate.
 */
export function align(title: Signatures, copy: Signatures): Alignment[] {
  const first = probesOf(copy, PROBES.first);
  if (first.length === 0) return [];
  const found: Alignment[] = [];
  for (const speed of SPEEDS) {
    for (let offset = -Math.floor(copy.frames * speed); offset < title.frames; offset += STEP) {
      const score = scoreAt(title, copy, first, { speed, offset });
      if (score > LEAST_SCORE - WORSE) found.push({ speed, offset, score });
    }
  }
  found.sort((x, y) => y.score - x.score);
  const places: Alignment[] = [];
  const end = ({ speed, offset }: Alignment): number => speed * copy.frames + offset;
  const near = (x: Alignment, y: Alignment): boolean =>
    Math.abs(x.offset - y.offset) < SAME && Math.abs(end(x) - end(y)) < SAME;
  for (const candidate of found) {
    if (places.length < MOST && !places.some((place) => near(place, candidate))) places.push(candidate);
  }
  const probes = probesOf(copy, PROBES.refined);
  const refined = places.map((place) => refine(title, copy, probes, place)).sort((x, y) => y.score - x.score);
  const least = Math.max(LEAST_SCORE, (refined[0]?.score ?? 1) - WORSE);
  return refined.filter(({ score }) => score >= least);
}
