import {
  type Measured,
  type SearchInput,
  chooseLadder,
  properLadder,
  repairsOf,
  wantedIn,
  withRepairs,
} from '../src/encode/index.js';
import { type FilmShot, filmInput, filmProbe, generatedFilm } from './film.js';
import { say } from './setting.js';
import { markdownTable } from './table.js';

/** What planning one title cost, seconds. */
interface Planned {
  shots: number;
  encodes: number;
  /** By round: what asking for its encodes took. */
  rounds: number[];
  /** The ladder chosen, and its repairs. */
  choose: number;
  repair: number;
}

const SHOTS = [200, 500, 1000];
const SEED = 1;

/** The whole search of one codec, as a title's flow asks for it, against generated content. */
export function planFilm(film: readonly FilmShot[], input: SearchInput): Planned {
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

/** What planning costs the process that drives titles, by the number of shots. */
export function planningBench(args: readonly string[]): Promise<void> {
  const sizes = args.length > 0 ? args.map(Number) : SHOTS;
  const rows = sizes.map((shots) => {
    say(`${shots} shots …`);
    const film = generatedFilm(shots, SEED);
    const planned = planFilm(film, filmInput(film));
    const all = planned.rounds.reduce((sum, s) => sum + s, 0) + planned.choose + planned.repair;
    return [
      shots,
      planned.encodes,
      ...[1, 2, 3].map((round) => planned.rounds[round]?.toFixed(2)),
      planned.choose.toFixed(2),
      planned.repair.toFixed(2),
      all.toFixed(2),
    ];
  });
  const body = markdownTable(
    ['shots', 'encodes', 'round 1, s', 'round 2, s', 'round 3, s', 'ladder, s', 'repairs, s', 'all, s'],
    rows,
  );
  process.stdout.write(body);
  return Promise.resolve();
}
