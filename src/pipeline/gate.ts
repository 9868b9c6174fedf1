import { totalmem } from 'node:os';
import { type Candidate, Candidates } from './candidates.js';
import type { JobGate } from './queue/gated-worker.js';
import { type Leave, Waiters } from './waiters.js';

export interface GateOptions {
  /** Places: jobs at a time, 1 or more. */
  size: number;
  /** Stages in the order of the flow: of what is due together, later ones go first. One that is not named is the latest. */
  order?: readonly string[] | undefined;
  /** Most jobs of a stage at a time, where that is less than the size. */
  limits?: Readonly<Record<string, number>> | undefined;
  /** Bytes of memory that jobs may need together; no limit unless given. */
  memory?: number | undefined;
}

/**
 * Lets the workers of a process take jobs, `size` at a time. A free place goes to the queue whose first job is due
 * earliest, then to the latest stage, so that titles are finished rather than begun, then to who has waited longest.
 */
export class Gate implements JobGate {
  private readonly places = new Candidates();
  private readonly bytes = new Waiters();
  private readonly ranks: ReadonlyMap<string, number>;
  private readonly byStage = new Map<string, number>();
  private total: number;
  private taken = 0;
  private reserved = 0;

  constructor(private readonly options: GateOptions) {
    this.total = counted(options.size);
    Object.values(options.limits ?? {}).forEach(counted);
    this.ranks = new Map(options.order?.map((stage, i) => [stage, i]));
  }

  get size(): number {
    return this.total;
  }

  /** Places that are taken; more than `size` for a while after it was made smaller. */
  get busy(): number {
    return this.taken;
  }

  /** Workers that wait for a place. */
  get waiting(): number {
    return this.places.size;
  }

  /** Changes the number of places. Who has one keeps it. */
  resize(size: number): void {
    this.total = counted(size);
    this.places.serve();
  }

  tryEnter(stage: string): Leave | undefined {
    return this.places.try(this.candidate(stage));
  }

  enter(stage: string, firstDue: () => Promise<number | undefined>, signal: AbortSignal): Promise<Leave> {
    return this.places.wait({ ...this.candidate(stage), firstDue }, signal);
  }

  goAway(stage: string): void {
    this.places.forget(stage);
  }

  /**
   * Runs the task of a job once `bytes` of memory are left for it, in the same order as above, though here nobody
   * overtakes: one that needs much would wait for ever. What needs more than there is runs alone. Rejects with the
   * signal's reason where that aborts before.
   */
  async withMemory<T>(
    { stage, due, bytes }: { stage: string; due: number; bytes: number },
    signal: AbortSignal,
    task: () => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    if (bytes === 0) return task();
    const place = { due, rank: this.rank(stage) };
    const leave = await this.bytes.wait(place, () => this.tryReserve(bytes), signal);
    try {
      return await task();
    } finally {
      leave();
    }
  }

  private candidate(stage: string): Candidate {
    return {
      ...{ queue: stage, rank: this.rank(stage), take: () => this.take(stage) },
      fits: () => this.taken < this.total && this.inStage(stage) < (this.options.limits?.[stage] ?? Infinity),
    };
  }

  private inStage(stage: string): number {
    return this.byStage.get(stage) ?? 0;
  }

  private take(stage: string): Leave {
    this.taken += 1;
    this.byStage.set(stage, this.inStage(stage) + 1);
    return once(() => {
      this.taken -= 1;
      this.byStage.set(stage, this.inStage(stage) - 1);
    });
  }

  private tryReserve(bytes: number): Leave | undefined {
    if (this.reserved > 0 && this.reserved + bytes > (this.options.memory ?? Infinity)) return undefined;
    this.reserved += bytes;
    return once(() => {
      this.reserved -= bytes;
      this.bytes.serve();
    });
  }

  private rank(stage: string): number {
    return this.ranks.get(stage) ?? Infinity;
  }
}

/** What jobs may need of this machine's memory, bytes: most of it, or of what its container may use. */
export function usableMemory(): number {
  const limit = process.constrainedMemory();
  return 0.8 * (limit > 0 ? Math.min(limit, totalmem()) : totalmem());
}

function counted(places: number): number {
  if (!Number.isSafeInteger(places) || places < 1) throw new RangeError(`not a number of places: ${places}`);
  return places;
}

function once(leave: Leave): Leave {
  let left = false;
  return () => {
    if (left) return;
    left = true;
    leave();
  };
}
