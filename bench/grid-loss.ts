import { jointHull } from '../src/encode/index.js';

/** An encode of one shot at one size. */
export interface GridProbe {
  shot: number;
  height: number;
  bits: number;
  /** Mean over the shot. */
  vmaf: number;
}

/** What a ladder's rung comes to over the whole title. */
export interface GridRung {
  bits: number;
  vmaf: number;
}

/**
 * By how much a ladder is dearer than the grid allows, percent: the mean (of logarithms) over its rungs of their bits over
 * the least bits that give their VMAF on the grid's hulls, one for each size, straight in ln(bits) between two of its
 * points. Unlike a BD-rate of two ladders it takes nothing of how either is spaced. A little below 0 is possible, where
 * a value of crf that the grid leaves out is better than both its neighbours. Rungs better than the whole grid do not
 * count; undefined where none does.
 */
export function gridLoss(
  shots: readonly { index: number; frames: number }[],
  probes: readonly GridProbe[],
  rungs: readonly GridRung[],
): number | undefined {
  const hulls = [...new Set(probes.map(({ height }) => height))].map(
    (height) =>
      jointHull(
        shots.map(({ index, frames }) => ({
          frames,
          points: probes
            .filter((probe) => probe.shot === index && probe.height === height)
            .map(({ bits, vmaf }) => ({ bits, quality: vmaf, payload: undefined })),
        })),
      ).points,
  );
  const losses = rungs.flatMap(({ bits, vmaf }) => {
    const least = Math.min(...hulls.map((hull) => leastBits(hull, vmaf)));
    return Number.isFinite(least) ? [Math.log(bits / least)] : [];
  });
  if (losses.length === 0) return undefined;
  return 100 * (Math.exp(losses.reduce((sum, loss) => sum + loss, 0) / losses.length) - 1);
}

/** Bits of the hull (ascending) at this VMAF; Infinity above it. */
function leastBits(hull: readonly { bits: number; quality: number }[], vmaf: number): number {
  const above = hull.findIndex(({ quality }) => quality >= vmaf);
  if (above < 0) return Infinity;
  const to = hull[above]!;
  const from = hull[above - 1];
  if (!from) return to.bits;
  const share = (vmaf - from.quality) / (to.quality - from.quality);
  return from.bits * (to.bits / from.bits) ** share;
}
