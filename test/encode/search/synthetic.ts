import {
  type FoundRung,
  type Measured,
  type SearchInput,
  type Wanted,
  chooseLadder,
  properLadder,
  repairsOf,
  wantedIn,
  withRepairs,
} from '../../../src/encode/search/index.js';

/** Content whose curves are known: offsets from ordinary content, so that a search can be run without an encoder. */
export interface SyntheticShot {
  frames: number;
  /** ln(bits per frame) at crf 0 and full size. */
  rate: number;
  /** crf at which VMAF is half of what can be reached. */
  half: number;
  /** How much scaling costs, relative to ordinary content. */
  detail: number;
}

export const RESOLUTIONS = [1080, 720, 540, 432, 360, 234].map((height) => ({
  width: height === 234 ? 416 : (height * 16) / 9,
  height,
}));

export function inputOf(shots: readonly SyntheticShot[], overrides: Partial<SearchInput> = {}): SearchInput {
  return {
    codec: 'h264',
    shots: shots.map(({ frames }, index) => ({ index, frames })),
    fps: { num: 24, den: 1 },
    resolutions: RESOLUTIONS,
    referenceHeight: 1080,
    crf: { min: 14, max: 46, step: 0.5 },
    speed: 'default',
    ladder: { topVmaf: 95, bottomVmaf: 40, stepVmaf: 6, stepRatio: 1.5, peakRatio: 2, floorDrop: 15 },
    ...overrides,
  };
}

/** What an encoder would measure: smooth, monotone curves that are not the model's own (another slope, a kink). */
export function measure(shots: readonly SyntheticShot[], wanted: Wanted): Measured {
  const { frames, rate, half, detail } = shots[wanted.shot]!;
  const scale = Math.log(wanted.resolution.height / 1080);
  const bits = Math.round(frames * Math.exp(rate - 0.128 * wanted.crf + 1.7 * scale)) + 400;
  const ceiling = 100 - detail * 38 * scale * scale;
  const vmaf = Math.max(0, Math.min(100, ceiling / (1 + Math.exp(0.15 * (wanted.crf - half - 7 * scale)))));
  const peakBitrate = (1.3 * bits * 24) / frames;
  return { ...wanted, bits, vmaf, peakBitrate };
}

/** Runs the whole search against synthetic content. */
export function search(
  shots: readonly SyntheticShot[],
  input: SearchInput,
): { measured: Measured[]; rounds: number[] } {
  const measured: Measured[] = [];
  const rounds: number[] = [];
  for (let round = 0; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (!wanted) return { measured, rounds };
    rounds.push(wanted.length);
    measured.push(...wanted.map((want) => measure(shots, want)));
  }
}

/** The ladder that a title of synthetic content would ship: the search, then one repair of what breaks a promise. */
export function ladderOf(
  shots: readonly SyntheticShot[],
  input: SearchInput,
): { ladder: FoundRung[]; measured: Measured[] } {
  const { measured } = search(shots, input);
  const found = chooseLadder(input, measured);
  const repairs = repairsOf(input, found, measured).map(({ miss, want }) => ({
    miss,
    measured: measure(shots, want),
  }));
  return { ladder: properLadder(withRepairs(input, found, repairs)), measured };
}
