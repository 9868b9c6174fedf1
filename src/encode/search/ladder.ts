import { frameSeconds } from '../../media/index.js';
import {
  type Allocation,
  type TitleChoices,
  type TitleTotal,
  indexForBits,
  indexForQuality,
  jointHull,
  uniformFront,
} from '../curve/index.js';
import type { Resolution } from '../types.js';
import { ceilingOf, crfGrid, joinableRange, peakCapOf, titleSeconds } from './limits.js';
import type { Models } from './model.js';
import { type Gain, type RungTotals, refined } from './refine.js';
import type { PlannedRung, RungTarget, SearchInput } from './types.js';

/** Bits of a title and its mean VMAF. */
type Total = Pick<PlannedRung, 'bits' | 'vmaf'>;

/** What the encodes of a rung are taken from: a resolution, and those values of crf whose encodes can be joined. */
interface Source {
  /** Index of the resolution among the candidates. */
  r: number;
  /** By shot, ascending, never none. */
  crfs: readonly (readonly number[])[];
}

/** A rung with the index of its resolution among the candidates. */
type IndexedRung = PlannedRung & { index: number };

/** A rung is larger than the one above it only where that saves this share of its bits, or gains this much VMAF. */
const GROWTH = { bits: 0.1, vmaf: 1 };

/** Sums of VMAF may fall short of an exact target by rounding. */
const ROUNDING = 1e-6;

/** Values of crf that each shot may take at each resolution, ascending, never none: `[shot][resolution]`. */
export type CrfChoices = readonly (readonly (readonly number[])[])[];

/** The title at every candidate resolution: answers what a quality costs. */
export class TitleModel {
  readonly frames: number;
  readonly seconds: number;
  private readonly shotSeconds: readonly number[];
  /** Those that every shot has something of; by resolution, the largest first. */
  private readonly sources: readonly Source[];
  /** The allocations of each source to choose from, the cheapest first: all of equal slope, or of one crf. */
  private readonly hulls: TitleChoices<number>[];

  /**
   * `models[shot][resolution]`, in the order of SearchInput. For one crf a title, the shots have choices in common
   * wherever all of them have any. Throws RangeError where no rung can be made at all.
   */
  constructor(
    readonly input: SearchInput,
    private readonly models: Models,
    crfs: CrfChoices,
  ) {
    this.frames = input.shots.reduce((sum, shot) => sum + shot.frames, 0);
    this.seconds = titleSeconds(input);
    this.shotSeconds = input.shots.map(({ frames }) => frameSeconds(frames, input.fps));
    this.sources = input.resolutions.flatMap((_, r) => sourcesAt(input, r, crfs));
    if (this.sources.length === 0) throw new RangeError('there is nothing that all shots could take');
    const allocations = input.allocate === 'title' ? uniformFront<number> : jointHull<number>;
    this.hulls = this.sources.map(({ r, crfs }) =>
      allocations(
        models.map((byResolution, s) => ({
          frames: input.shots[s]!.frames,
          points: crfs[s]!.map((crf) => {
            const model = byResolution[r]!;
            return { bits: model.bits(crf), quality: model.vmaf(crf), payload: crf };
          }),
        })),
      ),
    );
  }

  /** True where a rung of this resolution can be made. */
  has({ height }: Resolution): boolean {
    return this.sources.some(({ r }) => this.input.resolutions[r]!.height === height);
  }

  /** Highest mean VMAF that the model thinks any resolution reaches. */
  reachable(): number {
    return Math.max(...this.hulls.map(({ points }) => points[points.length - 1]!.quality));
  }

  /**
   * Cheapest rung of mean VMAF `vmaf` or more; at a resolution before index `from` only where that saves GROWTH.bits;
   * undefined where there is none.
   */
  rungFor(vmaf: number, from = 0): IndexedRung | undefined {
    return this.bestRung(
      (hull) => indexForQuality(hull, vmaf),
      ({ bits }, index) => (index < from ? bits * (1 + GROWTH.bits) : bits),
    );
  }

  /** Best rung of at most `bits` bits over the title; at a resolution before index `from` only if better by GROWTH.vmaf. */
  rungWithin(bits: number, from = 0): IndexedRung | undefined {
    return this.bestRung(
      (hull) => indexForBits(hull, bits),
      ({ quality }, index) => (index < from ? GROWTH.vmaf : 0) - quality,
    );
  }

  private bestRung(
    find: (hull: TitleChoices<number>) => number,
    cost: (point: TitleTotal, index: number) => number,
  ): IndexedRung | undefined {
    let best: { cost: number; at: number; source: number } | undefined;
    for (const [source, hull] of this.hulls.entries()) {
      const at = find(hull);
      const point = hull.points[at];
      const own = point && cost(point, this.sources[source]!.r);
      if (own !== undefined && (!best || own < best.cost)) best = { cost: own, at, source };
    }
    return best && this.toRung(best.source, best.at);
  }

