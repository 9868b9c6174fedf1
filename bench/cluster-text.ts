import type { FilmRun, FilmStudy, SpotStudy } from './simulate/film-study.js';
import { CLASSES, type WeekOutcome } from './simulate/service.js';
import type { Newcomer } from './simulate/week-study.js';
import { type Cell, markdownTable } from './table.js';

/** Seconds as people read them: 45 s, 12.3 min, 3.05 h. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`;
  if (seconds < 100 * 60) return `${(seconds / 60).toFixed(1)} min`;
  return `${(seconds / 3600).toFixed(2)} h`;
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)}%`;
const count = (value: number): string => value.toLocaleString('en');
const over = ({ outcome, bound }: FilmRun): string => `+${percent(outcome.makespan / bound.lower - 1)}`;

/** A film in one flow by the number of workers, on machines that stay and on spot machines. */
export function workersTable({ runs }: FilmStudy, spots: readonly SpotStudy[]): string {
  const rows = runs.map((run, i): Cell[] => {
    const { workers, bound, outcome } = run;
    const spot = spots[i]!;
    return [
      ...[count(workers), duration(outcome.makespan), duration(bound.lower), over(run)],
      `+${percent(outcome.makespan / bound.waits - 1)}`,
      ...[percent(outcome.busy / (workers * outcome.makespan)), boundedBy(run)],
      ...[duration(spot.median), duration(spot.worst), percent(spot.lost)],
    ];
  });
  return markdownTable(
    [
      ...['workers', 'makespan', 'lower bound', 'over it', 'over that with waits', 'busy', 'bounded by'],
      ...['on spot machines', 'the worst of 9', 'work lost'],
    ],
    rows,
  );
}

function boundedBy({ workers, bound }: FilmRun): string {
  return bound.criticalPath >= bound.work / workers ? 'the critical path' : 'the work';
}

/** One row a flow: how long its critical path is, and what comes of it. */
export function variantsTable(studies: readonly FilmStudy[]): string {
  const rows = studies.map(({ name, jobs, runs }): Cell[] => {
    const { bound } = runs[0]!;
    const at = (workers: number): Cell[] => {
      const run = runs.find((r) => r.workers === workers)!;
      return [duration(run.outcome.makespan), over(run)];
    };
    return [
      name,
      count(jobs),
      duration(bound.work),
      duration(bound.criticalPath),
      Math.round(bound.work / bound.criticalPath),
      ...[10, 100, 1000].flatMap(at),
    ];
  });
  return markdownTable(
    [
      ...['flow', 'jobs', 'work', 'critical path', 'workers it can use'],
      ...[10, 100, 1000].flatMap((workers) => [`at ${count(workers)}`, 'over the bound']),
    ],
    rows,
  );
}

/** What the critical path of two flows is made of. */
export function pathTable({ legs }: FilmStudy): string {
  const total = legs.reduce((sum, { seconds }) => sum + seconds, 0);
  const byStage = new Map<string, { seconds: number; control: number }>();
  for (const { group, seconds } of legs) {
    const sum = byStage.get(group.stage) ?? { seconds: 0, control: 0 };
    byStage.set(group.stage, { seconds: sum.seconds + seconds, control: sum.control + group.control });
  }
  return markdownTable(
    ['stage', 'on the critical path', 'of it', 'of that in the control plane'],
    [...byStage].map(([stage, { seconds, control }]) => [
      ...[stage, duration(seconds), percent(seconds / total, 0)],
      duration(control),
    ]),
  );
}

/** A film's makespan over the bound, in every order of the jobs of a round. */
export function roundOrderTable(orders: readonly { name: string; runs: readonly FilmRun[] }[]): string {
  return markdownTable(
    ['jobs of a round', ...orders[0]!.runs.map(({ workers }) => `${count(workers)} workers`)],
    orders.map(({ name, runs }) => [
      name,
      ...runs.map((run) => `${duration(run.outcome.makespan)} (${over(run)})`),
    ]),
  );
}

const turnaround = ({ p50, p95 }: { p50: number; p95: number }): string =>
  `${p50.toFixed(1)} / ${p95.toFixed(1)}`;

export interface WeekRow {
  name: string;
  workers: number;
  week: WeekOutcome;
}

/** Turnarounds of a week's titles by class; hours, the middle one and that which 95 of 100 do not exceed. */
export function weekTable(rows: readonly WeekRow[]): string {
  return markdownTable(
    ['', 'workers', 'load', 'all, h', ...CLASSES.map(({ name }) => `${name}, h`)],
    rows.map(({ name, workers, week }) => [
      ...[name, workers, percent(week.load, 0)],
      ...[turnaround(week.all), ...week.byClass.map(turnaround)],
    ]),
  );
}

export interface FewestRow {
  name: string;
  order: string;
  machines: string;
  fewest: { least: number; all: number; urgent: number };
}

export function fewestTable(rows: readonly FewestRow[]): string {
  return markdownTable(
    ['flow', 'order', 'machines', 'workers busy all week', 'for all', 'for all but backfill'],
    rows.map(({ name, order, machines, fewest: { least, all, urgent } }) => [
      ...[name, order, machines],
      ...[Math.round(least), all, urgent],
    ]),
  );
}

/** A short episode behind ten films, by order; alone where that is told. */
export function newcomerTable(rows: readonly { order: string; now: Newcomer; pieces: Newcomer }[]): string {
  const cells = ({ behind, films }: Newcomer): string[] => [duration(behind), duration(films)];
  return markdownTable(
    [
      'order',
      ...['as it is: the episode', 'as it is: films, mean'],
      ...['in pieces: the episode', 'in pieces: films, mean'],
    ],
    rows.map(({ order, now, pieces }) => [order, ...cells(now), ...cells(pieces)]),
  );
}
