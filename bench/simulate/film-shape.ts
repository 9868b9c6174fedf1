import {
  type Measured,
  type SearchInput,
  type Wanted,
  chooseLadder,
  properLadder,
  repairsOf,
  wantedIn,
  withRepairs,
} from '../../src/encode/index.js';
import { FILM_FPS, type FilmShot, filmInput, filmProbe, generatedFilm } from '../film.js';
import type { EncodeJob } from './costs.js';
import { seeded } from './random.js';

/** What is asked for of a film's shots, round after round, and the ladder that comes of it. */
export interface FilmShape {
  frames: number;
  fps: number;
  shots: number;
  /** Encodes of every round of the search, in the order in which the flow adds them; the last round are the repairs. */
  rounds: EncodeJob[][];
  /** Of rungs, the best first. */
  rungs: { width: number; height: number; bits: number }[];
}

/** Shots that one search is run for: a film is as many of these as it is long. */
const PLANNED_SHOTS = 240;

/**
 * Gives the shapes of films of any length, seconds; the real search says what is asked for. Only a part of a film is planned,
 * and repeated: what a shot needs hardly depends on how many others there are, and planning a whole film takes a while.
 */
export function filmShapes(
  kinds: number,
  seed: number,
  planned = PLANNED_SHOTS,
): (seconds: number) => FilmShape {
  const random = seeded(seed);
  const shots = generatedFilm(planned, seed);
  const { input, rounds, ladder } = searched(shots);
  const frames = shots.reduce((sum, shot) => sum + shot.frames, 0);
  const kindOf = shots.map(() => random.integer(kinds));
  const fps = FILM_FPS.num / FILM_FPS.den;
  const jobOf = ({ shot, resolution, crf }: Wanted): EncodeJob & { shot: number } => {
    const { width, height } = resolution;
    return { shot, kind: kindOf[shot]!, width, height, crf, frames: input.shots[shot]!.frames };
  };
  return (seconds) => {
    const count = Math.round((planned * seconds * fps) / frames);
    const own = Array.from({ length: count }, (_, i) => shots[i % planned]!.frames);
    const share = own.reduce((sum, f) => sum + f, 0) / frames;
    return {
      frames: Math.round(share * frames),
      ...{ fps, shots: count },
      rounds: rounds.map((wanted) => largestFirst(repeated(wanted.map(jobOf), planned, count))),
      rungs: ladder.map(({ resolution: { width, height }, bits }) => ({ width, height, bits: share * bits })),
    };
  };
}

interface Searched {
  input: SearchInput;
  rounds: Wanted[][];
  ladder: { resolution: { width: number; height: number }; bits: number }[];
}

function searched(shots: readonly FilmShot[]): Searched {
  const input = filmInput(shots);
  const measured: Measured[] = [];
  const rounds: Wanted[][] = [];
  for (let round = 0; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (!wanted) break;
    rounds.push(wanted);
    measured.push(...wanted.map((want) => filmProbe(input, shots, want)));
  }
  const found = chooseLadder(input, measured);
  const repairs = repairsOf(input, found, measured);
  rounds.push(repairs.map(({ want }) => want));
  const made = repairs.map(({ miss, want }) => ({ miss, measured: filmProbe(input, shots, want) }));
  return { input, rounds, ladder: properLadder(withRepairs(input, found, made)) };
}

/** The jobs of so many shots, which are the `planned` ones over and over. */
function repeated(
  jobs: readonly (EncodeJob & { shot: number })[],
  planned: number,
  shots: number,
): EncodeJob[] {
  const all: EncodeJob[] = [];
  for (let first = 0; first < shots; first += planned) {
    all.push(...jobs.filter(({ shot }) => first + shot < shots));
  }
  return all;
}

/** As the flow puts them (src/title/search-run.ts): the most work first, by what is known before they are done. */
function largestFirst(jobs: readonly EncodeJob[]): EncodeJob[] {
  const work = ({ frames, width, height }: EncodeJob): number => frames * (width * height + 1e6);
  return jobs.toSorted((a, b) => work(b) - work(a));
}