  /** The rung of an allocation, by its index among those of a source. */
  private toRung(source: number, at: number, keepFloor = true): IndexedRung {
    const from = this.sources[source]!;
    const { choices, bits, quality }: Allocation<number> = this.hulls[source]!.allocation(at);
    const crf = choices.map(({ payload }) => payload);
    const rung = { resolution: this.input.resolutions[from.r]!, crf, bits, vmaf: quality, index: from.r };
    // One crf for all shots leaves nothing to give or take.
    if (this.input.allocate === 'title') return rung;
    return { ...rung, ...this.limitPeaks(from, keepFloor ? this.raiseFloor(from, rung) : rung) };
  }

  /**
   * What a target comes to: the cheapest rung that reaches its VMAF, or the best one within its bit rate, and within
   * maxBitrate in either case. Where there is none, the nearest to it that there is. Throws RangeError for a resolution
   * that is no candidate, or that not all shots have anything of.
   */
  rungAt(target: RungTarget): IndexedRung {
    const { resolution } = target;
    const named = this.input.resolutions.findIndex(({ height }) => height === resolution?.height);
    if (resolution && named < 0) throw new RangeError(`${resolution.height} lines are no candidate`);
    const budget = ceilingOf(target, this.input.ladder) * this.seconds;
    const sources = [...this.sources.keys()].filter((i) => !resolution || this.sources[i]!.r === named);
    if (sources.length === 0)
      throw new RangeError(`not all shots have anything of ${resolution!.height} lines`);
    const rungs = sources.map((source) => {
      const reaching = 'vmaf' in target ? this.reaching(source, target.vmaf) : undefined;
      return reaching && reaching.bits <= budget ? reaching : this.within(source, budget);
    });
    const good = rungs.filter(({ bits }) => bits <= budget);
    if (good.length === 0) return rungs.reduce((a, b) => (b.bits < a.bits ? b : a));
    if (!('vmaf' in target)) return good.reduce((a, b) => (b.vmaf > a.vmaf ? b : a));
    const reaching = good.filter(({ vmaf }) => vmaf >= target.vmaf - ROUNDING);
    if (reaching.length === 0) return good.reduce((a, b) => (b.vmaf > a.vmaf ? b : a));
    return reaching.reduce((a, b) => (b.bits < a.bits ? b : a));
  }

  /** The best rung of a source within `budget` bits; one too small for the quality floor goes without it. */
  private within(source: number, budget: number): IndexedRung {
    const hull = this.hulls[source]!;
    const beyond = this.firstRung(source, ({ bits }) => bits > budget);
    const best = beyond === undefined ? hull.points.length - 1 : beyond - 1;
    if (best < 0) return this.toRung(source, Math.max(0, indexForBits(hull, budget)), false);
    return this.refine(source, this.toRung(source, best), (next, now) =>
      next.bits <= budget ? next.vmaf - now.vmaf : 0,
    );
  }

  /** The cheapest rung of a source of at least `vmaf`, else the best. */
  private reaching(source: number, vmaf: number): IndexedRung {
    const first = this.firstRung(source, (rung) => rung.vmaf >= vmaf - ROUNDING);
    const rung = this.toRung(source, first ?? this.hulls[source]!.points.length - 1);
    return this.refine(source, rung, (next, now) => (next.vmaf >= vmaf ? now.bits - next.bits : 0));
  }

  /** The rung with single shots moved nearer to its goal; see `refined`. */
  private refine(source: number, rung: IndexedRung, gain: Gain): IndexedRung {
    if (this.input.allocate === 'title') return rung;
    const { r, crfs } = this.sources[source]!;
    const shots = this.input.shots.map(({ frames }, s) => ({
      crfs: crfs[s]!,
      model: this.models[s]![r]!,
      weight: frames / this.frames,
      seconds: this.shotSeconds[s]!,
    }));
    const { peakRatio, floorDrop } = this.input.ladder;
    const cap = peakCapOf(this.input, rung.resolution.height);
    const keeps = ({ crf, bits, vmaf }: RungTotals): boolean =>
      shots.every(({ model, seconds }, s) => {
        const peak = (model.bits(crf[s]!) / seconds) * model.peakFactor;
        const limit = Math.min((peakRatio * bits) / this.seconds, cap);
        return model.vmaf(crf[s]!) >= vmaf - floorDrop && peak <= limit;
      });
    return { ...rung, ...refined(shots, rung, gain, keeps) };
  }

