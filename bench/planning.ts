import { filmInput, generatedFilm } from './film.js';
import { planFilm } from './plan-film.js';
import { say } from './setting.js';
import { markdownTable } from './table.js';
import { writeSection } from './write-section.js';

const SHOTS = [200, 500, 1000];
const SEED = 1;

/** What planning costs the process that drives titles: of films of so many shots, or, without arguments, for the docs. */
export async function planningBench(args: readonly string[]): Promise<void> {
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
  if (args.length === 0) await writeSection('planning', body);
}
