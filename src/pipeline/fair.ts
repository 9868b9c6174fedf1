/**
 * Turns: start-time fair queueing with the priorities of a queue, of which the lowest number is taken first.
 *
 * A priority is made of the title's (9 goes first) and, below that, of a turn. The turns of a title's jobs follow each
 * other, beginning with the present, which is the turn being served. So titles take turns, whoever came first or has most
 * to do. The numbers are enough for two epochs of turns: when the present is well within the second one, all turns are
 * moved down to the same ones of the first. What a title's last turn was is therefore known modulo an epoch.
 */

/** Turns in an epoch. A priority is at most 2^21, which ten levels of two epochs do not exceed. */
export const EPOCH = 100_000;
const LEVEL = 2 * EPOCH;
/** How far ahead of the present a turn may be: from half an epoch on it would seem to be past. */
const AHEAD = EPOCH / 2 - 1;
/**
 * How far the second epoch goes before its turns are moved down. A job that is to be tried again is in no queue for a
 * while: so many turns later none of the first epoch can come back and be taken for one of the next.
 */
const LATE = EPOCH / 4;

/** The priorities that wait at one level. */
export interface Waiting {
  first: number;
  /**
   * Where a title begins that has nothing there: about the first, but not so that single jobs which come back with turns
   * of the past, as to be tried again, take it back there.
   */
  present: number;
  last: number;
}

/** The lowest and the highest priority of jobs of titles of one priority, which is 0 to 9. */
export function levelOf(titlePriority: number): { first: number; last: number } {
  if (!Number.isInteger(titlePriority) || titlePriority < 0 || titlePriority > 9) {
    throw new RangeError(`not a title's priority: ${titlePriority}`);
  }
  const first = (9 - titlePriority) * LEVEL + 1;
  return { first, last: first + LEVEL - 1 };
}

export interface Turns {
  /** Of each job, in their order. */
  priorities: number[];
  /** The title's last turn in this queue, to be given back with its next jobs. */
  last: number | undefined;
}

/**
 * The turns of a title's next `count` jobs. `waiting` is what waits at its level, undefined where nothing does. `last` is
 * its last turn where jobs of it may still wait: the new ones follow them. Undefined where none does: the title begins
 * with the present, for what it had before gives it neither an advantage nor a debt.
 */
export function nextTurns(
  titlePriority: number,
  waiting: Waiting | undefined,
  last: number | undefined,
  count: number,
): Turns {
  const level = levelOf(titlePriority);
  const { first, present, last: end } = waiting ?? { ...level, present: level.first, last: level.first - 1 };
  const own = first + modulo((last ?? 0) + level.first - first);
  const start = last !== undefined && own <= end ? own + 1 : present;
  const limit = Math.min(present + AHEAD, level.last);
  const priorities = Array.from({ length: count }, (_, i) => Math.min(start + i, limit));
  return { priorities, last: count === 0 ? last : modulo(priorities.at(-1)! - level.first) };
}

/** True where turns are to be moved down: the second epoch is old, or a move before was not finished. */
export function needsNewEpoch(titlePriority: number, { present, last }: Waiting): boolean {
  const old = levelOf(titlePriority).first + EPOCH + LATE;
  return present >= old || (last >= old && last - present > AHEAD + LATE);
}

/** The priority of the same turn an epoch earlier; undefined in the first epoch, and for another level. */
export function inNewEpoch(titlePriority: number, priority: number): number | undefined {
  const { first, last } = levelOf(titlePriority);
  return priority >= first + EPOCH && priority <= last ? priority - EPOCH : undefined;
}

function modulo(turn: number): number {
  return ((turn % EPOCH) + EPOCH) % EPOCH;
}
