import { simulate } from './cluster.js';
import type { ClusterOptions } from './cluster.js';
import type { Costs } from './costs.js';
import type { FilmShape } from './film-shape.js';
import { filmGraph } from './film-study.js';
import { type FlowOptions, RANKS } from './flow-options.js';
import { type TitleGraph, workOf } from './graph.js';
import { CLUSTER_ORDER, type Order } from './order.js';
import {
  type Arrival,
  KINDS,
  WEEK,
  type WeekOutcome,
  coarse,
  fewest,
  simulateWeek,
  weekOf,
} from './service.js';

/** Content that a large service gets in a week, hours. */
export const HOURS = 1000;
/** Turnaround that 95 of 100 titles shall not exceed, hours. */
export const TARGET = 4;
/** Encodes that stand for one in a simulated week. */
export const TOGETHER = 8;

/** The titles of a week, and a cluster's ways to make them. */
export class WeekStudy {
  readonly arrivals: Arrival[] = weekOf(HOURS, 1);

  constructor(
    private readonly shapes: (seconds: number) => FilmShape,
    private readonly costs: Costs,
  ) {}

  /** Graphs by length. */
  graphs(options: FlowOptions, codecs?: readonly number[]): ReadonlyMap<number, TitleGraph> {
    const graphOf = (seconds: number): TitleGraph =>
      filmGraph(this.shapes(seconds), this.costs, { options, ...(codecs ? { codecs } : {}) });
    return new Map(KINDS.map(({ seconds }) => [seconds, coarse(graphOf(seconds), TOGETHER)]));
  }

  run(
    graphs: ReadonlyMap<number, TitleGraph>,
    workers: number,
    more: Partial<ClusterOptions> = {},
  ): WeekOutcome {
    const options = { workers, order: CLUSTER_ORDER, ranks: RANKS, seed: 1, ...more };
    return simulateWeek(this.arrivals, (seconds) => graphs.get(seconds)!, options);
  }

  /** Workers that would be busy all week and never more. */
  atLeast(graphs: ReadonlyMap<number, TitleGraph>): number {
    const work = new Map([...graphs].map(([seconds, graph]) => [seconds, workOf(graph)]));
    return this.arrivals.reduce((sum, { seconds }) => sum + work.get(seconds)!, 0) / WEEK;
  }

  /**
   * The fewest workers with which 95 of 100 titles are done in time: of all, and of those that are no backfill. One search for
   * both, for their runs are the same.
   */
  fewest(
    graphs: ReadonlyMap<number, TitleGraph>,
    more: Partial<ClusterOptions>,
  ): { least: number; all: number; urgent: number } {
    const least = this.atLeast(graphs);
    const step = 10;
    const runs = new Map<number, WeekOutcome>();
    const run = (workers: number): WeekOutcome => {
      const found = runs.get(workers) ?? this.run(graphs, workers, more);
      runs.set(workers, found);
      return found;
    };
    const range = { least, most: 5 * least, step };
    return {
      least,
      all: fewest(range, (workers) => run(workers).all.p95 <= TARGET),
      urgent: fewest(range, (workers) => run(workers).urgent.p95 <= TARGET),
    };
  }
}

/** One short episode that comes behind ten films, with and without them. */
export interface Newcomer {
  alone: number;
  behind: number;
  /** Mean turnaround of the films. */
  films: number;
}

const FILMS = 10;
/** When the episode comes: the films are then in the midst of their search. */
const LATER = 7200;

export function studyNewcomer(
  film: TitleGraph,
  episode: TitleGraph,
  workers: number,
  order: Order,
): Newcomer {
  const options = { workers, order, ranks: RANKS, seed: 1 };
  const films = Array.from({ length: FILMS }, () => ({ graph: film, at: 0, priority: 5 }));
  const newcomer = { graph: episode, at: LATER, priority: 5 };
  const { turnarounds } = simulate([...films, newcomer], options);
  return {
    alone: simulate([newcomer], options).turnarounds[0]!,
    behind: turnarounds[FILMS]!,
    films: turnarounds.slice(0, FILMS).reduce((sum, s) => sum + s, 0) / FILMS,
  };
}
