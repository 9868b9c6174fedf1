import { DUE_ORIGIN_MS, dueOf } from '../../src/pipeline/index.js';
import { Heap } from './heap.js';
import type { TitleGraph } from './graph.js';
import { type Order, type Waiting, orderOf, turnsOf } from './order.js';
import { type Random, seeded } from './random.js';

/** A title on its way into the cluster. */
export interface Submission {
  graph: TitleGraph;
  /** When it comes, seconds. */
  at: number;
  /** 0 (backfill) to 9 (tonight). */
  priority: number;
}

/** Machines that vanish, as spot machines do. */
export interface Failures {
  /** Mean time that a machine lives, seconds; it dies at random, whatever its age. */
  meanLife: number;
  /** Seconds until the queue sees that a job's worker is gone, and gives the job to another. */
  noticed: number;
}

export interface ClusterOptions {
  /** Machines with a place for one job each. */
  workers: number;
  order: Order;
  /** Place of every stage in a title's flow. */
  ranks: ReadonlyMap<string, number>;
  seed: number;
  failures?: Failures | undefined;
  /** Mean seconds until a machine that was asked for is there, in the beginning and after one was lost; 0 unless given. */
  startUp?: number | undefined;
  /** Share of the runs that take `factor` times as long. */
  stragglers?: { share: number; factor: number } | undefined;
}

/** What came of it. Times are seconds. */
export interface Outcome {
  /** When everything was done. */
  makespan: number;
  /** From coming to being done, of every title, in the order given. */
  turnarounds: Float64Array;
  /** Runs of jobs, those that were lost included. */
  runs: number;
  lostRuns: number;
  /** Time of workers: in runs that ended well, and in those that were lost. */
  busy: number;
  lost: number;
  /** Jobs that were done, each counted once. */
  jobs: number;
}

/** Due time of a job whose worker was lost: it goes before all. */
const FIRST = 0;

interface TitleState extends Submission {
  index: number;
  /** By group: groups before it that are not done, and jobs of it that are not. */
  before: Int32Array;
  left: Int32Array;
  groupsLeft: number;
  /** Virtual times at which its next jobs may begin, by the set of turns that they are in. */
  finish: Map<number, number>;
}

/** Jobs of a group that wait. */
interface WaitingGroup extends Waiting {
  title: TitleState;
  group: number;
  /** The first that was not taken yet. */
  next: number;
  /** Jobs whose worker was lost: they go first. */
  again: number[];
}

/** Something that will happen. */
interface Happening {
  at: number;
  /** Counts up, so that of two things at once the one that was foreseen first happens first. */
  order: number;
  act: () => void;
}

/** Runs titles through a cluster of workers, exactly and the same for the same seed. */
export function simulate(titles: readonly Submission[], options: ClusterOptions): Outcome {
  const cluster = new Cluster(titles, options);
  cluster.run();
  return cluster.outcome;
}

class Cluster {
  readonly outcome: Outcome;
  private readonly happenings = new Heap<Happening>(
    (a, b) => a.at < b.at || (a.at === b.at && a.order < b.order),
  );
  private readonly waiting: Heap<WaitingGroup>;
  private readonly random: Random;
  private readonly successors = new Map<TitleGraph, number[][]>();
  private now = 0;
  private foreseen = 0;
  private arrivals = 0;
  /** Machines without a job. */
  private free = 0;
  /** Virtual times: those of the last jobs that were taken, by the set of turns. */
  private readonly virtual = new Map<number, number>();
  private readonly turns: ReturnType<typeof turnsOf>;

  constructor(
    titles: readonly Submission[],
    private readonly options: ClusterOptions,
  ) {
    this.random = seeded(options.seed);
    this.waiting = new Heap<WaitingGroup>(orderOf(options.order));
    this.turns = turnsOf(options.order);
    const turnarounds = new Float64Array(titles.length);
    this.outcome = { ...{ makespan: 0, turnarounds, runs: 0, lostRuns: 0, busy: 0, lost: 0, jobs: 0 } };
    for (let i = 0; i < options.workers; i++) this.startMachine();
    titles.forEach((submission, index) => {
      const { groups } = submission.graph;
      const title: TitleState = {
        ...{ ...submission, index },
        before: Int32Array.from(groups, ({ after }) => after.length),
        left: Int32Array.from(groups, ({ seconds }) => seconds.length),
        ...{ groupsLeft: groups.length, finish: new Map() },
      };
      this.at(submission.at, () => this.submit(title));
    });
  }

  run(): void {
    for (let next = this.happenings.pop(); next; next = this.happenings.pop()) {
      this.now = next.at;
      next.act();
      this.take();
    }
  }

  private at(at: number, act: () => void): void {
    this.happenings.push({ at, order: this.foreseen++, act });
  }

