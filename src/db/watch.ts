import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Engine } from './engine/engine.js';
import { EVENT_CHANNEL, lastEvent } from './events.js';
import type { Events } from './types.js';

/** Notifications may be lost unnoticed, as behind a pooler that does not pass them on: a look every so often helps. */
const LOOK_MS = 2_000;

export interface Watch {
  changed: Events['changed'];
  close(): Promise<void>;
}

/** Calls listeners when there are new events: when the database says so, and where a look finds some. */
export function watchEvents(engine: Engine, log: Logger, lookMs = LOOK_MS): Watch {
  const listeners = new Set<() => void>();
  const stop = new AbortController();
  let watching: { unlisten: () => Promise<void>; looking: Promise<void> } | undefined;
  let waking = false;

  /** Many events at once are one call. */
  const wake = (): void => {
    if (waking) return;
    waking = true;
    setImmediate(() => {
      waking = false;
      for (const listener of listeners) call(listener, log);
    });
  };

  const look = async (): Promise<void> => {
    let seen: number | undefined;
    while (!stop.signal.aborted) {
      // Undefined while it is away, which the engine says in the log; what happens meanwhile is found afterwards.
      const last = await engine.run(lastEvent).catch(() => undefined);
      if (last !== undefined && last !== seen) wake();
      seen = last;
      await delay(lookMs, undefined, { signal: stop.signal }).catch(() => undefined); // aborted: the loop ends
    }
  };

  return {
    changed(listener) {
      const own = (): void => listener(); // so that one function given twice is two listeners
      listeners.add(own);
      watching ??= { unlisten: engine.listen(EVENT_CHANNEL, wake), looking: look() };
      return () => void listeners.delete(own);
    },
    async close() {
      stop.abort();
      listeners.clear();
      await Promise.all([watching?.unlisten(), watching?.looking]);
    },
  };
}

/** A listener that throws has a fault, and the others are to be called all the same. */
function call(listener: () => void, log: Logger): void {
  try {
    listener();
  } catch (error) {
    log.error({ error: String(error) }, 'a listener for events failed');
  }
}
