import { type Turns, type Waiting, inNewEpoch, levelOf, needsNewEpoch, nextTurns } from '../fair.js';

/** What is asked of a queue, whatever its jobs are. */
export interface TurnQueue {
  getJobs(types: 'prioritized'[], from: number, to: number, ascending: boolean): Promise<TurnJob[]>;
  getJobCountByTypes(type: 'prioritized'): Promise<number>;
  getJob(id: string): Promise<unknown>;
}

interface TurnJob {
  id?: string | undefined;
  priority: number;
  changePriority(change: { priority: number }): Promise<void>;
}

/** Jobs at the front of a level that do not say what the present is: see Waiting. */
export const STRAGGLERS = 8;
/** Jobs that may be taken between two questions, so that the last one is found all the same. */
const TAKEN = 16;
const PAGE = 500;

/**
 * Priorities for the next `count` jobs of a title in a queue, and its last turn there. `last` is what that was before, where
 * jobs of the title may still wait in the queue, else undefined.
 */
export async function takeTurns(
  queue: TurnQueue,
  titlePriority: number,
  last: number | undefined,
  count: number,
): Promise<Turns> {
  let waiting = await readWaiting(queue, titlePriority);
  if (waiting && needsNewEpoch(titlePriority, waiting)) {
    await beginEpoch(queue, titlePriority);
    waiting = await readWaiting(queue, titlePriority);
  }
  return nextTurns(titlePriority, waiting, last, count);
}

/**
 * What waits in a queue at a title priority, undefined where nothing does. While jobs come and go it may be off by as
 * many turns as there were jobs meanwhile.
 */
export async function readWaiting(queue: TurnQueue, titlePriority: number): Promise<Waiting | undefined> {
  const level = levelOf(titlePriority);
  // Always from the front: in a PostgreSQL, BullMQ's other order is not the reverse.
  const range = async (from: number, to: number): Promise<number[]> =>
    (await queue.getJobs(['prioritized'], from, to, true)).map(({ priority }) => priority);
  const at = async (index: number): Promise<number> => (await range(index, index))[0] ?? Infinity; // taken meanwhile
  const before = (end: number): Promise<number[]> => range(Math.max(0, end - TAKEN), end - 1);

  const count = await queue.getJobCountByTypes('prioritized');
  const top = count === 0 ? 0 : ((await before(count)).at(-1) ?? 0);
  if (top < level.first) return undefined;
  const from = await firstIndex(0, count, async (index) => (await at(index)) >= level.first);
  const front = await range(from, from + STRAGGLERS);
  const last = top <= level.last ? top : await lastOf(level.last);
  const own = front.filter((priority) => priority <= last);
  return own.length === 0 ? undefined : { first: own[0]!, present: own.at(-1)!, last };

  async function lastOf(limit: number): Promise<number> {
    const to = await firstIndex(from, count, async (index) => (await at(index)) > limit);
    return to <= from ? 0 : ((await before(to)).findLast((priority) => priority <= limit) ?? 0);
  }
}

/** The first index in [from, to) at which the condition holds, as it does for all that follow; `to` where there is none. */
async function firstIndex(
  from: number,
  to: number,
  holds: (index: number) => Promise<boolean>,
): Promise<number> {
  if (from >= to || (await holds(from))) return from;
  let [low, high] = [from, to]; // it does not hold at low
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * Moves all turns of the second epoch down by one, lowest first, so that they are in order at every moment. May be done
 * by several processes at once, and again after one that did not finish.
 */
async function beginEpoch(queue: TurnQueue, titlePriority: number): Promise<void> {
  for (let moved = Infinity; moved > 0;) {
    moved = 0; // until there are none: while pages are read, jobs are taken, and others pass from one page to the other
    for (let start = 0; ; start += PAGE) {
      const page = await queue.getJobs(['prioritized'], start, start + PAGE - 1, true);
      if (page.length === 0) break;
      const moves = page.flatMap((job) => {
        const priority = inNewEpoch(titlePriority, job.priority);
        return priority === undefined ? [] : [move(queue, job, priority)]; // sent in this order
      });
      moved += moves.length;
      await Promise.all(moves);
    }
  }
}

async function move(queue: TurnQueue, job: TurnJob, priority: number): Promise<void> {
  try {
    await job.changePriority({ priority });
  } catch (error) {
    if (await queue.getJob(job.id!)) throw error; // else it was taken and has ended
  }
}
