import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { badUsage } from '../src/errors.js';
import {
  type FewestRow,
  type WeekRow,
  fewestTable,
  newcomerTable,
  pathTable,
  roundOrderTable,
  variantsTable,
  weekTable,
  workersTable,
} from './cluster-text.js';
import { type Series, rdPlot } from './plot.js';
import { say } from './setting.js';
import { Costs } from './simulate/costs.js';
import { type FilmShape, filmShapes } from './simulate/film-shape.js';
import {
  type FilmStudy,
  IN_PIECES,
  OTHER_TITLES,
  ROUND_ORDERS,
  SPOT,
  THREE_CODECS,
  VARIANTS,
  WORKERS,
  filmGraph,
  reordered,
  runFilm,
  studyFilm,
  studySpot,
} from './simulate/film-study.js';
import { FLOW_NOW } from './simulate/flow-options.js';
import { keepMeasured } from './simulate/measure.js';
import { readMeasured } from './simulate/measured.js';
import { CLUSTER_ORDER, type Order } from './simulate/order.js';
import { HOURS, TARGET, WeekStudy, studyNewcomer } from './simulate/week-study.js';
import { writeSection } from './write-section.js';

const PLOT = 'docs/benchmarks/cluster.svg';
const FILM_SECONDS = 7200;
const SEED = 1;
const PRIORITY_FIRST: Order = ['priority', 'stage', 'turn'];
const LEAST_LEFT: Order = ['priority', 'left', 'stage'];
const STAGE_FIRST: Order = ['stage', 'priority', 'turn'];

/** A film and a week of a large service on clusters of any size, simulated from measured costs. Throws BENCH_FLAGS. */
export async function clusterBench(args: readonly string[]): Promise<void> {
  const { measure, title } = parseClusterFlags(args);
  if (measure !== undefined && title !== undefined) return keepMeasured(measure, title);
  const costs = new Costs(await readMeasured());
  say('the search of a film …');
  const shapes = filmShapes(costs.kinds, SEED);
  await filmSection(costs, shapes(FILM_SECONDS));
  await weekSection(costs, shapes);
}

function parseClusterFlags(args: readonly string[]): { measure?: string; title?: string } {
  const hint = 'Flags are --measure <home> --title <folder>, both or none.';
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { measure: { type: 'string' }, title: { type: 'string' } },
    });
    if ((values.measure === undefined) !== (values.title === undefined))
      throw new Error('one flag is missing');
    return values;
  } catch (error) {
    throw badUsage('BENCH_FLAGS', (error as Error).message, hint);
  }
}

async function publish(section: string, parts: readonly string[]): Promise<void> {
  const body = parts.map((part) => part.trim()).join('\n\n');
  await writeSection(section, body);
  process.stdout.write(`${body}\n\n`);
}

async function filmSection(costs: Costs, film: FilmShape): Promise<void> {
  say('a film …');
  const studies = VARIANTS.map((variant) => studyFilm(film, costs, variant));
  const others = OTHER_TITLES.map((variant) => studyFilm(film, costs, variant));
  const [now, pieces] = [studies[0]!, studies[studies.length - 1]!];
  const spotRuns = (study: FilmStudy): string =>
    workersTable(
      study,
      WORKERS.map((workers) => studySpot(study.graph, workers)),
    );
  const orders = ROUND_ORDERS.map(({ name, rank }) => ({
    name,
    runs: [30, 100, 300, 1000].map((workers) => runFilm(reordered(pieces.graph, rank), workers)),
  }));
  const minutes = (film.frames / film.fps / 60).toFixed(0);
  await mkdir('docs/benchmarks', { recursive: true });
  await writeFile(PLOT, plotOf(studies));
  await publish('cluster-film', [
    `A film of ${minutes} minutes, 1080p, H.264 medium, ${film.shots} chunks, ${now.jobs.toLocaleString('en')} jobs; the flow as it is:`,
    spotRuns(now),
    'What its critical path is made of:',
    pathTable(now),
    'One change of the flow after the other, and other titles:',
    variantsTable([...studies, ...others]),
    'With all changes:',
    spotRuns(pieces),
    pathTable(pieces),
    'The order of the jobs of a round, with all changes:',
    roundOrderTable(orders),
    `![Makespan over workers](benchmarks/cluster.svg)`,
  ]);
}

function plotOf(studies: readonly FilmStudy[]): string {
  const counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
  const series = studies.flatMap(({ name, graph }, i): Series[] => {
    if (i === 1) return []; // lies on the first
    const runs = counts.map((workers) => runFilm(graph, workers));
    const own = { name, points: runs.map((run) => pointOf(run.workers, run.outcome.makespan)) };
    const bound = runs.map((run) => pointOf(run.workers, run.bound.work / run.workers));
    return i === 0 ? [own, { name: 'work / workers', points: bound }] : [own];
  });
  return rdPlot(series, {
    title: 'A two-hour film: hours until it is done',
    ...{ xLabel: 'workers', yLabel: 'hours', rateUnit: 1, bothLogarithmic: true },
  });
}

