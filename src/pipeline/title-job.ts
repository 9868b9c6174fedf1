import type { Job } from 'bullmq';
import type { StageCount } from './bus.js';
import type { DueFacts } from './due.js';
import type { StageJob, StageJobResult } from './stage-queues.js';
import type { PlannedJob } from './title-flow.js';

/** What travels in a title's job. */
export interface TitleJob {
  title: string;
  /** 0 to 9; a title of a higher one goes first. */
  priority: number;
  /** When it came, milliseconds since 1970. */
  sinceMs: number;
  /** What the title has done and waits for, by stage. */
  step: StageCount[];
}

/** What the jobs of a title took in this life of it. */
export interface TitleTotals {
  /** CPU of child processes by stage, seconds. */
  spent: Record<string, number>;
  /** Jobs computed, by stage. */
  computed: Record<string, number>;
  /** Jobs whose artifact was there already. */
  cacheHits: number;
}

export interface ChildJob {
  name: string;
  data: StageJob;
  opts: {
    jobId: string;
    parent: { id: string; queue: string };
    continueParentOnFailure: boolean;
    attempts: number;
    backoff: { type: 'exponential'; delay: number };
    removeOnComplete: boolean;
    removeOnFail: boolean;
    priority?: number;
  };
}

export interface ChildOptions {
  attempts: number;
  retryDelayMs: number;
  /** Place among the jobs of other titles, the lowest first; first come, first served unless given. */
  priority?: number | undefined;
}

/** Hex digits of the artifact key in a job's id. */
const ID_DIGITS = 24;

/** The job of a stage as a child of its title's. */
export function childJob(
  parent: Pick<Job<TitleJob>, 'data' | 'queueQualifiedName'>,
  { stage, key, job, params }: PlannedJob,
  { attempts, retryDelayMs, priority }: ChildOptions,
): ChildJob {
  const { title } = parent.data;
  return {
    name: job,
    data: { title, stage, job, key, params },
    opts: {
      jobId: `${title}.${stage}.${key.slice(0, ID_DIGITS)}`,
      parent: { id: title, queue: parent.queueQualifiedName },
      // The title goes on, to stop its other jobs and to fail with this one's error.
      continueParentOnFailure: true,
      attempts,
      backoff: { type: 'exponential', delay: retryDelayMs },
      // What is finished is in the artifact store, and a failure is kept with the parent: leaving the job would
      // keep one of the same id from being added again.
      removeOnComplete: true,
      removeOnFail: true,
      ...(priority === undefined ? {} : { priority }),
    },
  };
}

/** What decides about the jobs of a title. Its own job may be of a version that did not say when it came: then it was added. */
export function came({ data, timestamp }: Pick<Job<TitleJob>, 'data' | 'timestamp'>): Omit<DueFacts, 'jobs'> {
  const { priority, sinceMs = timestamp } = data as Omit<TitleJob, 'sinceMs'> & { sinceMs?: number };
  return { priority, sinceMs };
}

/** How far a title is by stage: what it has (`done`, by the stage of each finished job) and what it waits for. */
export function stepName(pending: readonly PlannedJob[], done: ReadonlyMap<string, number>): StageCount[] {
  const counts = new Map([...done].map(([stage, count]) => [stage, { stage, jobs: count, done: count }]));
  for (const { stage } of pending) {
    const count = counts.get(stage) ?? { stage, jobs: 0, done: 0 };
    counts.set(stage, { ...count, jobs: count.jobs + 1 });
  }
  return [...counts.values()];
}

/** Adds up what a title's children gave; `values` is by the key of each child, `<prefix>:<stage>:<id>`. */
export function totalsOf(values: Readonly<Record<string, StageJobResult>>): TitleTotals {
  const totals: TitleTotals = { spent: {}, computed: {}, cacheHits: 0 };
  for (const [key, { cached, spent }] of Object.entries(values)) {
    const stage = key.split(':').at(-2) ?? key;
    totals.spent[stage] = (totals.spent[stage] ?? 0) + spent;
    if (cached) totals.cacheHits += 1;
    else totals.computed[stage] = (totals.computed[stage] ?? 0) + 1;
  }
  return totals;
}
