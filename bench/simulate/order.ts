import { compareJobs } from '../../src/pipeline/index.js';

/**
 * What decides between waiting jobs: `due`, the due time as the cluster gives it (src/pipeline/due.ts); `stage`, the later one of a title's flow first, so that titles are finished rather than
 * begun; `priority`, the title's; `turn`, virtual time: each job takes its title one step further, who is furthest behind
 * goes first, and a new title begins at the present (start-time fair queueing; Goyal, Vin & Cheng 1996); `left`, the title
 * with the fewest jobs left, which keeps the mean time of all low (Schrage 1968).
 */
export type Key = 'due' | 'stage' | 'priority' | 'turn' | 'left';

/** Keys, the weightiest first; who came first decides last. */
export type Order = readonly Key[];

/** As the cluster's queues and gates do it: compareJobs(). */
export const CLUSTER_ORDER: Order = ['due', 'stage'];

/** What an order compares of waiting jobs. */
export interface Waiting {
  /** See dueOf(): by the title's priority, when it came, and the jobs that it waits for. */
  due: number;
  /** Place of the stage in a title's flow: the later, the higher. */
  rank: number;
  /** The title's. */
  priority: number;
  /** Virtual time at which the next of these jobs begins. */
  tag: number;
  /** Jobs that the title had left when these were added. */
  left: number;
  /** Counts up: which jobs came first. */
  arrival: number;
}

const DIFFERENCES: Readonly<Record<Key, (a: Waiting, b: Waiting) => number>> = {
  due: (a, b) => compareJobs({ due: a.due, rank: 0 }, { due: b.due, rank: 0 }),
  stage: (a, b) => b.rank - a.rank,
  priority: (a, b) => b.priority - a.priority,
  turn: (a, b) => a.tag - b.tag,
  left: (a, b) => a.left - b.left,
};

/** Which turns are compared with each other: those of jobs between which no weightier key decides. A number for each such set. */
export function turnsOf(order: Order): (job: Pick<Waiting, 'rank' | 'priority'>) => number {
  const before = order.slice(0, Math.max(0, order.indexOf('turn')));
  const [byStage, byPriority] = [before.includes('stage'), before.includes('priority')];
  return ({ rank, priority }) => (byStage ? 10 * rank : 0) + (byPriority ? priority : 0);
}

/** Whether jobs `a` go before jobs `b`. */
export function orderOf(order: Order): (a: Waiting, b: Waiting) => boolean {
  const differences = order.map((key) => DIFFERENCES[key]);
  return (a, b) => {
    for (const difference of differences) {
      const by = difference(a, b);
      if (by !== 0) return by < 0;
    }
    return a.arrival < b.arrival;
  };
}