  /**
   * Index of the first allocation of a source whose rung, after floors and peaks moved shots, passes a test that dearer
   * ones pass too; undefined where none does.
   */
  private firstRung(source: number, passes: (rung: IndexedRung) => boolean): number | undefined {
    const count = this.hulls[source]!.points.length;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passes(this.toRung(source, middle))) high = middle;
      else low = middle + 1;
    }
    return low === count ? undefined : low;
  }

  /** Lowers the crf of shots that would lie more than floorDrop below the rung's mean. */
  private raiseFloor({ r, crfs }: Source, rung: PlannedRung): PlannedRung {
    const floor = rung.vmaf - this.input.ladder.floorDrop;
    const crf = rung.crf.map((value, s) => {
      const model = this.models[s]![r]!;
      if (model.vmaf(value) >= floor) return value;
      const higher = (crf: number): boolean => crf < value && model.vmaf(crf) >= floor;
      return crfs[s]!.findLast(higher) ?? value;
    });
    return this.measureRung(r, { ...rung, crf });
  }

  /**
   * Raises the crf of shots whose largest segment would exceed peakRatio times the rung's average bit rate. One shot's
   * rise lowers what the others may have, so this takes many passes over all: each is only comparisons and a sum.
   */
  private limitPeaks({ r, crfs }: Source, rung: PlannedRung): PlannedRung {
    const { peakRatio } = this.input.ladder;
    const cap = peakCapOf(this.input, this.input.resolutions[r]!.height);
    const crf = [...rung.crf];
    const bits = crf.map((value, s) => this.models[s]![r]!.bits(value));
    const peakOf = (s: number): number => (bits[s]! / this.shotSeconds[s]!) * this.models[s]![r]!.peakFactor;
    const peaks = crf.map((_, s) => peakOf(s));
    let total = rung.bits;
    for (let anyChanged = false; ; anyChanged = true) {
      const limit = Math.min(peakRatio * (total / this.seconds), cap);
      let changed = false;
      for (let s = 0; s < peaks.length; s++) {
        if (peaks[s]! <= limit) continue;
        const next = crfs[s]!.find((higher) => higher > crf[s]!);
        if (next === undefined) continue;
        crf[s] = next;
        bits[s] = this.models[s]![r]!.bits(next);
        peaks[s] = peakOf(s);
        changed = true; // crf only rises, so this ends
      }
      if (!changed) return anyChanged ? this.measureRung(r, { ...rung, crf }) : rung;
      total = 0;
      for (const own of bits) total += own;
    }
  }

  /** The rung with the totals that the models give for its crf. */
  private measureRung(r: number, rung: PlannedRung): PlannedRung {
    let bits = 0;
    let quality = 0;
    rung.crf.forEach((crf, s) => {
      const model = this.models[s]![r]!;
      bits += model.bits(crf);
      quality += model.vmaf(crf) * this.input.shots[s]!.frames;
    });
    return { ...rung, bits, vmaf: quality / this.frames };
  }
}

/** The title with every value of crf to choose from. */
export function freeTitle(input: SearchInput, models: Models): TitleModel {
  const grid = crfGrid(input.crf);
  return new TitleModel(
    input,
    models,
    input.shots.map(() => input.resolutions.map(() => grid)),
  );
}

/** The ranges of crf of resolution `r` that every shot has a choice in. */
function sourcesAt(input: SearchInput, r: number, crfs: CrfChoices): Source[] {
  const { height } = input.resolutions[r]!;
  const range = (crf: number): number => joinableRange(input, height, crf);
  const ranges = new Set(crfs.flatMap((byResolution) => byResolution[r]!.map(range)));
  return [...ranges]
    .sort((a, b) => a - b)
    .map((one): Source => ({
      r,
      crfs: crfs.map((byResolution) => byResolution[r]!.filter((crf) => range(crf) === one)),
    }))
    .filter((source) => source.crfs.every((own) => own.length > 0));
}

/**
 * The rungs, best first. The highest reaches topVmaf, or what the model says can be reached, within maxBitrate; each
 * next one lies at least stepVmaf lower and costs at most 1/stepRatio; a resolution grows downwards only where
 * that is a clear gain; the last is the lowest that is still above bottomVmaf. There is always at least one.
 *
 * `settle` says what would come of a planned rung; the next rung is placed below that. A rung that would come out nearer to the one above than half a step (of ln bit rate) is left out.
 */
export function planLadder<T extends Total>(title: TitleModel, settle: (rung: PlannedRung) => T): T[] {
  const { ladder } = title.input;
  let planned = title.rungFor(Math.min(ladder.topVmaf, title.reachable())) ?? title.rungFor(0)!;
  const { maxBitrate } = ladder;
  if (maxBitrate !== undefined && planned.bits > maxBitrate * title.seconds) {
    planned = title.rungAt({ bitrate: maxBitrate });
  }
  const halfStep = Math.sqrt(ladder.stepRatio);
  const rungs = [settle(planned)];
  let above: Total = rungs[0]!;
  for (;;) {
    const budget = above.bits / ladder.stepRatio;
    let next = title.rungFor(Math.max(0, above.vmaf - ladder.stepVmaf), planned.index);
    if (!next || next.bits > budget) next = title.rungWithin(budget, planned.index);
    if (!next || next.vmaf < ladder.bottomVmaf || next.vmaf >= above.vmaf - 0.5 || next.bits >= above.bits)
      return rungs;
    planned = next;
    const settled = settle(planned);
    const last = rungs[rungs.length - 1]!;
    const apart = settled.bits * halfStep <= last.bits && settled.vmaf < last.vmaf;
    if (apart) rungs.push(settled);
    above = apart ? settled : planned;
  }
}
