import type { Resolution } from '../types.js';
import { EncodeIndex, type FoundRung, missing, totalsOf, usable } from './found.js';
import { TitleModel, freeTitle, planLadder } from './ladder.js';
import { ceilingOf, crfGrid, titleSeconds } from './limits.js';
import { modelShots } from './model.js';
import { crfAt, crfDistance, toX264 } from './prior.js';
import { properLadder } from './proper.js';
import { rivals } from './rivals.js';
import { lendersOf } from './similar.js';
import { chooseTargets, planTargets, wantedForTargets } from './targets.js';
import type { Allocate, Measured, PlannedRung, SearchInput, Speed, Wanted } from './types.js';

/** A round of encodes after the seeds. All distances are in crf of x264. */
interface Round {
  /**
   * How far a measured encode may lie from where the plan wants it; one that is not within it is encoded. Undefined for a
   * round that only looks where the plan might be wrong.
   */
  tolerance?: number;
  /** Other resolutions are probed while that is expected to save this share of a rung's bits. */
  leastGain?: number;
}

const ROUNDS: Record<Exclude<Speed, 'exhaustive'>, readonly Round[]> = {
  draft: [{ tolerance: 2 }],
  default: [{ leastGain: 0.03 }, { tolerance: 1.5 }, { tolerance: 2.5, leastGain: 0.08 }],
  thorough: [{ leastGain: 0.02 }, { tolerance: 1, leastGain: 0.01 }, { tolerance: 1 }, { tolerance: 0.5 }],
};

/** Tolerances are at most this for the highest rung, which has a goal, and for an encode nearer to another rung's plan. */
const CLOSE_TOLERANCE = 1;

/** How far a rung that ships may be planned from the encode that it takes; with one crf for all shots, not at all. */
const REACH: Record<Allocate, number> = { shot: 1.5, title: 0 };

/**
 * Seeds: one encode where the highest rungs will be, one at about half the height, where the middle ones will be; as
 * logits of what the resolution can reach (x264's crf 29 and 31 for ordinary content).
 */
const SEED_LOGIT = 2.27;
const HALF_SIZE_SEED_LOGIT = 1.07;
/** Distance between the points of the exhaustive grid. */
const EXHAUSTIVE_STEP = 2;

/** The value of crf that may be used nearest to `crf`. */
function onGrid({ crf: { min, max, step } }: SearchInput, crf: number): number {
  return Math.min(max, Math.max(min, min + Math.round((crf - min) / step) * step));
}

/** Encodes without which nothing can be said: the first round. Shots that are lent a first guess have none. */
export function seeds(input: SearchInput): Wanted[] {
  const largest = input.resolutions[0]!;
  const half = input.resolutions.findLast(({ height }) => height >= largest.height * 0.45)!;
  const seed = (resolution: Resolution, logit: number): Omit<Wanted, 'shot'> => {
    const scale = Math.min(1, resolution.height / input.referenceHeight);
    return { resolution, crf: onGrid(input, crfAt(input.codec, scale, logit)) };
  };
  const each = [seed(largest, SEED_LOGIT)];
  if (half.height < largest.height) each.push(seed(half, HALF_SIZE_SEED_LOGIT));
  const leaders = new Set(lendersOf(input));
  return input.shots.flatMap(({ index }, position) =>
    leaders.has(position) ? each.map((wanted) => ({ shot: index, ...wanted })) : [],
  );
}

/** Every resolution at every second crf of x264, or what that is in another codec: what judges the other speeds. */
function exhaustiveGrid(input: SearchInput): Wanted[] {
  const stride = (crf: number): number => Math.floor((toX264(input.codec, crf) - first) / EXHAUSTIVE_STEP);
  const first = toX264(input.codec, input.crf.min);
  const all = crfGrid(input.crf);
  const grid = all.filter((crf, i) => i === 0 || stride(crf) > stride(all[i - 1]!));
  return input.shots.flatMap(({ index }) =>
    input.resolutions.flatMap((resolution) => grid.map((crf) => ({ shot: index, resolution, crf }))),
  );
}

/** The ladder that the measured points suggest. */
export function plan(input: SearchInput, measured: readonly Measured[]): PlannedRung[] {
  if (input.rungs) return properLadder(planTargets(input, input.rungs, measured));
  return planLadder(freeTitle(input, modelShots(input, measured)), (rung) => rung);
}

/**
 * What to encode in round `round` (0, 1, …) given all that was measured in the rounds before; undefined when the
 * search is over. A pure function: the same measurements always ask for the same encodes.
 */
