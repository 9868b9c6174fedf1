import { frameSeconds } from '../../media/index.js';
import { crfGrid } from './ladder.js';
import { modelShot } from './model.js';
import { crfUnit } from './prior.js';
import type { FoundRung } from './search.js';
import type { Measured, SearchInput, Wanted } from './types.js';

/** A chunk of a found rung that breaks a promise. `rung` and `position` index FoundRung[] and its chosen encodes. */
export interface Miss {
  rung: number;
  position: number;
  /** `floor`: more than floorDrop below the rung's mean; `peak`: a segment above peakRatio times its average. */
  kind: 'floor' | 'peak';
}

/** Chunks of the ladder that miss the quality floor or exceed the peak, by what was measured. */
export function missesOf(input: SearchInput, rungs: readonly FoundRung[]): Miss[] {
  const seconds = frameSeconds(
    input.shots.reduce((sum, shot) => sum + shot.frames, 0),
    input.fps,
  );
  const { peakRatio, floorDrop } = input.ladder;
  return rungs.flatMap((found, rung) =>
    found.chosen.flatMap((chunk, position): Miss[] => {
      if (chunk.vmaf < found.vmaf - floorDrop) return [{ rung, position, kind: 'floor' }];
      // One shot alone cannot lie above its own average by more than its groups differ: nothing else to move.
      if (chunk.peakBitrate > (peakRatio * found.bits) / seconds) return [{ rung, position, kind: 'peak' }];
      return [];
    }),
  );
}

/** Least change that a second try makes, in crf of x264. */
const LEAST_CHANGE = 1;

/**
 * What to encode instead of a chunk that missed: the crf nearest to its own that the shot's model, through all that
 * was measured of it, expects to keep the promise; undefined where the search's range has none.
 */
export function repairOf(
  input: SearchInput,
  rungs: readonly FoundRung[],
  measured: readonly Measured[],
  miss: Miss,
): Wanted | undefined {
  const found = rungs[miss.rung]!;
  const chunk = found.chosen[miss.position]!;
  const shot = input.shots[miss.position]!;
  const r = input.resolutions.findIndex(({ height }) => height === chunk.resolution.height);
  const model = modelShot(
    input,
    measured.filter((m) => m.shot === shot.index),
  )[r]!;
  const grid = crfGrid(input.crf);
  const seconds = frameSeconds(shot.frames, input.fps);
  const titleSeconds = frameSeconds(
    input.shots.reduce((sum, s) => sum + s.frames, 0),
    input.fps,
  );
  const keeps = (crf: number): boolean => {
    if (miss.kind === 'floor') return model.vmaf(crf) >= found.vmaf - input.ladder.floorDrop;
    const bits = model.bits(crf);
    const average = (found.bits - chunk.bits + bits) / titleSeconds;
    return (bits / seconds) * model.peakFactor <= input.ladder.peakRatio * average;
  };
  const change = LEAST_CHANGE * crfUnit(input.codec);
  const crf =
    miss.kind === 'floor'
      ? grid.findLast((c) => c <= chunk.crf - change && keeps(c))
      : grid.find((c) => c >= chunk.crf + change && keeps(c));
  return crf === undefined ? undefined : { shot: shot.index, resolution: chunk.resolution, crf };
}

/** The ladder with the repaired chunks in place and its totals made anew. */
export function withRepairs(
  input: SearchInput,
  rungs: readonly FoundRung[],
  repairs: readonly { miss: Miss; measured: Measured }[],
): FoundRung[] {
  const frames = input.shots.reduce((sum, shot) => sum + shot.frames, 0);
  return rungs.map((found, rung) => {
    const chosen = [...found.chosen];
    for (const { miss, measured } of repairs) if (miss.rung === rung) chosen[miss.position] = measured;
    const bits = chosen.reduce((sum, m) => sum + m.bits, 0);
    const quality = chosen.reduce((sum, m, s) => sum + m.vmaf * input.shots[s]!.frames, 0);
    return { ...found, chosen, bits, vmaf: quality / frames };
  });
}
