import type { Lock, Locker } from '@tus/server';
import { HullcastError } from '../../../errors.js';

export type { Lock, Locker } from '@tus/server';

/** How long a request waits for another one to let go of an upload. */
const WAIT_MS = 15_000;

export function uploadBusy(): HullcastError {
  return new HullcastError('UPLOAD_BUSY', 'another request is writing to this upload', {
    hint: 'Ask for its offset with HEAD, and go on from there.',
    transient: true,
  });
}

interface Holder {
  /** Asks the holder to come to an end: it gets a connection's last bytes, not a whole upload's. */
  requestRelease: () => Promise<void> | void;
  released: Promise<void>;
  release: () => void;
}

/** Locks among the requests of this process; who waits sleeps until the holder is done. */
export function processLocks(waitMs: number = WAIT_MS): Locker {
  const holders = new Map<string, Holder>();

  const newLock = (id: string): Lock => {
    let own: Holder | undefined;
    return {
      async lock(signal, requestRelease) {
        const deadline = Date.now() + waitMs;
        for (let other = holders.get(id); other; other = holders.get(id)) {
          await other.requestRelease();
          await settled(other.released, deadline - Date.now(), signal);
          if (signal.aborted || (holders.has(id) && Date.now() >= deadline)) throw uploadBusy();
        }
        let release: () => void = () => undefined;
        const released = new Promise<void>((resolve) => {
          release = resolve;
        });
        own = { requestRelease, released, release };
        holders.set(id, own);
      },
      unlock() {
        if (own && holders.get(id) === own) holders.delete(id);
        own?.release();
        return Promise.resolve();
      },
    };
  };
  return { newLock };
}

/** Resolves with the promise, after a time, or when the signal says that nobody waits any longer. */
function settled(promise: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    signal.addEventListener('abort', done);
    void promise.then(done);
    if (signal.aborted) done();
  });
}
