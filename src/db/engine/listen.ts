import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import pg from 'pg';
import { connection } from './client.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Keeps a connection that listens on a channel, and makes a new one whenever it breaks. Calls back on every notification,
 * and each time it begins to listen, as notifications of before were missed. Gives what ends it.
 */
export function listenForever(
  config: pg.ClientConfig,
  channel: string,
  listener: () => void,
  log: Logger,
): () => Promise<void> {
  const stop = new AbortController();
  const keep = async (): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    while (!stop.signal.aborted) {
      try {
        await listenOnce(config, channel, stop.signal, () => {
          pause = FIRST_PAUSE_MS;
          listener();
        });
      } catch (error) {
        // Who uses the database otherwise is told that it is away; here waiting is all there is to do.
        log.debug({ error: String(error), channel }, 'cannot listen for notifications');
      }
      await delay(pause, undefined, { signal: stop.signal }).catch(() => undefined); // aborted: the loop ends
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  };
  const kept = keep();
  return () => {
    stop.abort();
    return kept;
  };
}

/** Listens until the connection ends; throws where it cannot be had. */
async function listenOnce(
  config: pg.ClientConfig,
  channel: string,
  signal: AbortSignal,
  listener: () => void,
): Promise<void> {
  const { client, destroy } = connection(config);
  const ended = new Promise((resolve) => client.once('end', resolve));
  client.on('notification', listener);
  signal.addEventListener('abort', destroy);
  try {
    await client.connect();
    signal.throwIfAborted();
    await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    listener();
    await ended;
  } finally {
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}
