import { HullcastError } from '../errors.js';
import type { JobQueue, QueueClasses } from './queue/backend.js';
import type { Json, Stage } from './stage.js';

/** What travels in a stage's job: references only, never media, keys or secrets. */
export interface StageJob {
  title: string;
  stage: string;
  /** Name of the job in events, unique within the title. */
  job: string;
  /** Key of the artifact that the title waits for: a worker whose tools would make another one must not begin. */
  key: string;
  params: Json;
}

/** What a stage's job gives: the artifact's name, and what this run of it took. */
export interface StageJobResult {
  key: string;
  /** The artifact was there already. */
  cached: boolean;
  /** CPU of child processes, seconds. */
  spent: number;
}

const STAGE_NAME = /^[a-z][a-z0-9-]*$/;

/** The stages that jobs may name, and a queue for each, opened when first asked for. */
export class StageQueues {
  private readonly stages = new Map<string, Stage>();
  private readonly queues = new Map<string, JobQueue<StageJob>>();

  /** Throws RangeError for a name that is none, or is given twice. */
  constructor(
    private readonly backend: QueueClasses,
    stages: readonly Stage[],
  ) {
    for (const stage of stages) {
      if (!STAGE_NAME.test(stage.name)) throw new RangeError(`not a stage name: ${stage.name}`);
      if (this.stages.has(stage.name)) throw new RangeError(`two stages have the name ${stage.name}`);
      this.stages.set(stage.name, stage);
    }
  }

  names(): string[] {
    return [...this.stages.keys()];
  }

  /** Throws STAGE_UNKNOWN. */
  stage(name: string): Stage {
    const stage = this.stages.get(name);
    if (!stage) throw new HullcastError('STAGE_UNKNOWN', `there is no stage called ${name}`);
    return stage;
  }

  /** Throws STAGE_UNKNOWN. */
  queue(stage: string): JobQueue<StageJob> {
    const queue = this.queues.get(stage) ?? this.backend.queue<StageJob>(this.stage(stage).name);
    this.queues.set(stage, queue);
    return queue;
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }
}
