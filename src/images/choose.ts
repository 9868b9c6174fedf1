import type { Judged } from './judge.js';
import { difference } from './likeness.js';

/** Pictures less different than this are the same to a viewer; those of one shot, where only the camera moved, must differ more. */
const SAME = 0.35;
const SAME_SHOT = 0.7;

/** A frame's least difference from those chosen, 1 where none is; 0 where it is the same as one of them. */
export function novelty(candidate: Judged, chosen: readonly Judged[]): number {
  const differences = chosen.map((other) => {
    const value = difference(candidate.look, other.look);
    return value < (candidate.shot === other.shot ? SAME_SHOT : SAME) ? 0 : value;
  });
  return Math.min(1, ...differences);
}

/** The best of the candidates beside those chosen: by score, and the less so the more it looks like one of them. */
function bestOf(candidates: readonly Judged[], chosen: readonly Judged[]): Judged | undefined {
  let best: { candidate: Judged; value: number } | undefined;
  for (const candidate of candidates) {
    const fresh = novelty(candidate, chosen);
    if (fresh === 0) continue;
    const value = candidate.score * (0.5 + 0.5 * fresh);
    if (!best || value > best.value) best = { candidate, value };
  }
  return best?.candidate;
}

/**
 * Up to `count` posters, the best first: frames without faults, from shots of their own as long as there are such, and
 * none that looks like another. Where no frame is without faults, the one that has fewest, and of those the best.
 */
export function choosePosters(samples: readonly Judged[], count: number): Judged[] {
  const good = samples.filter(({ faults }) => faults.length === 0);
  const chosen: Judged[] = [];
  for (let ownShot = true; chosen.length < count;) {
    const taken = new Set(chosen.map(({ shot }) => shot));
    const best = bestOf(ownShot ? good.filter(({ shot }) => !taken.has(shot)) : good, chosen);
    if (best) chosen.push(best);
    else if (ownShot) ownShot = false;
    else break;
  }
  if (chosen.length > 0 || count === 0) return chosen;
  const fewest = Math.min(...samples.map(({ faults }) => faults.length));
  const least = samples.filter(({ faults }) => faults.length === fewest);
  return least.length === 0 ? [] : [least.reduce((best, next) => (next.score > best.score ? next : best))];
}
