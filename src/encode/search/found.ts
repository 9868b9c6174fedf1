import type { Resolution } from '../types.js';
import { joinableRange } from './limits.js';
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

/**
 * Encodes by shot and by what they can be joined with, which is size and headers: a long title has so many that looking
 * through all for each would take minutes.
 */
export class EncodeIndex {
  private readonly encodes = new Map<number, Map<string, Measured[]>>();

  constructor(
    private readonly input: Pick<SearchInput, 'crfBreaks'>,
    measured: readonly Measured[],
  ) {
    this.add(measured);
  }

  private joinable({ resolution: { height }, crf }: Omit<Wanted, 'shot'>): string {
    return `${height}:${joinableRange(this.input, height, crf)}`;
  }

  add(measured: readonly Measured[]): void {
    for (const m of measured) {
      const key = this.joinable(m);
      const ofShot = this.encodes.get(m.shot) ?? new Map<string, Measured[]>();
      const there = ofShot.get(key);
      if (there) there.push(m);
      else this.encodes.set(m.shot, ofShot.set(key, [m]));
    }
  }

  /** The encodes of the wanted shot and size that a rung may take instead of the wanted one. */
  of(wanted: Wanted): readonly Measured[] {
    return this.encodes.get(wanted.shot)?.get(this.joinable(wanted)) ?? [];
  }

  /** That of them whose crf is nearest, of two as near the one of higher quality. */
  nearest(wanted: Wanted): Measured | undefined {
    const { crf } = wanted;
    let best: Measured | undefined;
    for (const m of this.of(wanted)) {
      const closer = best === undefined ? -1 : Math.abs(m.crf - crf) - Math.abs(best.crf - crf);
      if (best === undefined || closer < 0 || (closer === 0 && m.crf < best.crf)) best = m;
    }
    return best;
  }
}

/**
 * The encodes that a rung may take: all, or, with one crf for all shots, those of a size and crf that every shot has. Alike
 * shots have no seeds of their own, so not every encode is such.
 */
export function usable(input: SearchInput, measured: readonly Measured[]): readonly Measured[] {
  if (input.allocate !== 'title') return measured;
  const point = ({ resolution, crf }: Measured): string => `${resolution.height}:${crf}`;
  const shots = new Map<string, Set<number>>();
  for (const m of measured) shots.set(point(m), (shots.get(point(m)) ?? new Set()).add(m.shot));
  return measured.filter((m) => shots.get(point(m))!.size === input.shots.length);
}

/** Those of these encodes that there are not yet. */
export function missing(wanted: readonly Wanted[], measured: readonly Measured[]): Wanted[] {
  const index = new EncodeIndex({}, measured);
  return distinct(wanted).filter((want) => index.nearest(want)?.crf !== want.crf);
}

/** Each encode once, in the order of asking. */
function distinct(wanted: readonly Wanted[]): Wanted[] {
  const key = ({ shot, resolution, crf }: Wanted): string =>
    `${shot}:${resolution.width}x${resolution.height}:${crf}`;
  return [...new Map(wanted.map((want) => [key(want), want])).values()];
}