  private startMachine(): void {
    const { startUp = 0 } = this.options;
    const wait = startUp === 0 ? 0 : startUp * (0.5 + this.random.uniform());
    this.at(this.now + wait, () => (this.free += 1));
  }

  private submit(title: TitleState): void {
    title.before.forEach((before, group) => {
      if (before === 0) this.begin(title, group);
    });
  }

  /** Nothing keeps a group back any more: the control plane does its part of it, then its jobs wait. */
  private begin(title: TitleState, group: number): void {
    const { control, seconds } = title.graph.groups[group]!;
    this.at(this.now + control, () => {
      if (seconds.length === 0) this.end(title, group);
      else this.queue(title, group, { next: 0, again: [] });
    });
  }

  private queue(title: TitleState, group: number, jobs: Pick<WaitingGroup, 'next' | 'again'>): void {
    const { stage, seconds } = title.graph.groups[group]!;
    const rank = this.options.ranks.get(stage);
    if (rank === undefined) throw new RangeError(`stage ${stage} has no place in the flow`);
    const { priority } = title;
    const turns = this.turns({ rank, priority });
    const tag = Math.max(this.virtual.get(turns) ?? 0, title.finish.get(turns) ?? 0);
    title.finish.set(turns, tag + seconds.length - jobs.next + jobs.again.length);
    const left = title.left.reduce((sum, own) => sum + own, 0);
    const due = jobs.again.length > 0 ? FIRST : this.dueOf(title);
    this.waiting.push({
      ...jobs,
      ...{ title, group, rank, priority, tag, left, due },
      arrival: this.arrivals++,
    });
  }

  /** Of the jobs that a title adds now: it waits for all that are not kept back, whichever group they are of. */
  private dueOf({ graph, at, priority, before, left }: TitleState): number {
    let jobs = 0;
    graph.groups.forEach(({ each = 1 }, i) => (jobs += before[i] === 0 ? each * left[i]! : 0));
    return dueOf({ priority, sinceMs: DUE_ORIGIN_MS + 1000 * at, jobs });
  }

  private end(title: TitleState, group: number): void {
    for (const after of this.successorsOf(title.graph)[group]!) {
      title.before[after]! -= 1;
      if (title.before[after] === 0) this.begin(title, after);
    }
    title.groupsLeft -= 1;
    if (title.groupsLeft > 0) return;
    this.outcome.turnarounds[title.index] = this.now - title.at;
    this.outcome.makespan = this.now;
  }

  private successorsOf(graph: TitleGraph): number[][] {
    const known = this.successors.get(graph);
    if (known) return known;
    const successors: number[][] = graph.groups.map(() => []);
    graph.groups.forEach(({ after }, index) => after.forEach((before) => successors[before]!.push(index)));
    this.successors.set(graph, successors);
    return successors;
  }

  /** Gives free machines what waits. */
  private take(): void {
    while (this.free > 0) {
      const first = this.waiting.first();
      if (!first) return;
      const { title, group, again } = first;
      const { length } = title.graph.groups[group]!.seconds;
      const job = again.pop() ?? first.next++;
      const turns = this.turns(first);
      this.virtual.set(turns, Math.max(this.virtual.get(turns) ?? 0, first.tag));
      first.tag += 1;
      if (first.next === length && again.length === 0) this.waiting.pop();
      else this.waiting.firstChanged();
      this.start(title, group, job);
    }
  }

  private start(title: TitleState, group: number, job: number): void {
    const { failures, stragglers } = this.options;
    this.free -= 1;
    this.outcome.runs += 1;
    const usual = title.graph.groups[group]!.seconds[job]!;
    const slow = stragglers !== undefined && this.random.uniform() < stragglers.share;
    const seconds = slow ? usual * stragglers.factor : usual;
    const life = failures ? this.random.exponential(failures.meanLife) : Infinity;
    if (life < seconds) this.at(this.now + life, () => this.lose(title, group, job, life));
    else this.at(this.now + seconds, () => this.finish(title, group, seconds));
  }

  private finish(title: TitleState, group: number, seconds: number): void {
    this.free += 1;
    this.outcome.jobs += 1;
    this.outcome.busy += seconds;
    title.left[group]! -= 1;
    if (title.left[group] === 0) this.end(title, group);
  }

  /** A machine vanishes with its job: another is asked for, and the job waits again once the queue has seen it. */
  private lose(title: TitleState, group: number, job: number, spent: number): void {
    this.outcome.lostRuns += 1;
    this.outcome.lost += spent;
    this.startMachine();
    const { length } = title.graph.groups[group]!.seconds;
    this.at(this.now + this.options.failures!.noticed, () =>
      this.queue(title, group, { next: length, again: [job] }),
    );
  }
}
