import { setTimeout as delay } from 'node:timers/promises';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { isPassing } from './errors.js';

/** How long is waited for a server that does not answer, milliseconds. */
export interface Timing {
  /** An operation is given up when it has come no further for this long. */
  patienceMs: number;
  /** A connection over which nothing comes or goes for this long is dropped, and the request sent again. */
  idleMs: number;
  /** To open a connection. */
  connectMs: number;
  /** First pause before a request is sent again; doubles each time. */
  pauseMs: number;
  /** Longest such pause. */
  longestPauseMs: number;
}

export const DEFAULT_TIMING: Timing = {
  patienceMs: 90_000,
  idleMs: 20_000,
  connectMs: 5_000,
  pauseMs: 100,
  longestPauseMs: 5_000,
};

type RetryStrategy = Extract<
  NonNullable<S3ClientConfig['retryStrategy']>,
  { acquireInitialRetryToken: unknown }
>;
type Token = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;
interface OwnToken extends Token {
  startedMs: number;
}

export type OnRetry = (error: unknown, pauseMs: number) => void;

/** Pause before the n-th retry (from 0): doubling, with full jitter so that a fleet does not come back all at once. */
export function pauseBefore(
  retry: number,
  { pauseMs, longestPauseMs }: Timing,
  random = Math.random,
): number {
  const most = Math.min(longestPauseMs, pauseMs * 2 ** Math.min(retry, 30));
  return most * (0.1 + 0.9 * random());
}

/**
 * Tries again for as long as an outage may last. By time and by nothing else: the SDK's own strategies count attempts,
 * and share a budget of retries that a few hundred requests use up within seconds of an outage.
 */
export class Patience {
  constructor(
    private readonly timing: Timing,
    private readonly onRetry: OnRetry,
  ) {}

  /** For the SDK: whole requests. */
  strategy(): RetryStrategy {
    const token = (count: number, delayMs: number, startedMs: number): OwnToken => ({
      startedMs,
      getRetryCount: () => count,
      getRetryDelay: () => delayMs,
    });
    return {
      acquireInitialRetryToken: () => Promise.resolve(token(0, 0, performance.now())),
      refreshRetryTokenForRetry: (last, { error, errorType, retryAfterHint }) => {
        const { startedMs } = last as OwnToken;
        const retry = last.getRetryCount();
        const passes = errorType === 'THROTTLING' || errorType === 'TRANSIENT' || isPassing(error);
        if (!passes || this.isOver(startedMs)) return Promise.reject(new Error('not again'));
        const asked = retryAfterHint ? retryAfterHint.getTime() - Date.now() : 0;
        const pause = Math.max(pauseBefore(retry, this.timing), Math.min(asked, this.timing.longestPauseMs));
        this.onRetry(error, pause);
        return Promise.resolve(token(retry + 1, pause, startedMs));
      },
      recordSuccess: () => undefined,
    };
  }

  /** For what the SDK does not try again: reading a response to its end. */
  attempts(signal?: AbortSignal): Attempts {
    return new Attempts(this.timing, this.onRetry, signal);
  }

  /** Runs `run` until it succeeds or is given up; it tells when it has come further, and begins where it was. */
  async retry<T>(run: (progress: () => void) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const attempts = this.attempts(signal);
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await run(() => attempts.progress());
      } catch (error) {
        await attempts.again(error);
      }
    }
  }

  private isOver(sinceMs: number): boolean {
    return performance.now() - sinceMs >= this.timing.patienceMs;
  }
}

/** Attempts at one thing. */
export class Attempts {
  private since = performance.now();
  private retries = 0;

  constructor(
    private readonly timing: Timing,
    private readonly onRetry: OnRetry,
    private readonly signal?: AbortSignal,
  ) {}

  /** It came further: patience begins anew. */
  progress(): void {
    this.since = performance.now();
    this.retries = 0;
  }

  /** Waits before the next attempt. Throws the error where there is to be none, the signal's reason where it aborts. */
  async again(error: unknown): Promise<void> {
    this.signal?.throwIfAborted();
    const isOver = performance.now() - this.since >= this.timing.patienceMs;
    if (!isPassing(error) || isOver) throw error;
    const pause = pauseBefore(this.retries, this.timing);
    this.retries += 1;
    this.onRetry(error, pause);
    await delay(pause, undefined, this.signal ? { signal: this.signal } : {});
  }
}
