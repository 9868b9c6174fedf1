import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import {
  type ArtifactRecord,
  type ArtifactStore,
  type Cost,
  type ToolVersions,
  artifactKey,
  artifactName,
} from './artifact.js';
import type { JobEvent } from './events.js';
import type { PipelineObserver } from './observer.js';
import { Slots } from './slots.js';
import type { BlobRef, Json, Stage } from './stage.js';

/** One job of a flow. */
export interface JobSpec<P = unknown> {
  /** Names the job in events: `<stage>.<id>`, unique within the title. */
  id: string;
  params: P;
  /** Another stage than the one the call names. */
  stage?: string;
}

/** A finished job. */
export interface Artifact<R = unknown> {
  key: string;
  result: R;
  /** What computing it cost, whenever that was. */
  cost: Cost;
}

/**
 * What a flow may use. The flow runs again from its start after each wait, with what is finished there at once; so
 * between the calls it must be cheap, give the same on the same results, and have no effects it could not repeat.
 * Calls may run side by side (Promise.all): their jobs are added together. Do not catch what these calls throw.
 */
export interface TitleContext {
  readonly title: string;
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Has the jobs done, all of them in parallel, and gives their results in the order of the jobs. */
  stages<R = unknown, P = unknown>(stage: string | Stage<P, R>, jobs: readonly JobSpec<P>[]): Promise<R[]>;
  /** Like stages(), with the key and the cost of each artifact. */
  artifacts<R = unknown, P = unknown>(
    stage: string | Stage<P, R>,
    jobs: readonly JobSpec<P>[],
  ): Promise<Artifact<R>[]>;
  /** Has one job done. Its name in events is the stage's, or `<stage>.<id>`. */
  run<R = unknown, P = unknown>(stage: string | Stage<P, R>, params: P, id?: string): Promise<R>;
  /** Local path of a blob, to read only. Throws BLOB_MISSING. */
  path(blob: BlobRef): Promise<string>;
}

/** How a title is made, written as if every stage were a plain asynchronous call. */
export type TitleFlow<T> = (t: TitleContext) => Promise<T>;

/** A job that has to be computed before the flow can go on. */
export interface PlannedJob {
  key: string;
  stage: string;
  /** Name in events. */
  job: string;
  params: Json;
}

export type FlowStep<T> = { done: true; result: T } | { done: false; jobs: PlannedJob[] };

export interface FlowEnv {
  title: string;
  stage: (name: string) => Stage;
  artifacts: ArtifactStore;
  tools: ToolVersions;
  log: Logger;
  signal: AbortSignal;
  onEvent: (event: JobEvent) => void;
  /** Told of artifacts that were there already. */
  observer?: Pick<PipelineObserver, 'reused'> | undefined;
  /** Told of every artifact the flow uses, again on each run of the flow. */
  onArtifact: (stage: string, key: string, cost: Cost) => void;
}

/** Ends a run of the flow function that needs a job done first. */
class Suspended extends Error {}

/** How often a job may be added before it is plain that its artifact does not stay. */
const MAX_ADDS = 3;
const LOOKUPS = 32;

/** Runs a flow step by step; each step runs the flow function once, from its start. */
export class FlowRunner<T> {
  /** Finished artifacts by key: looked up once, though the flow asks on every step. */
  private readonly finished = new Map<string, ArtifactRecord>();
  /** Finished jobs that the flow has asked for, by key. */
  private readonly used = new Map<string, { stage: string }>();
  private readonly names = new Map<string, string>();
  private readonly announced = new Set<string>();
  private readonly adds = new Map<string, number>();
  private readonly lookups = new Slots(LOOKUPS);

  constructor(
    private readonly flow: TitleFlow<T>,
    private readonly env: FlowEnv,
  ) {}

  /** Runs the flow until it ends or needs jobs done. Throws what the flow throws. */
  async step(): Promise<FlowStep<T>> {
    const step: Step = { pending: new Map(), asked: new Set(), over: false };
    let outcome: { result: T } | { error: unknown };
    try {
      outcome = { result: await this.flow(this.context(step)) };
    } catch (error) {
      outcome = { error };
    }
    await settle(step);
    if ('error' in outcome && !(outcome.error instanceof Suspended)) throw outcome.error;
    if (step.pending.size > 0) return { done: false, jobs: this.add([...step.pending.values()]) };
    if ('error' in outcome) throw outcome.error;
    return { done: true, result: outcome.result };
  }

