import type { Resolution } from '../types.js';
import { type CrfChoices, TitleModel, crfGrid, planLadder } from './ladder.js';
import { modelShot } from './model.js';
import { crfAt, crfUnit, priorOf } from './prior.js';
import type { Measured, PlannedRung, SearchInput, Speed, Wanted } from './types.js';

/** A rung as found: for every shot the measured encode that it ships. */
export interface FoundRung {
  resolution: { width: number; height: number };
  /** By position in SearchInput.shots. */
  chosen: Measured[];
  bits: number;
  /** Mean over all frames. */
  vmaf: number;
}

/**
 * Rounds of encodes after the seeds, with how far a measured encode may lie from where the plan wants it. All distances
 * are in crf of x264; crfUnit turns them into another codec's.
 */
const TOLERANCES: Record<Exclude<Speed, 'exhaustive'>, readonly number[]> = {
  draft: [2],
  default: [1, 2.5],
};

/** The same for an encode that lies nearer to the plan of another rung. */
const SHARED_TOLERANCE = 1;

/** How far a rung that ships may be planned from the encode that it takes. */
const REACH = 1.5;

/**
 * Seeds: one encode where the highest rungs will be, one at about half the height, where the middle ones will be; as
 * logits of what the resolution can reach (x264's crf 29 and 31 for ordinary content).
 */
const SEED_LOGIT = 2.27;
const HALF_SIZE_SEED_LOGIT = 1.07;
/** Distance between the points of the exhaustive grid. */
const EXHAUSTIVE_STEP = 2;

const key = ({ shot, resolution, crf }: Wanted): string =>
  `${shot}:${resolution.width}x${resolution.height}:${crf}`;

/** The value of crf that may be used nearest to `crf`. */
function onGrid({ crf: { min, max, step } }: SearchInput, crf: number): number {
  return Math.min(max, Math.max(min, min + Math.round((crf - min) / step) * step));
}

/** Encodes without which nothing can be said: the first round. */
export function seeds(input: SearchInput): Wanted[] {
  const prior = priorOf(input.codec);
  const largest = input.resolutions[0]!;
  const half = input.resolutions.findLast(({ height }) => height >= largest.height * 0.45)!;
  const seed = (resolution: Resolution, logit: number): Omit<Wanted, 'shot'> => {
    const scale = Math.min(1, resolution.height / input.referenceHeight);
    return { resolution, crf: onGrid(input, crfAt(prior, scale, logit)) };
  };
  const each = [seed(largest, SEED_LOGIT)];
  if (half.height < largest.height) each.push(seed(half, HALF_SIZE_SEED_LOGIT));
  return input.shots.flatMap(({ index }) => each.map((wanted) => ({ shot: index, ...wanted })));
}

/** Every resolution at every second crf of x264, or what that is in another codec: what judges the other speeds. */
function exhaustiveGrid(input: SearchInput): Wanted[] {
  const { step } = input.crf;
  const stride = Math.max(1, Math.round((EXHAUSTIVE_STEP * crfUnit(input.codec)) / step));
  const grid = crfGrid(input.crf).filter((_, i) => i % stride === 0);
  return input.shots.flatMap(({ index }) =>
    input.resolutions.flatMap((resolution) => grid.map((crf) => ({ shot: index, resolution, crf }))),
  );
}

/** The ladder that the measured points suggest. */
export function plan(input: SearchInput, measured: readonly Measured[]): PlannedRung[] {
  const grid = crfGrid(input.crf);
  return planFrom(
    input,
    measured,
    input.shots.map(() => input.resolutions.map(() => grid)),
  );
}

function planFrom(input: SearchInput, measured: readonly Measured[], crfs: CrfChoices): PlannedRung[] {
  const models = input.shots.map(({ index }) =>
    modelShot(
      input,
      measured.filter((m) => m.shot === index),
    ),
  );
  return planLadder(new TitleModel(input, models, crfs));
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
  if (input.speed === 'exhaustive') return round === 0 ? exhaustiveGrid(input) : undefined;
  if (round === 0) return seeds(input);
  const tolerance = TOLERANCES[input.speed][round - 1];
  if (tolerance === undefined) return undefined;
  const unit = crfUnit(input.codec);
  const asked = plan(input, measured).flatMap((rung) =>
    rung.crf.map((crf, s) => {
      const want = { shot: input.shots[s]!.index, resolution: rung.resolution, crf };
      const near = nearest(measured, want);
      return { want, near, distance: near === undefined ? Infinity : Math.abs(near.crf - crf) / unit };
    }),
  );
  // Two rungs that ship one encode of a shot differ less than they were meant to: only the nearer may be lax.
  const nearerOf = new Map<Measured, number>();
  for (const { near, distance } of asked) {
    if (near) nearerOf.set(near, Math.min(distance, nearerOf.get(near) ?? Infinity));
  }
  const wanted = new Map<string, Wanted>();
  for (const { want, near, distance } of asked) {
    const shared = near !== undefined && distance > nearerOf.get(near)!;
    if (distance > (shared ? Math.min(tolerance, SHARED_TOLERANCE) : tolerance)) wanted.set(key(want), want);
  }
  return [...wanted.values()];
}

function nearest(measured: readonly Measured[], want: Wanted): Measured | undefined {
  let best: Measured | undefined;
  for (const m of measured) {
    if (m.shot !== want.shot || m.resolution.height !== want.resolution.height) continue;
    const closer = best === undefined ? -1 : Math.abs(m.crf - want.crf) - Math.abs(best.crf - want.crf);
    if (best === undefined || closer < 0 || (closer === 0 && m.crf < best.crf)) best = m;
  }
  return best;
}

/**
 * The ladder of measured encodes. It is planned once more, from values of crf near which there are encodes, at resolutions
 * of which every shot has one; every rung then takes the encodes nearest to its plan. A rung that came out nearer to the
 * one above than half a step (of ln bit rate) is dropped. Best first, never empty.
 */
export function chooseLadder(input: SearchInput, measured: readonly Measured[]): FoundRung[] {
  const frames = input.shots.reduce((sum, shot) => sum + shot.frames, 0);
  const grid = crfGrid(input.crf);
  const reach = REACH * crfUnit(input.codec);
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
    const bits = chosen.reduce((sum, m) => sum + m.bits, 0);
    const quality = chosen.reduce((sum, m, s) => sum + m.vmaf * input.shots[s]!.frames, 0);
    const rung = { resolution, chosen, bits, vmaf: quality / frames };
    const above = kept[kept.length - 1];
    if (!above || (rung.bits * halfStep <= above.bits && rung.vmaf < above.vmaf)) kept.push(rung);
  }
  return kept;
}