export function wantedIn(
  round: number,
  input: SearchInput,
  measured: readonly Measured[],
): Wanted[] | undefined {
  if (round === 0) return input.speed === 'exhaustive' ? exhaustiveGrid(input) : seeds(input);
  if (input.rungs) return wantedForTargets(round, input, input.rungs, measured);
  if (input.speed === 'exhaustive') return undefined;
  const rounds = ROUNDS[input.speed];
  const now = rounds[round - 1];
  if (now === undefined) return wantedForCap(round - rounds.length, input, measured);
  const models = modelShots(input, measured);
  const title = freeTitle(input, models);
  const rungs = planLadder(title, (rung) => rung);
  const { tolerance, leastGain } = now;
  const wanted = tolerance === undefined ? [] : farFrom(input, rungs, measured, tolerance);
  return leastGain === undefined
    ? wanted
    : [...wanted, ...rivals(title, models, rungs, { measured, wanted, leastGain })];
}

/** What these rungs want and no encode is near to. */
function farFrom(
  input: SearchInput,
  rungs: readonly PlannedRung[],
  measured: readonly Measured[],
  tolerance: number,
): Wanted[] {
  const shippable = new EncodeIndex(input, usable(input, measured));
  const asked = rungs.flatMap((rung, place) =>
    rung.crf.map((crf, s) => {
      const want = { shot: input.shots[s]!.index, resolution: rung.resolution, crf };
      const near = shippable.nearest(want);
      const distance = near === undefined ? Infinity : crfDistance(input.codec, near.crf, crf);
      return { want, near, distance, highest: place === 0 };
    }),
  );
  // Two rungs that ship one encode of a shot differ less than they were meant to: only the nearer may be lax.
  const nearerOf = new Map<Measured, number>();
  for (const { near, distance } of asked) {
    if (near) nearerOf.set(near, Math.min(distance, nearerOf.get(near) ?? Infinity));
  }
  const off = asked.filter(({ near, distance, highest }) => {
    const shared = near !== undefined && distance > nearerOf.get(near)!;
    return distance > (shared || highest ? Math.min(tolerance, CLOSE_TOLERANCE) : tolerance);
  });
  return missing(
    off.map(({ want }) => want),
    measured,
  );
}

/** Corrections of the highest rung where maxBitrate holds it down: a cap is kept exactly, spacing is not. */
function wantedForCap(
  round: number,
  input: SearchInput,
  measured: readonly Measured[],
): Wanted[] | undefined {
  const { maxBitrate, ...free } = input.ladder;
  if (maxBitrate === undefined) return undefined;
  const [top] = plan({ ...input, ladder: free }, measured);
  if (top!.bits <= maxBitrate * titleSeconds(input)) return undefined;
  return wantedForTargets(1 + round, input, [{ bitrate: maxBitrate }], measured);
}

/**
 * The ladder of measured encodes. Rungs that were asked for are chosen as `chooseTargets` does, without those that a
 * cheaper one matches. Else the ladder is planned once more, from values of crf near which there are encodes, at
 * resolutions of which every shot has one; every rung takes the encodes nearest to its plan, and the next one is planned
 * below what that came to. Best first, never empty.
 */
export function chooseLadder(input: SearchInput, all: readonly Measured[]): FoundRung[] {
  if (input.rungs) return properLadder(chooseTargets(input, input.rungs, all));
  const measured = usable(input, all);
  const encodes = new EncodeIndex(input, measured);
  const grid = crfGrid(input.crf);
  const reach = REACH[input.allocate ?? 'shot'];
  const crfsOf = (shot: number, resolution: Resolution): number[] =>
    grid.filter((crf) => {
      const near = encodes.nearest({ shot, resolution, crf });
      return near !== undefined && crfDistance(input.codec, near.crf, crf) <= reach;
    });
  const crfs = input.shots.map(({ index }) =>
    input.resolutions.map((resolution) => crfsOf(index, resolution)),
  );
  return planLadder(new TitleModel(input, modelShots(input, all), crfs), ({ resolution, crf }) => {
    const chosen = crf.map((c, s) => encodes.nearest({ shot: input.shots[s]!.index, resolution, crf: c })!);
    return withinCap(input, measured, { resolution, chosen, ...totalsOf(input, chosen) });
  });
}

/** The rung; where what was measured costs more than maxBitrate allows, the best that was measured within it. */
function withinCap(input: SearchInput, measured: readonly Measured[], rung: FoundRung): FoundRung {
  const bitrate = ceilingOf(undefined, input.ladder);
  if (rung.bits <= bitrate * titleSeconds(input)) return rung;
  const { target: _target, ...capped } = chooseTargets(input, [{ bitrate }], measured)[0]!;
  return capped;
}