  /** Number of finished jobs that the flow has asked for, by stage, in the order of its first asking. */
  done(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { stage } of this.used.values()) counts.set(stage, (counts.get(stage) ?? 0) + 1);
    return counts;
  }

  private context(step: Step): TitleContext {
    const { title, signal, log, artifacts } = this.env;
    const ask = <R>(stage: string | Stage, jobs: readonly Request[]): Promise<Artifact<R>[]> => {
      const answer = this.ask<R>(typeof stage === 'string' ? stage : stage.name, jobs, step);
      step.asked.add(answer);
      return answer;
    };
    return {
      ...{ title, signal, log },
      artifacts: (stage, jobs) => ask(stage as string | Stage, jobs),
      stages: async <R>(stage: string | Stage<never, R>, jobs: readonly JobSpec[]) =>
        (await ask<R>(stage as string | Stage, jobs)).map((artifact) => artifact.result),
      run: async <R>(stage: string | Stage<never, R>, params: unknown, id?: string) =>
        (await ask<R>(stage, [{ id, params }]))[0]!.result,
      path: (blob) => artifacts.path(blob),
    };
  }

  private async ask<R>(stage: string, jobs: readonly Request[], step: Step): Promise<Artifact<R>[]> {
    this.env.signal.throwIfAborted();
    if (step.over) throw new Suspended('this run of the flow is over');
    const planned = jobs.map((job) => this.plan(job.stage ?? stage, job));
    const found = await Promise.all(planned.map((job) => this.find<R>(job)));
    const missing = planned.filter((_, i) => !found[i]);
    for (const job of missing) if (!step.pending.has(job.key)) step.pending.set(job.key, job);
    if (missing.length > 0) throw new Suspended(`title ${this.env.title} waits for ${missing.length} jobs`);
    return found as Artifact<R>[];
  }

  private plan(stageName: string, spec: Request): PlannedJob {
    const stage = this.env.stage(stageName);
    const key = artifactKey(stage, this.env.tools, spec.params);
    const job = spec.id === undefined ? stageName : `${stageName}.${spec.id}`;
    const known = this.names.get(job);
    if (known !== undefined && known !== key) {
      throw new HullcastError('JOB_DUPLICATE', `title ${this.env.title} has two jobs with the name ${job}`);
    }
    this.names.set(job, key);
    return { key, stage: stageName, job, params: spec.params as Json };
  }

  private async find<R>(job: PlannedJob): Promise<Artifact<R> | undefined> {
    const { stage, key } = job;
    const record = this.finished.get(key) ?? (await this.lookUp(stage, key));
    if (!record) return undefined;
    if (!this.announced.has(job.job)) {
      this.announced.add(job.job);
      this.env.observer?.reused(stage);
      this.env.onEvent({ type: 'job', stage, job: job.job, state: 'done', cached: true });
    }
    this.used.set(key, { stage });
    this.env.onArtifact(stage, key, record.cost);
    return { key, result: record.result as R, cost: record.cost };
  }

  private async lookUp(stage: string, key: string): Promise<ArtifactRecord | undefined> {
    const record = await this.lookups.use(this.env.signal, () =>
      this.env.artifacts.find(artifactName(this.env.stage(stage)), key),
    );
    if (record) this.finished.set(key, record);
    return record;
  }

  private add(jobs: PlannedJob[]): PlannedJob[] {
    for (const { job, stage, key } of jobs) {
      const adds = (this.adds.get(key) ?? 0) + 1;
      if (adds > MAX_ADDS) throw vanished(job, key);
      this.adds.set(key, adds);
      this.announced.add(job); // whoever does the job says so
      this.env.onEvent({ type: 'job', stage, job, state: 'added' });
    }
    return jobs;
  }
}

/** One run of the flow function. */
interface Step {
  /** Jobs the flow needs, by key. */
  pending: Map<string, PlannedJob>;
  /** Every call the flow made. */
  asked: Set<Promise<unknown>>;
  over: boolean;
}

/** Lets calls that run beside the one that ended the flow come to their end too: their jobs are added with its jobs. */
async function settle(step: Step): Promise<void> {
  for (let seen = -1; seen < step.asked.size;) {
    seen = step.asked.size;
    await Promise.allSettled(step.asked);
    await new Promise(setImmediate); // a branch whose call was answered may go on to its next one
  }
  step.over = true;
}

interface Request {
  id: string | undefined;
  params: unknown;
  stage?: string;
}

function vanished(job: string, key: string): HullcastError {
  return new HullcastError(
    'ARTIFACT_VANISHED',
    `job ${job} was done ${MAX_ADDS} times, but its artifact ${key} is gone`,
    {
      hint: 'Something removes or changes files in the artifact store, or its disk is failing.',
    },
  );
}
