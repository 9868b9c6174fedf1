import { frameSeconds } from '../../media/index.js';
import { ceilingOf, crfGrid, joinableRange, peakCapOf, titleSeconds } from './limits.js';
import { type ShotModel, modelShot } from './model.js';
import { fromX264, toX264 } from './prior.js';
import { type FoundRung, totalsOf } from './found.js';
import type { Measured, SearchInput, Wanted } from './types.js';

/** A chunk of a found rung that breaks a promise. `rung` and `position` index FoundRung[] and its chosen encodes. */
export interface Miss {
  rung: number;
  position: number;
  /** `floor`: more than floorDrop below the rung's mean; `peak`: a segment above peakRatio times its average. */
  kind: 'floor' | 'peak';
}

/** Highest bit rate that a segment of this rung may have, bit/s. */
function peakLimit(input: SearchInput, { resolution, bits }: Pick<FoundRung, 'resolution' | 'bits'>): number {
  const average = bits / titleSeconds(input);
  return Math.min(input.ladder.peakRatio * average, peakCapOf(input, resolution.height));
}

/** Chunks of the ladder that exceed the peak or miss the quality floor, by what was measured; both where both are so. */
export function missesOf(input: SearchInput, rungs: readonly FoundRung[]): Miss[] {
  return rungs.flatMap((found, rung) =>
    found.chosen.flatMap((chunk, position): Miss[] => {
      const peak = chunk.peakBitrate > peakLimit(input, found);
      const floor = chunk.vmaf < found.vmaf - input.ladder.floorDrop;
      return [
        ...(peak ? [{ rung, position, kind: 'peak' as const }] : []),
        ...(floor ? [{ rung, position, kind: 'floor' as const }] : []),
      ];
    }),
  );
}

/** What about two crf of x264 add to a bit rate. */
const NO_ROOM = 1.3;

/** True where a chunk of the rung misses the quality floor and could hardly have more bits, for its peak. */
export function isHeldByPeak(input: SearchInput, rung: FoundRung): boolean {
  return missesOf(input, [rung]).some(
    ({ kind, position }) =>
      kind === 'floor' && rung.chosen[position]!.peakBitrate * NO_ROOM > peakLimit(input, rung),
  );
}

/** Least change that a second try makes, in crf of x264. */
const LEAST_CHANGE = 1;

/**
 * What to encode instead of a chunk that missed: the crf nearest to its own that the shot's model, through all that
 * was measured of it, expects to keep the promise. The peak comes before the floor, because players choose a rung by its
 * peak: towards a floor that lies beyond it a chunk goes as far as the peak allows. Undefined where no crf that the rung can
 * have keeps the promise, so that nothing is spent in vain, and where all shots share one crf.
 */
export function repairOf(
  input: SearchInput,
  rungs: readonly FoundRung[],
  measured: readonly Measured[],
  miss: Miss,
): Wanted | undefined {
  if (input.allocate === 'title') return undefined;
  const { index } = input.shots[miss.position]!;
  const models = modelShot(
    input,
    measured.filter((m) => m.shot === index),
  );
  return repairWith(models, input, rungs, miss);
}

/** What to encode for every miss of a ladder that a repair is worth trying for; as `repairOf` says it one by one. */
export function repairsOf(
  input: SearchInput,
  rungs: readonly FoundRung[],
  measured: readonly Measured[],
): { miss: Miss; want: Wanted }[] {
  if (input.allocate === 'title') return [];
  const byShot = new Map<number, Measured[]>(input.shots.map(({ index }) => [index, []]));
  for (const point of measured) byShot.get(point.shot)!.push(point);
  const models = new Map<number, ShotModel[]>();
  return missesOf(input, rungs).flatMap((miss) => {
    const { index } = input.shots[miss.position]!;
    const own = models.get(index) ?? modelShot(input, byShot.get(index)!);
    models.set(index, own);
    const want = repairWith(own, input, rungs, miss);
    return want ? [{ miss, want }] : [];
  });
}

function repairWith(
  models: readonly ShotModel[],
  input: SearchInput,
  rungs: readonly FoundRung[],
  miss: Miss,
): Wanted | undefined {
  const found = rungs[miss.rung]!;
  const chunk = found.chosen[miss.position]!;
  const shot = input.shots[miss.position]!;
  const r = input.resolutions.findIndex(({ height }) => height === chunk.resolution.height);
  const model = models[r]!;
  const range = (crf: number): number => joinableRange(input, chunk.resolution.height, crf);
  const grid = crfGrid(input.crf).filter((crf) => range(crf) === range(chunk.crf));
  const seconds = frameSeconds(shot.frames, input.fps);
  const keepsPeak = (crf: number): boolean => {
    const bits = model.bits(crf);
    const limit = peakLimit(input, { ...found, bits: found.bits - chunk.bits + bits });
    return (bits / seconds) * model.peakFactor <= limit;
  };
  const keepsFloor = (crf: number): boolean => model.vmaf(crf) >= found.vmaf - input.ladder.floorDrop;
  const changed = (by: number): number => fromX264(input.codec, toX264(input.codec, chunk.crf) + by);
  const towardsFloor = (): number | undefined => {
    const better = grid.filter((c) => c <= changed(-LEAST_CHANGE));
    const goal = better.findLast(keepsFloor);
    return goal === undefined ? undefined : better.find((c) => c >= goal && keepsPeak(c));
  };
  const crf =
    miss.kind === 'floor' ? towardsFloor() : grid.find((c) => c >= changed(LEAST_CHANGE) && keepsPeak(c));
  return crf === undefined ? undefined : { shot: shot.index, resolution: chunk.resolution, crf };
}

/**
 * The ladder with the repaired chunks in place and its totals made anew. A repair that would carry its rung above the bit
 * rate that was asked for, or above maxBitrate, is left out: those are promises too. Rungs may no longer be in order.
 */
export function withRepairs(
  input: SearchInput,
  rungs: readonly FoundRung[],
  repairs: readonly { miss: Miss; measured: Measured }[],
): FoundRung[] {
  return rungs.map((found, rung): FoundRung => {
    const ceiling = ceilingOf(found.target, input.ladder) * titleSeconds(input);
    let repaired = found;
    for (const { miss, measured } of repairs) {
      if (miss.rung !== rung) continue;
      const chosen = repaired.chosen.with(miss.position, measured);
      const totals = totalsOf(input, chosen);
      if (totals.bits <= Math.max(ceiling, repaired.bits)) repaired = { ...repaired, chosen, ...totals };
    }
    return repaired;
  });
}
