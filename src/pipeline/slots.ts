import { onAbort } from './signals.js';

interface Waiter {
  grant(): void;
  leave(reason: Error): void;
}

/** A counting semaphore: at most `size` tasks at a time, first come, first served; waiting ends with the signal. */
export class Slots {
  private free: number;
  private readonly waiting = new Set<Waiter>();
  /** Those who wait, by their signal: a listener for each of them would be looked through for every one that comes. */
  private readonly bySignal = new Map<AbortSignal, { waiters: Set<Waiter>; release: () => void }>();

  constructor(readonly size: number) {
    if (!Number.isSafeInteger(size) || size < 1) throw new RangeError(`not a number of slots: ${size}`);
    this.free = size;
  }

  /** Runs the task once there is a slot. Rejects with the signal's reason where it aborts before that. */
  async use<T>(signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    await this.acquire(signal);
    try {
      return await task();
    } finally {
      this.release();
    }
  }

  private acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.free > 0) {
      this.free -= 1;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const group = this.group(signal);
      const waiter: Waiter = {
        grant: () => {
          group.waiters.delete(waiter);
          if (group.waiters.size === 0) this.forget(signal);
          resolve();
        },
        leave: reject,
      };
      group.waiters.add(waiter);
      this.waiting.add(waiter);
    });
  }

  private group(signal: AbortSignal): { waiters: Set<Waiter> } {
    const known = this.bySignal.get(signal);
    if (known) return known;
    const waiters = new Set<Waiter>();
    const release = onAbort(signal, () => {
      this.bySignal.delete(signal);
      for (const waiter of waiters) {
        this.waiting.delete(waiter);
        waiter.leave(signal.reason as Error);
      }
    });
    const group = { waiters, release };
    this.bySignal.set(signal, group);
    return group;
  }

  private forget(signal: AbortSignal): void {
    this.bySignal.get(signal)?.release();
    this.bySignal.delete(signal);
  }

  private release(): void {
    const [next] = this.waiting;
    if (!next) {
      this.free += 1;
      return;
    }
    this.waiting.delete(next);
    next.grant();
  }
}
