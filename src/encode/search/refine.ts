import type { ShotModel } from './model.js';
import type { PlannedRung } from './types.js';

/** What one shot of a rung may take. */
export interface ShotRange {
  crfs: readonly number[];
  model: Pick<ShotModel, 'bits' | 'vmaf'>;
  /** Its share of the title's frames. */
  weight: number;
}

export type RungTotals = Pick<PlannedRung, 'crf' | 'bits' | 'vmaf'>;

/** By how much one rung is better than another; not above 0 where it is not, or may not be. */
export type Gain = (next: Omit<RungTotals, 'crf'>, now: Omit<RungTotals, 'crf'>) => number;

/** Moves of single shots: the first gains most. */
const MOVES = 4;
/** Moves that are looked at where better ones break a promise. */
const TRIES = 8;

/**
 * A rung nearer to its goal. On a hull it lies up to a step of one shot away, and where a shot's curve is nearly straight a
 * step is long; so single shots move, off the hull, the most gainful first, while the rung keeps its promises.
 */
export function refined(
  shots: readonly ShotRange[],
  rung: RungTotals,
  gain: Gain,
  keepsPromises: (rung: RungTotals) => boolean,
): RungTotals {
  let now: RungTotals = { crf: rung.crf, bits: rung.bits, vmaf: rung.vmaf };
  for (let moves = 0; moves < MOVES; moves++) {
    const next = movesOf(shots, now, gain)
      .slice(0, TRIES)
      .map(({ shot, to, bits, vmaf }): RungTotals => ({ crf: now.crf.with(shot, to), bits, vmaf }))
      .find(keepsPromises);
    if (!next) break;
    now = next;
  }
  return now;
}

/** One shot of a rung at another crf, and what the rung then comes to. */
interface Move extends Omit<RungTotals, 'crf'> {
  shot: number;
  to: number;
}

/** The best move of every shot that has one, the most gainful first. */
function movesOf(shots: readonly ShotRange[], now: RungTotals, gain: Gain): Move[] {
  const moves = shots.flatMap(({ crfs, model, weight }, shot) => {
    const from = now.crf[shot]!;
    const [bitsFrom, vmafFrom] = [model.bits(from), model.vmaf(from)];
    let best: Move | undefined;
    for (const to of crfs) {
      const bits = now.bits + model.bits(to) - bitsFrom;
      const vmaf = now.vmaf + weight * (model.vmaf(to) - vmafFrom);
      const next = { bits, vmaf };
      if (gain(next, now) > 0 && gain(next, best ?? now) > 0) best = { ...next, shot, to };
    }
    return best ? [best] : [];
  });
  return moves.sort((a, b) => gain(b, now) - gain(a, now));
}
