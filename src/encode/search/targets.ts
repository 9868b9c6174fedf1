import { EncodeIndex, type FoundRung, missing, totalsOf, usable } from './found.js';
import { TitleModel, freeTitle } from './ladder.js';
import { ceilingOf, crfGrid, titleSeconds } from './limits.js';
import { type Models, type ShotModel, modelShots } from './model.js';
import { crfDistance } from './prior.js';
import type { Measured, PlannedRung, RungTarget, SearchInput, Speed, Wanted } from './types.js';

/** How far (crf of x264) an encode may lie from where the first plan of a rung wants it. */
const FIRST_TOLERANCE: Record<Speed, number> = { draft: 2, default: 1, thorough: 0.5, exhaustive: 1 };

/** Rounds of corrections after that; only rungs that miss what was asked for cost any. */
const CORRECTIONS = 6;

/** How far (crf of x264) from its plan a rung looks for encodes that add up to what was asked for. */
const REACH = 1.5;

/** A rung may fall this much short of a VMAF that was asked for. */
const VMAF_SHORT = 0.1;
/** A rung whose bits are this near to its plan's (ratio) is not corrected. */
const CLOSE = 0.97;

/** The rungs that were asked for as the measured points suggest them, in the order of asking. */
export function planTargets(
  input: SearchInput,
  targets: readonly RungTarget[],
  measured: readonly Measured[],
): PlannedRung[] {
  return planWith(input, targets, modelShots(input, measured));
}

function planWith(input: SearchInput, targets: readonly RungTarget[], models: Models): PlannedRung[] {
  const title = freeTitle(input, models);
  return targets.map((target) => title.rungAt(target));
}

/**
 * What to encode for these rungs in round `round` (1, 2, …): first what the plan wants, then, exactly, what the plan
 * wants of the rungs that are still not what was asked for. Undefined when the search is over.
 */
export function wantedForTargets(
  round: number,
  input: SearchInput,
  targets: readonly RungTarget[],
  measured: readonly Measured[],
): Wanted[] | undefined {
  if (round > 1 + CORRECTIONS) return undefined;
  const tolerance = round === 1 ? FIRST_TOLERANCE[input.speed] : 0;
  const models = modelShots(input, measured);
  const planned = planWith(input, targets, models);
  const chosen = round === 1 ? [] : chooseWith(input, targets, measured, models);
  const shippable = new EncodeIndex(input, usable(input, measured));
  const off = planned.flatMap((rung, i) => {
    const { resolution, crf } = rung;
    const found = chosen[i];
    if (found && isClose(input, targets[i]!, found, rung)) return [];
    return crf.flatMap((c, s) => {
      const want = { shot: input.shots[s]!.index, resolution, crf: c };
      const near = shippable.nearest(want);
      return near && crfDistance(input.codec, near.crf, c) <= tolerance ? [] : [want];
    });
  });
  const wanted = missing(off, measured);
  // From the second round on every one asks the same question: without a new encode the answer stays.
  return round > 1 && wanted.length === 0 ? undefined : wanted;
}

/** True where a rung keeps its target, and costs hardly more than planned, or uses nearly all that it may. */
function isClose(input: SearchInput, target: RungTarget, found: FoundRung, planned: PlannedRung): boolean {
  if (!meetsTarget(input, target, found)) return false;
  return 'vmaf' in target ? found.bits * CLOSE <= planned.bits : found.bits >= CLOSE * planned.bits;
}

/** True where a rung keeps to its bit rate and to maxBitrate, and reaches the VMAF that was asked for (within 0.1). */
export function meetsTarget(
  input: SearchInput,
  target: RungTarget,
  { bits, vmaf }: Pick<FoundRung, 'bits' | 'vmaf'>,
): boolean {
  if (bits > ceilingOf(target, input.ladder) * titleSeconds(input)) return false;
  return !('vmaf' in target) || vmaf >= target.vmaf - VMAF_SHORT;
}

/**
 * Each of these rungs from measured encodes alone, so that what it comes to is what ships: of the encodes near its plan,
 * those that together meet the target; where they cannot, of all at that resolution. One for each target, in their order.
 */
export function chooseTargets(
  input: SearchInput,
  targets: readonly RungTarget[],
  all: readonly Measured[],
): FoundRung[] {
  return chooseWith(input, targets, all, modelShots(input, all));
}

function chooseWith(
  input: SearchInput,
  targets: readonly RungTarget[],
  all: readonly Measured[],
  models: Models,
): FoundRung[] {
  const measured = new EncodeIndex(input, usable(input, all));
  const grid = crfGrid(input.crf);
  const crfs = input.shots.map(({ index }) =>
    input.resolutions.map((resolution) =>
      grid.filter((crf) => measured.of({ shot: index, resolution, crf }).length > 0),
    ),
  );
  const title = new TitleModel(input, models, crfs);
  const possible = targets.filter(({ resolution }) => !resolution || title.has(resolution));
  return possible.map((target) => {
    const planned = title.rungAt(target);
    const near = chooseNear(input, models, measured, planned, target, REACH);
    if (meetsTarget(input, target, near)) return near;
    const any = chooseNear(input, models, measured, planned, target, Infinity);
    return meetsTarget(input, target, any) || isOver(input, target, near) ? any : near;
  });
}

const isOver = (input: SearchInput, target: RungTarget, { bits }: FoundRung): boolean =>
  bits > ceilingOf(target, input.ladder) * titleSeconds(input);

/** The best choice for a target of the encodes that lie within `reach` (crf of x264) of its plan, at least the nearest. */
function chooseNear(
  input: SearchInput,
  models: Models,
  measured: EncodeIndex,
  { resolution, crf: planned }: PlannedRung,
  target: RungTarget,
  reach: number,
): FoundRung {
  const r = input.resolutions.findIndex(({ height }) => height === resolution.height);
  const encodes = input.shots.map(({ index }, s) => {
    const want = { shot: index, resolution, crf: planned[s]! };
    const near = measured.nearest(want)!;
    const away = (crf: number): number => crfDistance(input.codec, crf, planned[s]!);
    const within = Math.max(reach, away(near.crf));
    const here = measured.of(want).filter((m) => away(m.crf) <= within);
    return new Map(here.toSorted((a, b) => a.crf - b.crf).map((m) => [m.crf, m]));
  });
  const exact = encodes.map((byCrf, s): ShotModel[] => [
    {
      bits: (crf) => byCrf.get(crf)!.bits,
      vmaf: (crf) => byCrf.get(crf)!.vmaf,
      spread: () => 0, // measured
      peakFactor: models[s]![r]!.peakFactor,
    },
  ]);
  const crfs = encodes.map((byCrf) => [[...byCrf.keys()]]);
  const { crf } = new TitleModel({ ...input, resolutions: [resolution] }, exact, crfs).rungAt(target);
  const chosen = crf.map((c, s) => encodes[s]!.get(c)!);
  return { resolution, chosen, ...totalsOf(input, chosen), target };
}
