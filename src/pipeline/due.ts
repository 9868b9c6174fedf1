/**
 * Due times: which of the jobs that wait goes first, by the priorities of a queue, of which the lowest number is taken first.
 *
 * A job is due some time after its title came: a week later for each level of priority that the title is below the highest,
 * and four hours later for each doubling of the jobs that it waits for in this step. The earliest is first. So a higher
 * priority goes before a lower one, and of one priority the title with fewest jobs to wait for, which keeps the mean time
 * low (Schrage 1968); but neither for ever: who has waited for longer than it may be put off goes before all that come.
 * Due times need no clock but that of the database and no look into the queue: they are the same whoever computes them.
 */

/** What a number counts. */
export const DUE_UNIT_MS = 10 * 60 * 1000;
/** 2025-01-01: what came before is as if it had come then. */
export const DUE_ORIGIN_MS = Date.UTC(2025, 0);
const WEEK = (7 * 24 * 3600 * 1000) / DUE_UNIT_MS;
const DOUBLING = (4 * 3600 * 1000) / DUE_UNIT_MS;
/** Of a step; more than these count as these, so that no number of jobs outweighs a level of priority. */
const MOST_DOUBLINGS = 20;
const HIGHEST = 9;
/** BullMQ's highest priority: from late 2063 on all titles are as if they had come together. */
const LAST = 2 ** 21 - 1;
const LONGEST = HIGHEST * WEEK + MOST_DOUBLINGS * DOUBLING;

/** A title as far as it decides about its jobs. */
export interface DueFacts {
  /** 0 to 9; a title of a higher one goes first. */
  priority: number;
  /** When it came, or was to be tried again; milliseconds since 1970. */
  sinceMs: number;
  /** Jobs that it waits for before it goes on, 1 or more. */
  jobs: number;
}

/** The due time of a title's jobs as a number from 1 to 2^21 − 1, less for what is due earlier. Throws RangeError. */
export function dueOf({ priority, sinceMs, jobs }: DueFacts): number {
  if (!Number.isInteger(priority) || priority < 0 || priority > HIGHEST)
    throw new RangeError(`not a title's priority: ${priority}`);
  if (!Number.isFinite(sinceMs) || !(jobs >= 1))
    throw new RangeError(`not a title: ${sinceMs}, ${jobs} jobs`);
  const came = Math.floor((sinceMs - DUE_ORIGIN_MS) / DUE_UNIT_MS);
  const doublings = Math.min(Math.log2(jobs), MOST_DOUBLINGS);
  const later = (HIGHEST - priority) * WEEK + Math.round(doublings * DOUBLING);
  return Math.min(Math.max(came, 0) + 1, LAST - LONGEST) + later;
}

/** What decides between jobs that wait. */
export interface JobPlace {
  /** See dueOf(); a job of no title, 0, goes before all others. */
  due: number;
  /** Place of the stage in a title's flow: the later, the higher. */
  rank: number;
}

/** Negative where job `a` goes before job `b`: what is due earlier, then the later stage, so that titles are finished rather than begun. */
export function compareJobs(a: JobPlace, b: JobPlace): number {
  return order(a.due, b.due) || order(b.rank, a.rank);
}

/** Not a difference: that of infinities is no number. */
function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