const pointOf = (workers: number, seconds: number): Series['points'][number] => ({
  ...{ rate: workers, quality: seconds / 3600 },
});

const ORDERS: readonly { name: string; order: Order }[] = [
  { name: 'due time, stage (as the cluster does)', order: CLUSTER_ORDER },
  { name: 'stage, priority, turn', order: STAGE_FIRST },
  { name: 'stage, priority', order: ['stage', 'priority'] },
  { name: 'priority, stage, turn', order: PRIORITY_FIRST },
  { name: 'priority, stage', order: ['priority', 'stage'] },
  { name: 'priority, turn, stage', order: ['priority', 'turn', 'stage'] },
  { name: 'priority, least left', order: LEAST_LEFT },
  { name: 'who came first', order: [] },
];
/** Workers as multiples of those that would be busy all week. */
const LOADS = [1.1, 1.25, 1.5, 2, 3];

async function weekSection(costs: Costs, shapes: (seconds: number) => FilmShape): Promise<void> {
  say(`${HOURS} hours in a week …`);
  const study = new WeekStudy(shapes, costs);
  const now = study.graphs(FLOW_NOW);
  const pieces = study.graphs(IN_PIECES);
  const least = study.atLeast(now);
  const workersFor = (load: number): number => 10 * Math.round((least * load) / 10);
  const byWorkers = LOADS.flatMap((load): WeekRow[] => {
    const workers = workersFor(load);
    return [
      { name: 'as it is', workers, week: study.run(now, workers) },
      { name: 'as it is, spot', workers, week: study.run(now, workers, SPOT) },
    ];
  });
  say('orders …');
  const usual = workersFor(1.5);
  const byOrder = ORDERS.map(({ name, order }): WeekRow => ({
    ...{ name, workers: usual, week: study.run(now, usual, { order }) },
  }));
  const film = filmGraph(shapes(110 * 60), costs, { options: FLOW_NOW });
  const episode = filmGraph(shapes(24 * 60), costs, { options: FLOW_NOW });
  const filmInPieces = filmGraph(shapes(110 * 60), costs, { options: IN_PIECES });
  const episodeInPieces = filmGraph(shapes(24 * 60), costs, { options: IN_PIECES });
  const newcomers = ORDERS.map(({ name, order }) => ({
    order: name,
    now: studyNewcomer(film, episode, usual, order),
    pieces: studyNewcomer(filmInPieces, episodeInPieces, usual, order),
  }));
  say('the fewest workers …');
  const asked = [
    { name: 'as it is', graphs: now, order: CLUSTER_ORDER, machines: ['stay', 'spot'] },
    { name: 'as it is', graphs: now, order: STAGE_FIRST, machines: ['stay'] },
    { name: 'as it is', graphs: now, order: LEAST_LEFT, machines: ['stay'] },
    { name: 'in pieces', graphs: pieces, order: CLUSTER_ORDER, machines: ['stay', 'spot'] },
    { name: 'in pieces', graphs: pieces, order: STAGE_FIRST, machines: ['stay'] },
    { name: 'in pieces', graphs: pieces, order: LEAST_LEFT, machines: ['stay'] },
  ];
  const fewest = asked.flatMap(({ name, graphs, order, machines }) =>
    machines.map((kind): FewestRow => ({
      ...{ name, order: order.join(', '), machines: kind },
      fewest: study.fewest(graphs, { order, ...(kind === 'spot' ? SPOT : {}) }),
    })),
  );
  const inThree = `; in H.264, HEVC and AV1 ${study.atLeast(study.graphs(FLOW_NOW, THREE_CODECS)).toFixed(0)} workers would be busy all week`;
  const hours = study.arrivals.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
  await publish('cluster-week', [
    `${study.arrivals.length.toLocaleString('en')} titles, ${hours.toFixed(0)} hours, H.264 medium${inThree}. Turnarounds: the middle one / that which 95 of 100 titles do not exceed.`,
    weekTable(byWorkers),
    `The fewest workers (to ten) with which 95 of 100 titles are done within ${TARGET} h:`,
    fewestTable(fewest),
    'The order of jobs, in the flow as it is:',
    weekTable(byOrder),
    `A short episode that comes two hours after ten films, on ${usual} workers; alone it takes ${(newcomers[0]!.now.alone / 60).toFixed(0)} minutes, in pieces ${(newcomers[0]!.pieces.alone / 60).toFixed(0)}:`,
    newcomerTable(newcomers),
  ]);
}
