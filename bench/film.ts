import { type Measured, type SearchInput, type Wanted, toX264 } from '../src/encode/index.js';
import { seeded } from './simulate/random.js';

/** Content whose curves are known: offsets from ordinary content, so that a search runs without an encoder. */
export interface FilmShot {
  frames: number;
  /** ln(bits per frame) at crf 0 and full size. */
  rate: number;
  /** crf (x264's) at which VMAF is half of what can be reached. */
  half: number;
  /** How much scaling costs, relative to ordinary content. */
  detail: number;
  /** As the chunker measures it. */
  complexity: { spatial: number; temporal: number };
}

export const FILM_FPS = { num: 24, den: 1 };

/** Candidate resolutions of a picture of 1920×1080. */
export const FILM_RESOLUTIONS = [
  { width: 1920, height: 1080 },
  { width: 1280, height: 720 },
  { width: 960, height: 540 },
  { width: 768, height: 432 },
  { width: 640, height: 360 },
  { width: 416, height: 234 },
];

/** Seconds of a film's shots: median, and deviation of the logarithm; together a mean of 4.6 s (Cutting & Candan 2015). */
const SHOT = { median: 3.4, sigma: 0.78 };
/** Shortest and longest chunk at 4 s segments, seconds; longer shots are divided. */
const CHUNK = { least: 2, most: 12 };
/** Share of shots that return to one of the last few setups, as a dialogue does. */
const RETURNS = { share: 0.4, among: 6 };

/** A film of so many chunks; the same for the same seed. */
export function generatedFilm(chunks: number, seed: number): FilmShot[] {
  const random = seeded(seed);
  const shots: FilmShot[] = [];
  while (shots.length < chunks) {
    const before = shots.slice(-RETURNS.among);
    const setup =
      before.length > 0 && random.uniform() < RETURNS.share
        ? before[random.integer(before.length)]!
        : { ...newSetup(random) };
    const seconds = Math.max(CHUNK.least, random.logNormal(SHOT.median, SHOT.sigma));
    const parts = Math.ceil(seconds / CHUNK.most);
    for (let part = 0; part < parts && shots.length < chunks; part++) {
      shots.push({ ...setup, frames: Math.round((seconds / parts) * FILM_FPS.num) });
    }
  }
  return shots;
}

/** A picture with its own curves: the more it moves and the finer it is, the more bits it takes. */
function newSetup(random: ReturnType<typeof seeded>): Omit<FilmShot, 'frames'> {
  const busy = random.normal();
  return {
    rate: 14.6 + 0.6 * busy + 0.15 * random.normal(),
    half: 43.5 - 1.2 * busy + 0.8 * random.normal(),
    detail: Math.min(1.3, Math.max(0.2, 0.65 + 0.2 * random.normal())),
    complexity: {
      spatial: random.logNormal(40, 0.4),
      temporal: random.logNormal(4, 0.6) * Math.exp(0.5 * busy),
    },
  };
}

/** What the search is asked for such a film, at the defaults of `hullcast encode`. */
export function filmInput(shots: readonly FilmShot[], overrides: Partial<SearchInput> = {}): SearchInput {
  return {
    codec: 'h264',
    shots: shots.map(({ frames, complexity }, index) => ({ index, frames, complexity })),
    fps: FILM_FPS,
    resolutions: FILM_RESOLUTIONS,
    referenceHeight: FILM_RESOLUTIONS[0]!.height,
    crf: { min: 14, max: 46, step: 0.5 },
    speed: 'default',
    ladder: { topVmaf: 95, bottomVmaf: 40, stepVmaf: 6, stepRatio: 1.5, peakRatio: 2, floorDrop: 15 },
    ...overrides,
  };
}

/** What an encoder would measure: smooth curves that are not the search's own prior (another slope, a kink at the top). */
export function filmProbe(
  { codec }: Pick<SearchInput, 'codec'>,
  shots: readonly FilmShot[],
  wanted: Wanted,
): Measured {
  const { frames, rate, half, detail } = shots[wanted.shot]!;
  const crf = toX264(codec, wanted.crf);
  const scale = Math.log(wanted.resolution.height / FILM_RESOLUTIONS[0]!.height);
  const bits = Math.round(frames * Math.exp(rate - 0.128 * crf + 1.7 * scale)) + 400;
  const ceiling = 100 - detail * 38 * scale * scale;
  const vmaf = Math.max(0, Math.min(100, ceiling / (1 + Math.exp(0.15 * (crf - half - 7 * scale)))));
  return { ...wanted, bits, vmaf, peakBitrate: (1.3 * bits * FILM_FPS.num) / (FILM_FPS.den * frames) };
}
