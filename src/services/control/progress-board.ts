import type { BusMessage, JobEvent, StageCount } from '../../pipeline/index.js';
import type { Progress } from '../api/index.js';
import { parseRunId } from './run-id.js';

interface Run {
  attempt: number;
  stages: Map<string, StageCount>;
  /** Jobs under way by name, with their work. */
  active: Map<string, { stage: string; done: number; total: number }>;
  /** Jobs that ended since the last step of the flow, by name. */
  ended: Set<string>;
  failed: Map<string, number>;
}

/** Titles of which something is kept; the oldest are forgotten. */
const MAX_TITLES = 2000;

/** How far titles are, from what processes say on the bus. Of each title the newest attempt counts. */
export class ProgressBoard {
  private readonly runs = new Map<string, Run>();
  private readonly listeners = new Set<(progress: Progress) => void>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  /** Listeners are told at most once in `intervalMs` of each title. */
  constructor(private readonly intervalMs = 500) {}

  hear(message: BusMessage): void {
    if (message.type === 'step') this.step(message.title, message.stages);
    if (message.type === 'job') this.job(message.title, message.event);
  }

  /** Takes what the queue knows of a title of which nothing was heard yet. */
  prime(run: string, stages: readonly StageCount[]): void {
    const name = parseRunId(run);
    if (name && !this.runs.has(name.id)) this.step(run, stages);
  }

  get(titleId: string): Progress | undefined {
    const run = this.runs.get(titleId);
    return run && { titleId, stages: [...run.stages.values()].map((count) => stageProgress(run, count)) };
  }

  watch(listener: (progress: Progress) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    clearTimeout(this.timer);
    this.listeners.clear();
  }

  private step(title: string, stages: readonly StageCount[]): void {
    const run = this.run(title);
    if (!run) return;
    run.stages = new Map(stages.map((count) => [count.stage, { ...count }]));
    run.ended.clear();
    this.tell(title);
  }

  private job(title: string, { stage, job, state, done = 0, total = 0 }: JobEvent): void {
    const run = this.run(title);
    if (!run) return;
    if (state === 'started' || state === 'progress') run.active.set(job, { stage, done, total });
    if (state === 'done' || state === 'failed') {
      run.active.delete(job);
      if (state === 'failed') run.failed.set(stage, (run.failed.get(stage) ?? 0) + 1);
      else if (!run.ended.has(job)) this.count(run, stage);
      run.ended.add(job);
    }
    this.tell(title);
  }

  private count(run: Run, stage: string): void {
    const count = run.stages.get(stage) ?? { stage, jobs: 1, done: 0 };
    run.stages.set(stage, { ...count, done: Math.min(count.jobs, count.done + 1) });
  }

  private run(title: string): Run | undefined {
    const name = parseRunId(title);
    if (!name) return undefined;
    const known = this.runs.get(name.id);
    if (known && known.attempt > name.attempt) return undefined;
    if (known?.attempt === name.attempt) return known;
    const fresh: Run = {
      attempt: name.attempt,
      stages: new Map(),
      active: new Map(),
      ended: new Set(),
      failed: new Map(),
    };
    this.runs.delete(name.id);
    this.runs.set(name.id, fresh);
    const oldest = this.runs.keys().next().value;
    if (this.runs.size > MAX_TITLES && oldest !== undefined) this.runs.delete(oldest);
    return fresh;
  }

  private tell(title: string): void {
    const id = parseRunId(title)?.id;
    if (id === undefined || this.listeners.size === 0) return;
    this.changed.add(id);
    this.timer ??= setTimeout(() => this.flush(), this.intervalMs).unref();
  }

  private flush(): void {
    this.timer = undefined;
    for (const id of this.changed) {
      const progress = this.get(id);
      if (progress) for (const listener of this.listeners) listener(progress);
    }
    this.changed.clear();
  }
}

function stageProgress(run: Run, { stage, jobs, done }: StageCount): Progress['stages'][number] {
  const active = [...run.active.values()].filter((job) => job.stage === stage);
  const work = active.reduce((sum, job) => ({ done: sum.done + job.done, total: sum.total + job.total }), {
    done: 0,
    total: 0,
  });
  return {
    ...{ stage, jobs: Math.max(jobs, done), done, active: active.length, failed: run.failed.get(stage) ?? 0 },
    ...(work.total > 0 ? { work } : {}),
  };
}
