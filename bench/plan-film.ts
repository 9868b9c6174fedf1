import {
  type Measured,
  type SearchInput,
  chooseLadder,
  properLadder,
  repairsOf,
  wantedIn,
  withRepairs,
} from '../src/encode/index.js';
import { type FilmShot, filmProbe } from './film.js';
import type { PlanningCost } from './simulate/measured.js';

/** The whole search of one codec, as a title's flow asks for it, against generated content; what that costs. */
export function planFilm(film: readonly FilmShot[], input: SearchInput): PlanningCost {
  const measured: Measured[] = [];
  const rounds: number[] = [];
  for (let round = 0; ; round++) {
    const { value: wanted, seconds } = timed(() => wantedIn(round, input, measured));
    rounds.push(seconds);
    if (!wanted) break;
    measured.push(...wanted.map((want) => filmProbe(input, film, want)));
  }
  const { value: found, seconds: choose } = timed(() => chooseLadder(input, measured));
  const { seconds: repair } = timed(() => {
    const repairs = repairsOf(input, found, measured).map(({ miss, want }) => ({
      miss,
      measured: filmProbe(input, film, want),
    }));
    return properLadder(withRepairs(input, found, repairs));
  });
  return { shots: film.length, encodes: measured.length, rounds, choose, repair };
}

function timed<T>(work: () => T): { value: T; seconds: number } {
  // CPU, not the clock: on a machine of its own they are the same, on a busy one this is still what planning costs.
  const started = process.cpuUsage();
  const value = work();
  const { user, system } = process.cpuUsage(started);
  return { value, seconds: (user + system) / 1e6 };
}
