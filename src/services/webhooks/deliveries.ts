import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Delivery, Outbox } from '../../db/index.js';
import { retryDelay } from './backoff.js';
import type { CallbackPolicy } from './policy.js';
import { post } from './post.js';
import { signatureHeader } from './signature.js';

export interface DeliveryOptions {
  outbox: Outbox;
  policy: CallbackPolicy;
  /** What signs, the new one first; at least one. */
  secrets: readonly string[];
  /** The JSON that is sent for a delivery. */
  present: (delivery: Delivery) => unknown;
  log: Logger;
  /** Deliveries at once; 32 unless given. */
  concurrency?: number;
  /** Milliseconds that a receiver has; 10,000 unless given. */
  timeoutMs?: number;
  /** Milliseconds between looks into an empty outbox; 1000 unless given. */
  pollMs?: number;
}

export interface Deliveries {
  /** Takes no more deliveries, and waits for those under way. */
  stop(): Promise<void>;
}

const LEASE_SECONDS = 60;
/** Deliveries at once to one receiver, so that a dead one does not hold up the others. */
const PER_RECEIVER = 8;

async function attempt(options: DeliveryOptions, delivery: Delivery): Promise<number> {
  const body = JSON.stringify(options.present(delivery));
  const target = await options.policy.check(delivery.url);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'hullcast',
    'hullcast-event': delivery.type,
    'hullcast-delivery': String(delivery.id),
    'hullcast-signature': signatureHeader(body, options.secrets, Math.floor(Date.now() / 1000)),
  };
  return post(target, headers, body, options.timeoutMs ?? 10_000);
}

async function deliver(options: DeliveryOptions, delivery: Delivery): Promise<void> {
  const { outbox, log } = options;
  const outcome = await attempt(options, delivery).then(
    (status) => ({ status, error: `answered ${status}` }),
    (error: unknown) => ({
      status: undefined,
      error: error instanceof Error ? error.message : String(error),
    }),
  );
  const facts = { delivery: delivery.id, title: delivery.titleId, event: delivery.type };
  const { status, error } = outcome;
  if (status !== undefined && status >= 200 && status < 300) {
    await outbox.delivered(delivery.id, status);
    return log.debug({ ...facts, status }, 'webhook delivered');
  }
  const retryInSeconds = retryDelay(delivery.attempts + 1, Math.random());
  await outbox.missed(delivery.id, { ...(status === undefined ? {} : { status }), error, retryInSeconds });
  log.warn({ ...facts, error, retryInSeconds }, 'webhook not delivered');
}

/**
 * Sends what is in the outbox until stopped. Any number of processes may do so: each takes deliveries for a minute, and
 * one that dies, or cannot say what became of them, gives them back. So a receiver may get one twice, with the same
 * Hullcast-Delivery.
 */
export function startDeliveries(options: DeliveryOptions): Deliveries {
  const { concurrency = 32, pollMs = 1000, log } = options;
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const perReceiver = new Map<string, number>();

  const begin = (delivery: Delivery): void => {
    const receiver = URL.canParse(delivery.url) ? new URL(delivery.url).host : '';
    const busy = perReceiver.get(receiver) ?? 0;
    // Left alone, it comes back when its lease is over.
    if (busy >= PER_RECEIVER) return;
    perReceiver.set(receiver, busy + 1);
    const run = deliver(options, delivery)
      // The database is away: the lease runs out, and the delivery is tried again.
      .catch((error: unknown) => log.warn({ err: error, delivery: delivery.id }, 'webhook outcome not noted'))
      .finally(() => {
        running.delete(run);
        const left = (perReceiver.get(receiver) ?? 1) - 1;
        if (left === 0) perReceiver.delete(receiver);
        else perReceiver.set(receiver, left);
      });
    running.add(run);
  };

  const take = async (): Promise<number> => {
    if (running.size >= concurrency) return 0;
    try {
      const due = await options.outbox.take(concurrency - running.size, LEASE_SECONDS);
      due.forEach(begin);
      return due.length;
    } catch (error) {
      log.warn({ err: error }, 'outbox not readable');
      return 0;
    }
  };

  const loop = (async () => {
    while (!stopped.signal.aborted) {
      if ((await take()) === 0)
        await sleep(pollMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await loop;
      await Promise.all(running);
    },
  };
}
