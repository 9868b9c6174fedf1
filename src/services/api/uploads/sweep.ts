import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Uploads } from '../../../db/index.js';
import { HullcastError } from '../../../errors.js';
import type { Tus } from './tus.js';

const BATCH = 100;

/**
 * Removes uploads that have expired: unfinished ones, and finished ones that no title names; and the bytes of those that
 * were removed before, and whose bytes could not be. Who writes to one at that moment comes to an end first. Gives how many
 * were removed.
 */
export async function sweepUploads(
  tus: Tus,
  rows: Uploads,
  log: Logger,
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  const stuck = new Set<string>();
  for (;;) {
    const before = removed;
    for (const id of await rows.expired(BATCH)) {
      if (signal.aborted) return removed;
      if (stuck.has(id)) continue;
      try {
        if (await removeAlone(tus, id, signal)) removed += 1;
      } catch (error) {
        // An outage is one of all of them. Anything else is of this one only, which shall not keep the others.
        if (error instanceof HullcastError && error.transient) throw error;
        stuck.add(id);
        log.warn({ upload: id, err: error }, 'expired upload not removed: the next sweep tries again');
      }
    }
    if (removed === before) return removed;
  }
}

/** False where another request, of a client that goes on writing, does not let go of it, or has finished it. */
async function removeAlone(tus: Tus, id: string, signal: AbortSignal): Promise<boolean> {
  const lock = tus.locker.newLock(id);
  try {
    await lock.lock(signal, () => undefined);
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'UPLOAD_BUSY') return false;
    throw error;
  }
  try {
    return await tus.store.removeExpired(id);
  } finally {
    await lock.unlock();
  }
}

/** Sweeps again and again until stopped. */
export function startUploadSweep(
  tus: Tus,
  rows: Uploads,
  log: Logger,
  everyMs: number,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = (async () => {
    while (!stopped.signal.aborted) {
      try {
        const removed = await sweepUploads(tus, rows, log, stopped.signal);
        if (removed > 0) log.info({ removed }, 'expired uploads removed');
      } catch (error) {
        // The database or the store is away, or somebody holds on to an upload: next time.
        log.warn({ err: error }, 'expired uploads not removed');
      }
      await sleep(everyMs, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      stopped.abort();
      await loop;
    },
  };
}
