import { type ClusterOptions, type Failures, type Outcome, simulate } from './cluster.js';
import type { Costs } from './costs.js';
import type { FilmShape } from './film-shape.js';
import { FLOW_NOW, type FlowOptions, RANKS } from './flow-options.js';
import { flowGraph } from './flow.js';
import { type Bound, type Leg, type TitleGraph, boundOf, jobCount, longestWay } from './graph.js';
import { CLUSTER_ORDER } from './order.js';
import { seeded } from './random.js';
import { quantile } from './quantile.js';
import { S3 } from './transfers.js';

/** Numbers of workers that are looked at. */
export const WORKERS = [1, 10, 100, 1000, 5000];

/** A flow, and a title that it makes. */
export interface Variant {
  name: string;
  options: FlowOptions;
  codecs?: readonly number[];
  masterScale?: number;
}

const WITHOUT_WAITS = { ...FLOW_NOW, searchBesideInspect: true, filesAtOnce: 32 };
export const IN_PIECES: FlowOptions = { ...WITHOUT_WAITS, rungsApart: true, pieces: 60 };
/** CPU of a search in H.264, HEVC and AV1, as multiples of the first: docs/benchmarks.md, "Codecs". */
export const THREE_CODECS = [1, 1.63, 2.39];

/** The flow as it is, and with one change after the other. */
export const VARIANTS: readonly Variant[] = [
  { name: 'as it is', options: FLOW_NOW },
  {
    name: '+ the search does not wait for inspection and sound',
    options: { ...FLOW_NOW, searchBesideInspect: true },
  },
  { name: '+ 32 files at a time', options: WITHOUT_WAITS },
  { name: '+ every rung packaged and verified by itself', options: { ...WITHOUT_WAITS, rungsApart: true } },
  { name: '+ decoded, cut, inspected and verified in pieces of a minute', options: IN_PIECES },
];

/** Other titles than the one film. */
export const OTHER_TITLES: readonly Variant[] = [
  {
    name: 'as it is, but planning everything again after each wait',
    options: { ...FLOW_NOW, planOnce: false },
  },
  { name: 'as it is, three codecs', options: FLOW_NOW, codecs: THREE_CODECS },
  { name: 'with all changes, three codecs', options: IN_PIECES, codecs: THREE_CODECS },
  {
    name: 'and no codec waits for another',
    options: { ...IN_PIECES, codecsApart: true },
    codecs: THREE_CODECS,
  },
  { name: 'as it is, master of 200 Mbit/s', options: FLOW_NOW, masterScale: 33 },
  { name: 'with all changes, master of 200 Mbit/s', options: IN_PIECES, masterScale: 33 },
];

/** Spot machines: two hours on average; a lost lock is seen by the queue's check after 30 s; another takes two minutes. */
export const SPOT: { failures: Failures; startUp: number } = {
  failures: { meanLife: 7200, noticed: 30 },
  startUp: 120,
};
const SPOT_SEEDS = 9;

export interface FilmRun {
  workers: number;
  bound: Bound;
  outcome: Outcome;
}

export interface FilmStudy {
  name: string;
  graph: TitleGraph;
  jobs: number;
  legs: Leg[];
  runs: FilmRun[];
}

/** The graph of a film; its jobs cost the same in every variant as far as they are the same. */
export function filmGraph(film: FilmShape, costs: Costs, variant: Omit<Variant, 'name'>): TitleGraph {
  const { options, codecs, masterScale } = variant;
  return flowGraph(film, options, {
    ...{ costs, store: S3, seed: 2 },
    ...(codecs ? { codecs } : {}),
    ...(masterScale ? { masterScale } : {}),
  });
}

export function runFilm(graph: TitleGraph, workers: number, more: Partial<ClusterOptions> = {}): FilmRun {
  const options = { workers, order: CLUSTER_ORDER, ranks: RANKS, seed: 1, ...more };
  const outcome = simulate([{ graph, at: 0, priority: 5 }], options);
  return { workers, bound: boundOf(graph, workers), outcome };
}

export function studyFilm(film: FilmShape, costs: Costs, variant: Variant, workers = WORKERS): FilmStudy {
  const graph = filmGraph(film, costs, variant);
  return {
    ...{ name: variant.name, graph },
    jobs: jobCount(graph),
    legs: longestWay(graph),
    runs: workers.map((count) => runFilm(graph, count)),
  };
}

/** Makespans of a film on machines that vanish: the middle one of nine runs and the worst, and the share of time lost. */
export interface SpotStudy {
  workers: number;
  median: number;
  worst: number;
  lost: number;
}

export function studySpot(graph: TitleGraph, workers: number, spot = SPOT): SpotStudy {
  const outcomes = Array.from(
    { length: SPOT_SEEDS },
    (_, seed) => runFilm(graph, workers, { ...spot, seed }).outcome,
  );
  const makespans = outcomes.map(({ makespan }) => makespan);
  const sum = (of: (outcome: Outcome) => number): number => outcomes.reduce((total, o) => total + of(o), 0);
  return {
    workers,
    median: quantile(makespans, 0.5),
    worst: Math.max(...makespans),
    lost: sum(({ lost }) => lost) / sum(({ busy }) => busy),
  };
}

/** In which order the jobs of a round are. */
export const ROUND_ORDERS = [
  { name: 'most work first, as the flow puts them', rank: undefined },
  { name: 'as they come', rank: (_seconds: number, draw: number) => draw },
  { name: 'least work first', rank: (seconds: number) => seconds },
] as const;

/** The graph with the jobs of every group put in another order. */
export function reordered(
  { groups }: TitleGraph,
  rank: ((seconds: number, draw: number) => number) | undefined,
): TitleGraph {
  if (!rank) return { groups };
  const random = seeded(3);
  return {
    groups: groups.map((group) => {
      const jobs = Array.from(group.seconds, (seconds) => ({ seconds, at: rank(seconds, random.uniform()) }));
      jobs.sort((a, b) => a.at - b.at);
      return { ...group, seconds: Float64Array.from(jobs, ({ seconds }) => seconds) };
    }),
  };
}
