import type { Resolution } from '../types.js';
import { type FoundRung, distinct, nearest, totalsOf, worthwhile } from './found.js';
import { type CrfChoices, TitleModel, ceilingOf, crfGrid, planLadder, titleSeconds } from './ladder.js';
import { modelShots } from './model.js';
import { chooseTargets, planTargets, wantedForTargets } from './targets.js';
import type { Allocate, Measured, PlannedRung, SearchInput, Speed, Wanted } from './types.js';

/** Rounds of encodes after the seeds, with how far (crf) a measured encode may lie from where the plan wants it. */
const TOLERANCES: Record<Exclude<Speed, 'exhaustive'>, readonly number[]> = {
  draft: [2],
  default: [1, 2.5],
  thorough: [0.5, 1, 0.5],
};

/** The same for an encode that lies nearer to the plan of another rung. */
const SHARED_TOLERANCE = 1;

/** How far (crf) a rung that ships may be planned from the encode that it takes; with one crf for all shots, not at all. */
const REACH: Record<Allocate, number> = { shot: 1.5, title: 0 };

/** Seeds: one encode where the highest rungs will be, one at about half the height, where the middle ones will be. */
const SEED_CRF = 29;
const HALF_SIZE_SEED_CRF = 31;
/** Steps of crf between the points of the exhaustive grid. */
const EXHAUSTIVE_STEP = 2;

/** Encodes without which nothing can be said: the first round. */
export function seeds(input: SearchInput): Wanted[] {
  const [largest] = input.resolutions;
  const half = input.resolutions.findLast(({ height }) => height >= largest!.height * 0.45);
  const wanted = input.shots.flatMap(({ index }) => [
    { shot: index, resolution: largest!, crf: SEED_CRF },
    { shot: index, resolution: half ?? largest!, crf: HALF_SIZE_SEED_CRF },
  ]);
  return half && half.height < largest!.height ? wanted : wanted.filter((w) => w.crf === SEED_CRF);
}

/** Every resolution at every second crf: what judges the other speeds. */
function exhaustiveGrid(input: SearchInput): Wanted[] {
  const grid = crfGrid({ ...input.crf, step: EXHAUSTIVE_STEP });
  return input.shots.flatMap(({ index }) =>
    input.resolutions.flatMap((resolution) => grid.map((crf) => ({ shot: index, resolution, crf }))),
  );
}

/** The ladder that the measured points suggest. */
export function plan(input: SearchInput, measured: readonly Measured[]): PlannedRung[] {
  if (input.rungs) return worthwhile(planTargets(input, input.rungs, measured));
  const grid = crfGrid(input.crf);
  return planFrom(
    input,
    measured,
    input.shots.map(() => input.resolutions.map(() => grid)),
  );
}

function planFrom(input: SearchInput, measured: readonly Measured[], crfs: CrfChoices): PlannedRung[] {
  return planLadder(new TitleModel(input, modelShots(input, measured), crfs));
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
  const tolerances = TOLERANCES[input.speed];
  const tolerance = tolerances[round - 1];
  if (tolerance === undefined) return wantedForCap(round - tolerances.length, input, measured);
  const asked = plan(input, measured).flatMap((rung) =>
    rung.crf.map((crf, s) => {
      const want = { shot: input.shots[s]!.index, resolution: rung.resolution, crf };
      const near = nearest(measured, want);
      return { want, near, distance: near === undefined ? Infinity : Math.abs(near.crf - crf) };
    }),
  );
  // Two rungs that ship one encode of a shot differ less than they were meant to: only the nearer may be lax.
  const nearerOf = new Map<Measured, number>();
  for (const { near, distance } of asked) {
    if (near) nearerOf.set(near, Math.min(distance, nearerOf.get(near) ?? Infinity));
  }
  const missing = asked.filter(({ near, distance }) => {
    const shared = near !== undefined && distance > nearerOf.get(near)!;
    return distance > (shared ? Math.min(tolerance, SHARED_TOLERANCE) : tolerance);
  });
  return distinct(missing.map(({ want }) => want));
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
 * resolutions of which every shot has one; every rung then takes the encodes nearest to its plan. A rung that came out
 * nearer to the one above than half a step (of ln bit rate) is dropped. Best first, never empty.
 */
export function chooseLadder(input: SearchInput, measured: readonly Measured[]): FoundRung[] {
  if (input.rungs) return worthwhile(chooseTargets(input, input.rungs, measured));
  const grid = crfGrid(input.crf);
  const reach = REACH[input.allocate ?? 'shot'];
  const crfsOf = (shot: number, resolution: Resolution): number[] =>
    grid.filter((crf) => {
      const near = nearest(measured, { shot, resolution, crf });
      return near !== undefined && Math.abs(near.crf - crf) <= reach;
    });
  const resolutions = input.resolutions.filter((resolution) =>
    input.shots.every(({ index }) => crfsOf(index, resolution).length > 0),
  );
  const crfs = input.shots.map(({ index }) => resolutions.map((resolution) => crfsOf(index, resolution)));
  const halfStep = Math.sqrt(input.ladder.stepRatio);
  const kept: FoundRung[] = [];
  for (const { resolution, crf } of planFrom({ ...input, resolutions }, measured, crfs)) {
    const chosen = crf.map((c, s) => nearest(measured, { shot: input.shots[s]!.index, resolution, crf: c })!);
    const rung = withinCap(input, measured, { resolution, chosen, ...totalsOf(input, chosen) });
    const above = kept[kept.length - 1];
    if (!above || (rung.bits * halfStep <= above.bits && rung.vmaf < above.vmaf)) kept.push(rung);
  }
  return kept;
}

/** The rung; where what was measured costs more than maxBitrate allows, the best that was measured within it. */
function withinCap(input: SearchInput, measured: readonly Measured[], rung: FoundRung): FoundRung {
  const bitrate = ceilingOf(undefined, input.ladder);
  if (rung.bits <= bitrate * titleSeconds(input)) return rung;
  const { target: _target, ...capped } = chooseTargets(input, [{ bitrate }], measured)[0]!;
  return capped;
}
