import type { Group, TitleGraph } from './graph.js';
import { type ClusterOptions, type Outcome, simulate } from './cluster.js';
import { quantile } from './quantile.js';
import { seeded } from './random.js';

/** A title that a service gets. */
export interface Arrival {
  /** Seconds from the beginning of the week. */
  at: number;
  /** Length, seconds. */
  seconds: number;
  priority: number;
}

const HOUR = 3600;
const DAY = 24 * HOUR;
export const WEEK = 7 * DAY;

/** Lengths of titles, and how many of a hundred deliveries are of each; series come in batches of so many on average. */
export const KINDS = [
  { name: 'short episodes', seconds: 24 * 60, share: 0.35, batch: 6 },
  { name: 'long episodes', seconds: 50 * 60, share: 0.4, batch: 4 },
  { name: 'films', seconds: 110 * 60, share: 0.25, batch: 1 },
] as const;

/** Priorities: promised for tonight, ordinary, backfill. */
export const CLASSES = [
  { name: 'tonight', priority: 9, share: 0.1 },
  { name: 'ordinary', priority: 5, share: 0.6 },
  { name: 'backfill', priority: 0, share: 0.3 },
] as const;

/** How busy an hour is, against the busiest: most is delivered in working hours. */
function busy(at: number): number {
  const weekend = at >= 5 * DAY;
  const hour = (at % DAY) / HOUR;
  return hour >= 8 && hour < 20 ? (weekend ? 0.4 : 1) : weekend ? 0.2 : 0.3;
}

/** A week's deliveries, from Monday on, of at least so many hours of content; the same for the same seed. */
export function weekOf(hours: number, seed: number): Arrival[] {
  const random = seeded(seed);
  const arrivals: Arrival[] = [];
  const pick = <T extends { share: number }>(items: readonly T[]): T => {
    let draw = random.uniform();
    return items.find(({ share }) => (draw -= share) < 0) ?? items[items.length - 1]!;
  };
  for (let content = 0; content < hours * HOUR;) {
    const at = random.uniform() * WEEK;
    if (random.uniform() >= busy(at)) continue;
    const { seconds, batch } = pick(KINDS);
    const { priority } = pick(CLASSES);
    const titles = batch === 1 ? 1 : 1 + Math.floor(random.exponential(batch - 0.5));
    for (let i = 0; i < titles; i++) arrivals.push({ at, seconds, priority });
    content += titles * seconds;
  }
  return arrivals.toSorted((a, b) => a.at - b.at);
}

/** The graph with `size` successive jobs of a group in one: a week of single encodes would take minutes to simulate. */
export function coarse({ groups }: TitleGraph, size: number): TitleGraph {
  return {
    groups: groups.map((group): Group => {
      const seconds = new Float64Array(Math.ceil(group.seconds.length / size));
      group.seconds.forEach((own, i) => (seconds[Math.floor(i / size)]! += own));
      return { ...group, seconds, each: group.seconds.length / seconds.length };
    }),
  };
}

/** Hours from coming to being done. */
export interface Turnaround {
  p50: number;
  p95: number;
}

/** What a week came to. */
export interface WeekOutcome {
  outcome: Outcome;
  all: Turnaround;
  /** Of all but backfill. */
  urgent: Turnaround;
  /** In the order of CLASSES. */
  byClass: Turnaround[];
  /** In the order of KINDS. */
  byKind: Turnaround[];
  /** Work of all titles over the time of all workers, for the week that they came in. */
  load: number;
}

/** Runs a week's titles through a cluster; `graphOf` gives the graph of a length. */
export function simulateWeek(
  arrivals: readonly Arrival[],
  graphOf: (seconds: number) => TitleGraph,
  options: ClusterOptions,
): WeekOutcome {
  const outcome = simulate(
    arrivals.map(({ at, seconds, priority }) => ({ graph: graphOf(seconds), at, priority })),
    options,
  );
  const hours = [...outcome.turnarounds].map((seconds) => seconds / HOUR);
  const of = (chosen: (arrival: Arrival) => boolean): Turnaround => {
    const own = hours.filter((_, i) => chosen(arrivals[i]!));
    return { p50: quantile(own, 0.5), p95: quantile(own, 0.95) };
  };
  return {
    outcome,
    all: of(() => true),
    urgent: of(({ priority }) => priority > 0),
    byClass: CLASSES.map((own) => of(({ priority }) => priority === own.priority)),
    byKind: KINDS.map((own) => of(({ seconds }) => seconds === own.seconds)),
    load: outcome.busy / (options.workers * WEEK),
  };
}

/**
 * The fewest workers, a multiple of `step` from `least` on, that are good enough; more of them always are, too. Throws
 * RangeError where `most` are not.
 */
export function fewest(
  { least, most, step }: { least: number; most: number; step: number },
  good: (workers: number) => boolean,
): number {
  let low = Math.ceil(least / step);
  let high = Math.ceil(most / step);
  if (!good(high * step)) throw new RangeError(`${high * step} workers are not enough`);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (good(middle * step)) high = middle;
    else low = middle + 1;
  }
  return high * step;
}
