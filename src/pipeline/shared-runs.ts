import { abortController, onAbort } from './signals.js';

export type Progress = (done: number, total: number) => void;

export interface Caller {
  signal?: AbortSignal | undefined;
  progress?: Progress | undefined;
}

interface SharedRun<T> {
  outcome: Promise<T>;
  controller: AbortController;
  /** Callers that still want the outcome; the run is aborted when the last one leaves. */
  waiting: number;
  listeners: Set<Progress>;
}

/** Lets callers that want the same work at the same time share one run of it. */
export class SharedRuns<T> {
  private readonly runs = new Map<string, SharedRun<T>>();

  /**
   * Joins the run under `key`, or starts one. A caller whose signal aborts is rejected with its reason: at once while
   * others wait for the run, else after the run, aborted by it, has ended.
   */
  async join(
    key: string,
    caller: Caller,
    start: (signal: AbortSignal, progress: Progress) => Promise<T>,
  ): Promise<{ value: T; joined: boolean }> {
    caller.signal?.throwIfAborted();
    const existing = this.runs.get(key);
    const run = existing ?? this.start(key, start);
    run.waiting += 1;
    if (caller.progress) run.listeners.add(caller.progress);
    let leave: (reason: unknown) => void = () => undefined;
    const left = new Promise<never>((_, reject) => (leave = reject));
    const release = caller.signal && onAbort(caller.signal, () => this.leave(key, run, caller, leave));
    try {
      return { value: await Promise.race([run.outcome, left]), joined: existing !== undefined };
    } catch (error) {
      caller.signal?.throwIfAborted(); // what a run says that was stopped is of no interest
      throw error;
    } finally {
      release?.();
    }
  }

  private start(key: string, start: (signal: AbortSignal, progress: Progress) => Promise<T>): SharedRun<T> {
    const controller = abortController();
    const listeners = new Set<Progress>();
    const progress: Progress = (done, total) => listeners.forEach((listener) => listener(done, total));
    const outcome = start(controller.signal, progress).finally(() => this.forget(key, run));
    const run: SharedRun<T> = { outcome, controller, waiting: 0, listeners };
    this.runs.set(key, run);
    return run;
  }

  private leave(key: string, run: SharedRun<T>, caller: Caller, reject: (reason: unknown) => void): void {
    run.waiting -= 1;
    if (caller.progress) run.listeners.delete(caller.progress);
    if (run.waiting > 0) return reject(caller.signal?.reason);
    this.forget(key, run); // who comes now must not join a run that is being stopped
    run.controller.abort(caller.signal?.reason);
  }

  private forget(key: string, run: SharedRun<T>): void {
    if (this.runs.get(key) === run) this.runs.delete(key);
  }
}
