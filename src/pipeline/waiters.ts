import { type JobPlace, compareJobs } from './due.js';
import { onAbort } from './signals.js';

/** Gives back what was taken; a second call does nothing. */
export type Leave = () => void;

interface Waiter {
  place: JobPlace;
  /** Takes what is wanted, where it is there. */
  take: () => Leave | undefined;
  grant: (leave: Leave) => void;
}

/** Jobs that wait for something, and are served in their order, the oldest of equal ones first. Nobody overtakes. */
export class Waiters {
  private readonly list: Waiter[] = [];

  /** Takes at once, or waits for its turn. Rejects with the signal's reason where that aborts first. */
  wait(place: JobPlace, take: () => Leave | undefined, signal: AbortSignal): Promise<Leave> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const waiter: Waiter = {
        ...{ place, take },
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
      const behind = this.list.findIndex((other) => compareJobs(place, other.place) < 0);
      this.list.splice(behind < 0 ? this.list.length : behind, 0, waiter);
      this.serve();
    });
  }

  /** To be called whenever there may be more to take. */
  serve(): void {
    for (let first = this.list[0]; first; first = this.list[0]) {
      const leave = first.take();
      if (!leave) return;
      this.list.shift();
      first.grant(leave);
    }
  }
}
