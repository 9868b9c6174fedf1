import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Delivery, Outbox } from '../../db/index.js';
import { retryDelay } from './backoff.js';
import type { CallbackPolicy } from './policy.js';
import { post } from './post.js';
import { Receivers } from './receivers.js';
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
  /** Told of each attempt once its outcome is noted: whether it will be tried again, and what it took, seconds. */
  onAttempt?: (outcome: 'delivered' | 'retry' | 'failed', seconds: number) => void;
}

export interface Deliveries {
  /** Takes no more deliveries, and waits for those under way. */
  stop(): Promise<void>;
}

const LEASE_SECONDS = 60;
/** One that has waited so long in this process is left to its lease, which might end while it is being sent. */
const WAIT_MS = 30_000;
/** Deliveries that wait in this process for their receiver. */
const MOST_WAITING = 100;

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

/** True where the receiver has answered, whatever it said. */
async function deliver(options: DeliveryOptions, delivery: Delivery): Promise<boolean> {
  const { outbox, log, onAttempt } = options;
  const started = performance.now();
  const outcome = await attempt(options, delivery).then(
    (status) => ({ status, error: `answered ${status}` }),
    (error: unknown) => ({
      status: undefined,
      error: error instanceof Error ? error.message : String(error),
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  const facts = { delivery: delivery.id, title: delivery.titleId, event: delivery.type };
  const { status, error } = outcome;
  if (status !== undefined && status >= 200 && status < 300) {
    await outbox.delivered(delivery, status);
    onAttempt?.('delivered', seconds);
    log.debug({ ...facts, status }, 'webhook delivered');
    return true;
  }
  const retryInSeconds = retryDelay(delivery.attempts + 1, Math.random());
  await outbox.missed(delivery, { ...(status === undefined ? {} : { status }), error, retryInSeconds });
  onAttempt?.(retryInSeconds === undefined ? 'failed' : 'retry', seconds);
  log.warn({ ...facts, error, retryInSeconds }, 'webhook not delivered');
  return status !== undefined;
}

interface Taken {
  delivery: Delivery;
  receiver: string;
  takenMs: number;
}

/** The deliveries that this process has taken: those under way, and those whose receiver is busy. */
class Hand {
  private waiting: Taken[] = [];
  private readonly running = new Set<Promise<void>>();
  private readonly receivers = new Receivers();

  constructor(
    private readonly options: DeliveryOptions,
    private readonly concurrency: number,
  ) {}

  /** How many more may be taken. */
  get room(): number {
    return this.waiting.length < MOST_WAITING ? this.concurrency - this.running.size : 0;
  }

  add(deliveries: readonly Delivery[]): void {
    const takenMs = performance.now();
    for (const delivery of deliveries) {
      const receiver = URL.canParse(delivery.url) ? new URL(delivery.url).host : '';
      this.waiting.push({ delivery, receiver, takenMs });
    }
    this.begin();
  }

  /** Begins what may begin. What is in vain now, or has waited too long, is left to its lease, and comes back with it. */
  begin(): void {
    const now = performance.now();
    this.waiting = this.waiting.filter((taken) => {
      if (now - taken.takenMs > WAIT_MS) return false;
      if (this.running.size < this.concurrency && this.receivers.mayBegin(taken.receiver, now)) {
        this.run(taken);
        return false;
      }
      return !this.receivers.isSilent(taken.receiver, now);
    });
  }

  /** Resolves when a delivery ends; at once where none is under way. */
  async next(): Promise<void> {
    await Promise.race(this.running);
  }

  async finish(): Promise<void> {
    this.waiting = [];
    await Promise.all(this.running);
  }

  get isBusy(): boolean {
    return this.running.size > 0;
  }

  private run({ delivery, receiver }: Taken): void {
    this.receivers.begin(receiver);
    const run = deliver(this.options, delivery)
      .catch((error: unknown) => {
        // The database is away: the lease runs out, and the delivery is tried again.
        this.options.log.warn({ err: error, delivery: delivery.id }, 'webhook outcome not noted');
        return true;
      })
      .then((answered) => {
        this.running.delete(run);
        this.receivers.end(receiver, answered, performance.now());
      });
    this.running.add(run);
  }
}

/**
 * Sends what is in the outbox until stopped. Any number of processes may do so: each takes deliveries for a minute, and
 * one that dies, or cannot say what became of them, gives them back. So a receiver may get one twice, with the same
 * Hullcast-Delivery.
 */
export function startDeliveries(options: DeliveryOptions): Deliveries {
  const { concurrency = 32, pollMs = 1000, log, outbox } = options;
  const stopped = new AbortController();
  const { signal } = stopped;
  const hand = new Hand(options, concurrency);

  const take = async (): Promise<boolean> => {
    if (hand.room === 0) return false;
    try {
      const due = await outbox.take(hand.room, LEASE_SECONDS);
      if (!signal.aborted) hand.add(due);
      return due.length > 0;
    } catch (error) {
      log.warn({ err: error }, 'outbox not readable');
      return false;
    }
  };

  const loop = (async () => {
    while (!signal.aborted) {
      hand.begin();
      if (await take()) continue;
      const pause = sleep(pollMs, undefined, { signal }).catch(() => undefined); // stopped: the loop ends
      await (hand.isBusy ? Promise.race([hand.next(), pause]) : pause);
    }
  })();

  return {
    async stop() {
      stopped.abort();
      await loop;
      await hand.finish();
    },
  };
}
