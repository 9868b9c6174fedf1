import { compareJobs } from './due.js';
import { abortController, onAbort } from './signals.js';
import type { Leave } from './waiters.js';

/** Who wants a place for the first job of a queue. */
export interface Candidate {
  queue: string;
  /** Place of the queue's stage in a title's flow: the later, the higher. */
  rank: number;
  /** Whether there is a place for it now. */
  fits: () => boolean;
  /** Takes one that fits. */
  take: () => Leave;
}

export interface WaitingCandidate extends Candidate {
  /** When the first job that waits in the queue is due: see dueOf(); undefined where none seems to. */
  firstDue: () => Promise<number | undefined>;
}

interface Waiting extends WaitingCandidate {
  /** Aborted once it waits no more. */
  left: AbortController;
  grant: () => void;
}

/**
 * Those who want a place of a process. Whom of them it goes to is decided in the moment when there is one, by what is
 * first in their queues then: what was first when they came may be done by others long since. Who has got a place takes
 * its job and comes back for the next one before another gets one: else places that are free together would go to all in
 * turn, not to the best.
 */
export class Candidates {
  /** The oldest first. */
  private readonly list: Waiting[] = [];
  /** Queues whose job is being taken, with what is out for it. */
  private readonly taking = new Map<string, Leave>();
  private choosing = false;

  get size(): number {
    return this.list.length;
  }

  /** A place at once, where there is one and nobody better may want it. */
  try(candidate: Candidate): Leave | undefined {
    this.taking.delete(candidate.queue);
    const free = !this.choosing && this.taking.size === 0 && this.fitting().length === 0;
    return free && candidate.fits() ? this.begin(candidate) : undefined;
  }

  /** Waits for a place. Rejects with the signal's reason where that aborts first. */
  wait(candidate: WaitingCandidate, signal: AbortSignal): Promise<Leave> {
    this.taking.delete(candidate.queue);
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const waiting: Waiting = {
        ...{ ...candidate, left: abortController() },
        grant: () => {
          release();
          this.remove(waiting);
          resolve(this.begin(waiting));
        },
      };
      const release = onAbort(signal, () => {
        this.remove(waiting);
        reject(signal.reason as Error);
      });
      this.list.push(waiting);
      this.serve();
    });
  }

  /** To be called where who got a place for the queue does not come back for the next one. */
  forget(queue: string): void {
    this.taking.delete(queue);
    this.serve();
  }

  /** To be called whenever there may be a place. */
  serve(): void {
    if (!this.choosing) void this.choose();
  }

  private begin({ queue, take }: Candidate): Leave {
    const release = take();
    const leave = (): void => {
      if (this.taking.get(queue) === leave) this.taking.delete(queue);
      release();
      this.serve();
    };
    this.taking.set(queue, leave);
    return leave;
  }

  /** Gives places as long as there are some for anybody. Never rejects. */
  private async choose(): Promise<void> {
    this.choosing = true;
    for (let fitting = this.fitting(); fitting.length > 0; fitting = this.fitting()) {
      const best = fitting.length === 1 ? fitting[0]! : await this.best(fitting);
      if (best && this.fitting().includes(best)) best.grant();
    }
    this.choosing = false;
  }

  /** Who could have a place now; nobody while a job is being taken. */
  private fitting(): Waiting[] {
    return this.taking.size > 0 ? [] : this.list.filter((waiting) => waiting.fits());
  }

  private async best(among: readonly Waiting[]): Promise<Waiting | undefined> {
    const places = await Promise.all(
      among.map(async (waiting) => ({ waiting, rank: waiting.rank, due: await firstDue(waiting) })),
    );
    return places.sort(compareJobs)[0]?.waiting; // stable: the oldest of equal ones
  }

  private remove(waiting: Waiting): void {
    this.list.splice(this.list.indexOf(waiting), 1);
    waiting.left.abort();
  }
}

/**
 * Of one whose queue seems to be empty: before all. Its worker has to look, for what is to be tried again shows to who
 * takes a job only; it finds that or nothing, and then waits elsewhere, where it costs no questions. Of one that leaves
 * meanwhile, and of one whose queue cannot be read, which its worker will say itself: after all.
 */
async function firstDue({ firstDue: read, left }: Waiting): Promise<number> {
  let release = (): void => undefined;
  const gone = new Promise<number>((resolve) => (release = onAbort(left.signal, () => resolve(Infinity))));
  try {
    const due = read().then(
      (found) => found ?? -Infinity,
      () => Infinity,
    );
    return await Promise.race([gone, due]);
  } finally {
    release();
  }
}
