import type { Counter, Gauge } from 'prom-client';
import type { Titles } from '../../db/index.js';
import type { Director } from '../api/index.js';
import type { Instruments } from './instruments.js';

/** What a control plane knows of the fleet. */
export interface Fleet {
  director: Pick<Director, 'workers' | 'queues'>;
  titles: Pick<Titles, 'count'>;
}

export interface FleetOptions {
  /** How long a scrape waits for the queue and for the database, each, milliseconds. */
  timeoutMs: number;
  /** Told of what could not be read. */
  onError: (source: string, error: unknown) => void;
}

interface Gauges {
  depth: Gauge<'stage' | 'state'>;
  workers: Gauge<'state'>;
  slots: Gauge;
  busy: Gauge;
  titles: Gauge<'state'>;
  errors: Counter<'source'>;
}

/**
 * Gauges of what all processes share, read anew on each scrape of a control plane; each control plane shows the same,
 * so queries take the max over instances. What cannot be read is not shown at all: an old queue depth would scale
 * workers by what is no longer true.
 */
export function fleetMetrics(
  make: Instruments,
): (fleet: Fleet, options: FleetOptions) => () => Promise<void> {
  const gauges: Gauges = {
    depth: make.gauge(
      'hullcast_queue_depth',
      'Jobs in the queue of a stage: waiting (of any priority), active, or delayed until they are tried again.',
      ['stage', 'state'],
    ),
    workers: make.gauge('hullcast_workers', 'Workers that have been heard of lately.', ['state']),
    slots: make.gauge('hullcast_slots', 'Places for jobs, over all workers.'),
    busy: make.gauge('hullcast_slots_busy', 'Places that are taken, over all workers.'),
    titles: make.gauge('hullcast_titles', 'Titles by state.', ['state']),
    errors: make.counter(
      'hullcast_collect_errors_total',
      'Scrapes in which the queue or the database could not be read.',
      ['source'],
    ),
  };
  // Without values: until a fleet is watched there is nothing to show, and 0 would be a claim.
  for (const gauge of [gauges.slots, gauges.busy]) gauge.remove();
  return (fleet, options) => {
    for (const source of SOURCES) gauges.errors.inc({ source }, 0);
    return async () => {
      await Promise.all([
        collect('queue', options, gauges.errors, () => fleet.director.queues(), queueGauges(gauges)),
        collect('workers', options, gauges.errors, () => fleet.director.workers(), workerGauges(gauges)),
        collect('database', options, gauges.errors, () => fleet.titles.count(), titleGauges(gauges)),
      ]);
    };
  };
}

const SOURCES = ['queue', 'workers', 'database'] as const;

/** Shows what was read; clears what is shown first, also where nothing can be read. */
interface View<T> {
  clear(): void;
  show(value: T): void;
}

function queueGauges({ depth }: Gauges): View<Awaited<ReturnType<Director['queues']>>> {
  return {
    clear: () => depth.reset(),
    show: (queues) => {
      for (const { stage, ...states } of queues)
        for (const state of ['waiting', 'active', 'delayed'] as const)
          depth.set({ stage, state }, states[state]);
    },
  };
}

function workerGauges({ workers, slots, busy }: Gauges): View<ReturnType<Director['workers']>> {
  return {
    clear: () => {
      workers.reset();
      slots.remove();
      busy.remove();
    },
    show: (all) => {
      const draining = all.filter((worker) => worker.draining);
      workers.set({ state: 'draining' }, draining.length);
      workers.set({ state: 'ready' }, all.length - draining.length);
      // A worker that drains takes nothing more: its free places are none.
      const ready = all.filter((worker) => !worker.draining);
      const sum = (counts: number[]): number => counts.reduce((total, count) => total + count, 0);
      slots.set(sum([...ready.map((worker) => worker.slots), ...draining.map((worker) => worker.busy)]));
      busy.set(sum(all.map((worker) => worker.busy)));
    },
  };
}

function titleGauges({ titles }: Gauges): View<Awaited<ReturnType<Titles['count']>>> {
  return {
    clear: () => titles.reset(),
    show: (counts) => {
      for (const [state, count] of Object.entries(counts)) titles.set({ state }, count);
    },
  };
}

async function collect<T>(
  source: (typeof SOURCES)[number],
  { timeoutMs, onError }: FleetOptions,
  errors: Counter<'source'>,
  read: () => T | Promise<T>,
  view: View<T>,
): Promise<void> {
  try {
    const value = await within(timeoutMs, read);
    view.clear();
    view.show(value);
  } catch (error) {
    view.clear();
    errors.inc({ source });
    onError(source, error); // the scrape goes on: what can be told is told
  }
}

async function within<T>(limitMs: number, read: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([(async () => read())(), late]);
  } finally {
    clearTimeout(timer);
  }
}
