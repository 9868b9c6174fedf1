import { EncodeIndex } from './found.js';
import type { TitleModel } from './ladder.js';
import { GrowingModels, type Models } from './model.js';
import { crfDistance } from './prior.js';
import { lendersOf } from './similar.js';
import type { Measured, PlannedRung, SearchInput, Wanted } from './types.js';

/** A rung of the plan as it would be at another resolution. */
interface Rival {
  rung: PlannedRung;
  wanted: Wanted[];
  /** Share of the rung's bits that knowing the rival is expected to save. */
  gain: number;
}

/** An encode this near (crf of x264) says enough of a rival. */
const NEAR = 2;
/** A rival may fall this much (VMAF) short of its rung. */
const SHORT = 0.5;
/** How much of the errors of all shots is the same error. */
const COMMON = 0.5;
/** Probes of one round, in rungs. */
const MOST_PROBES = 12;

/**
 * Where the plan might be wrong: what to encode of rungs at resolutions that are planned to be dearer, as long as the
 * expected gain is worth it. One after the other, the most gainful first: each is taken to turn out as the model says, so
 * that what it would tell of the next ones is known (kriging believer; Ginsbourger, Le Riche & Carraro 2010).
 */
export function rivals(
  title: TitleModel,
  models: Models,
  rungs: readonly PlannedRung[],
  {
    measured,
    wanted,
    leastGain,
  }: { measured: readonly Measured[]; wanted: readonly Wanted[]; leastGain: number },
): Wanted[] {
  const { input } = title;
  const all = rungs.flatMap((rung) => rivalsOf(title, rung).map((rival) => ({ rung, rival })));
  const positions = new Map(input.shots.map(({ index }, position) => [index, position]));
  const believed = (want: Wanted): Measured => believe(input, models, positions.get(want.shot)!, want);
  const lenders = lendersOf(input);
  const growing = new GrowingModels(input, measured, models);
  // What the plan wants is measured beside its rivals: until then it may disappoint, and its models are not told of it.
  const known = new EncodeIndex(input, [...wanted.map(believed), ...measured]);
  const more: Wanted[] = [];
  for (let probes = 0; probes < MOST_PROBES; probes++) {
    const spreads = new Map<PlannedRung, number>();
    const spreadOf = (rung: PlannedRung): number => {
      const spread = spreads.get(rung) ?? rungSpread(input, growing.models, rung);
      spreads.set(rung, spread);
      return spread;
    };
    const gainful = all.flatMap(({ rung, rival }): Rival[] => {
      const unknown = notNear(input, rival, known, lenders);
      if (unknown.length === 0) return [];
      const gain = gainOf(spreadOf, rung, rival);
      return gain > leastGain ? [{ rung: rival, wanted: unknown, gain }] : [];
    });
    if (gainful.length === 0) break;
    const best = gainful.reduce((a, b) => (b.gain > a.gain ? b : a));
    more.push(...best.wanted);
    const told = best.wanted.map(believed);
    growing.add(told);
    known.add(told);
  }
  return more;
}

/** The rung at every other resolution that can be as good. */
function rivalsOf(title: TitleModel, { resolution, vmaf }: PlannedRung): PlannedRung[] {
  return title.input.resolutions
    .filter(({ height }) => height !== resolution.height)
    .map((other) => title.rungAt({ resolution: other, vmaf }))
    .filter((rival) => rival.vmaf >= vmaf - SHORT);
}

/** Encodes of a rung that nothing is near to; shots that another one lends to learn from that one's. */
function notNear(
  input: SearchInput,
  { resolution, crf }: PlannedRung,
  known: EncodeIndex,
  lenders: readonly number[],
): Wanted[] {
  return crf.flatMap((value, s) => {
    const want = { shot: input.shots[s]!.index, resolution, crf: value };
    const near = known.nearest(want);
    const isNear = near !== undefined && crfDistance(input.codec, near.crf, value) <= NEAR;
    return isNear || lenders[s] !== s ? [] : [want];
  });
}

/** What an encode would measure if the models were right; `s` is its shot's position. */
function believe(
  { shots, resolutions, fps }: SearchInput,
  models: Models,
  s: number,
  want: Wanted,
): Measured {
  const r = resolutions.findIndex(({ height }) => height === want.resolution.height);
  const { bits, vmaf, peakFactor } = models[s]![r]!;
  const average = (bits(want.crf) * fps.num) / (shots[s]!.frames * fps.den);
  return { ...want, bits: bits(want.crf), vmaf: vmaf(want.crf), peakBitrate: average * peakFactor };
}

/** Expected saving by a rival, as a share of the rung's bits: E[max(0, −ln(its bits / the rung's))]. */
function gainOf(spreadOf: (rung: PlannedRung) => number, rung: PlannedRung, rival: PlannedRung): number {
  const behind = Math.log(rival.bits / rung.bits);
  return expectedImprovement(behind, Math.hypot(spreadOf(rung), spreadOf(rival)));
}

/** Standard deviation of ln(bits) that the VMAF of a rung costs. */
function rungSpread(input: SearchInput, models: Models, { resolution, crf }: PlannedRung): number {
  const r = input.resolutions.findIndex(({ height }) => height === resolution.height);
  const shots = crf.map((value, s) => {
    const model = models[s]![r]!;
    return { bits: model.bits(value), spread: model.spread(value) };
  });
  const total = shots.reduce((sum, { bits }) => sum + bits, 0);
  const errors = shots.map(({ bits, spread }) => (bits / total) * spread);
  const same = errors.reduce((sum, error) => sum + error, 0) ** 2;
  const own = errors.reduce((sum, error) => sum + error * error, 0);
  return Math.sqrt(COMMON * same + (1 - COMMON) * own);
}

/** E[max(0, −X)] of a normal X with this mean and standard deviation (Jones, Schonlau & Welch 1998). */
export function expectedImprovement(mean: number, deviation: number): number {
  if (deviation <= 0) return Math.max(0, -mean);
  const u = -mean / deviation;
  const density = Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
  return deviation * (density + u * normal(u, density));
}

/** The normal distribution function; Abramowitz & Stegun 26.2.17, to 7.5e-8. */
function normal(u: number, density: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(u));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return u >= 0 ? 1 - density * series : density * series;
}
