import type { Resolution } from '../types.js';
import type { Measured, RungTarget, SearchInput, Wanted } from './types.js';

/** A rung as found: for every shot the measured encode that it ships. */
export interface FoundRung {
  resolution: Resolution;
  /** By position in SearchInput.shots. */
  chosen: Measured[];
  bits: number;
  /** Mean over all frames. */
  vmaf: number;
  /** What was asked for, where rungs are. */
  target?: RungTarget;
}

/** The totals of a choice of one encode for every shot. */
export function totalsOf(
  { shots }: SearchInput,
  chosen: readonly Measured[],
): Pick<FoundRung, 'bits' | 'vmaf'> {
  const frames = shots.reduce((sum, shot) => sum + shot.frames, 0);
  const quality = chosen.reduce((sum, m, s) => sum + m.vmaf * shots[s]!.frames, 0);
  return { bits: chosen.reduce((sum, m) => sum + m.bits, 0), vmaf: quality / frames };
}

/** The encode of the wanted shot and size whose crf is nearest, of two as near the one of higher quality. */
export function nearest(measured: readonly Measured[], want: Wanted): Measured | undefined {
  let best: Measured | undefined;
  for (const m of measured) {
    if (m.shot !== want.shot || m.resolution.height !== want.resolution.height) continue;
    const closer = best === undefined ? -1 : Math.abs(m.crf - want.crf) - Math.abs(best.crf - want.crf);
    if (best === undefined || closer < 0 || (closer === 0 && m.crf < best.crf)) best = m;
  }
  return best;
}

/** Each encode once, in the order of asking. */
export function distinct(wanted: readonly Wanted[]): Wanted[] {
  const key = ({ shot, resolution, crf }: Wanted): string =>
    `${shot}:${resolution.width}x${resolution.height}:${crf}`;
  return [...new Map(wanted.map((want) => [key(want), want])).values()];
}
