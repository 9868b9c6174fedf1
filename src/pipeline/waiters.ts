import { onAbort } from './signals.js';

/** Gives back what was taken; a second call does nothing. */
export type Leave = () => void;

interface Waiter {
  rank: number;
  /** Takes what is wanted, where it is there. */
  take: () => Leave | undefined;
  grant: (leave: Leave) => void;
}

/** Those who wait for something: served by rank, the highest first, then by age. */
export class Waiters {
  private readonly list: Waiter[] = [];

  /** `overtake`: who cannot be served yet does not keep back those behind. */
  constructor(private readonly overtake: boolean) {}

  get size(): number {
    return this.list.length;
  }

  /** Takes at once, or waits for its turn. Rejects with the signal's reason where that aborts first. */
  wait(rank: number, take: () => Leave | undefined, signal: AbortSignal): Promise<Leave> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const waiter: Waiter = {
        ...{ rank, take },
        grant: (leave) => {
          release();
          resolve(leave);
        },
      };
      const release = onAbort(signal, () => {
        this.list.splice(this.list.indexOf(waiter), 1);
        reject(signal.reason as Error);
        this.serve(); // it may have kept back others
      });
      const behind = this.list.findIndex((other) => other.rank < rank);
      this.list.splice(behind < 0 ? this.list.length : behind, 0, waiter);
      this.serve();
    });
  }

  /** To be called whenever there may be more to take. */
  serve(): void {
    for (let i = 0; i < this.list.length;) {
      const waiter = this.list[i]!;
      const leave = waiter.take();
      if (leave) {
        this.list.splice(i, 1);
        waiter.grant(leave);
      } else if (this.overtake) i += 1;
      else return;
    }
  }
}
