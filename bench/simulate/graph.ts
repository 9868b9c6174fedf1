/**
 * Jobs of one stage that are added to the queue together. A title's flow waits for all that it asked for before it
 * goes on, so its graph is one of such groups, not of single jobs.
 */
export interface Group {
  stage: string;
  /** Seconds that each job takes a worker, transfers included, in the order in which the queue gets them. May be none. */
  seconds: Float64Array;
  /** Jobs that each of these stands for; 1 unless given. */
  each?: number;
  /** Indexes of the groups that have to be done before; all less than its own. */
  after: readonly number[];
  /** Seconds from then until the jobs are in the queue: the control plane plans, looks up and adds. */
  control: number;
}

/** How a title is made: groups in an order in which they can be done. */
export interface TitleGraph {
  groups: readonly Group[];
}

/** What limits how soon a title can be done, seconds. */
export interface Bound {
  /** Longest way through the graph, with a worker for every job. */
  criticalPath: number;
  /** Time of all jobs together. */
  work: number;
  /** The larger of the critical path and of an equal share of the work: no schedule is faster. */
  lower: number;
  /**
   * The longest way on which every group takes its longest job or an equal share of its work, whichever is more: nothing is
   * faster that waits for whole groups, as a flow does.
   */
  waits: number;
  /**
   * What a queue cannot exceed that never keeps a free worker waiting (Graham 1969): whenever one is idle, some way through the
   * graph gets on, and the rest of the work is done by all at once. Where no time is the control plane's, at most
   * 2 − 1/workers times the lower bound.
   */
  upper: number;
}

export function jobCount({ groups }: TitleGraph): number {
  return groups.reduce((sum, { seconds }) => sum + seconds.length, 0);
}

export function workOf({ groups }: TitleGraph): number {
  return groups.reduce((work, { seconds }) => work + sumOf(seconds), 0);
}

function longest(seconds: Float64Array): number {
  let most = 0;
  for (const own of seconds) most = Math.max(most, own);
  return most;
}

/** A group on the longest way through a graph, and the seconds that it adds to that. */
export interface Leg {
  group: Group;
  seconds: number;
}

/**
 * The longest way through the graph, in order, where a group takes what `lengthOf` says: its longest job unless given.
 * Throws RangeError where groups are not in an order in which they can be done.
 */
export function longestWay({ groups }: TitleGraph, lengthOf = longest): Leg[] {
  const ends: number[] = [];
  const from: (number | undefined)[] = [];
  groups.forEach(({ seconds, after, control }, index) => {
    let begin = 0;
    let latest: number | undefined;
    for (const before of after) {
      if (!(before < index))
        throw new RangeError(`group ${index} comes before group ${before}, not after it`);
      if (latest === undefined || ends[before]! > begin) [begin, latest] = [ends[before]!, before];
    }
    ends.push(begin + control + lengthOf(seconds));
    from.push(latest);
  });
  const legs: Leg[] = [];
  let at: number | undefined = ends.length === 0 ? undefined : ends.indexOf(Math.max(...ends));
  while (at !== undefined) {
    const before: number | undefined = from[at];
    legs.push({ group: groups[at]!, seconds: ends[at]! - (before === undefined ? 0 : ends[before]!) });
    at = before;
  }
  return legs.reverse();
}

const total = (legs: readonly Leg[]): number => legs.reduce((sum, { seconds }) => sum + seconds, 0);

function sumOf(seconds: Float64Array): number {
  let sum = 0;
  for (const own of seconds) sum += own;
  return sum;
}

/** What so many workers can make of a title. */
export function boundOf(graph: TitleGraph, workers: number): Bound {
  const criticalPath = total(longestWay(graph));
  const work = workOf(graph);
  const waits = total(longestWay(graph, (seconds) => Math.max(longest(seconds), sumOf(seconds) / workers)));
  const others = total(longestWay(graph, (seconds) => (1 - 1 / workers) * longest(seconds)));
  return {
    ...{ criticalPath, work },
    lower: Math.max(criticalPath, work / workers),
    waits: Math.max(waits, work / workers),
    upper: others + work / workers,
  };
}
