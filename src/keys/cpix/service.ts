import { setTimeout as delay } from 'node:timers/promises';
import { byPeriod, checkRequest } from '../request.js';
import type { KeyService, KeySet } from '../types.js';
import { parseAnswer } from './answer.js';
import { BadAnswer } from './bad-answer.js';
import { badAnswer, exchange } from './exchange.js';
import { type DocumentRequest, requestDocument } from './request-document.js';
import { type CpixCredentials, type CpixSettings, readCredentials } from './settings.js';

/** Milliseconds. */
export interface CpixTiming {
  /** One attempt, to the last byte of its answer. */
  attemptMs: number;
  /** No attempt begins later than this after the first. */
  patienceMs: number;
  /** Before the second attempt; doubles each time. */
  pauseMs: number;
  /** Longest pause, whatever the provider asks for. */
  longestPauseMs: number;
}

const DEFAULT_TIMING: CpixTiming = {
  attemptMs: 15_000,
  patienceMs: 60_000,
  pauseMs: 500,
  longestPauseMs: 10_000,
};

/**
 * Keys of a DRM provider that speaks SPEKE 2.0: a CPIX document for every key period. What fails for a while is tried
 * again within a bound. Throws what KeyService says, KEY_SERVICE_UNTRUSTED, KEY_SERVICE_CONFIG and KEY_FILE_… errors.
 */
export function cpixKeyService(settings: CpixSettings, timing: Partial<CpixTiming> = {}): KeyService {
  const service = `cpix ${settings.url.origin}`;
  return {
    name: service,
    async obtain(request, signal) {
      checkRequest(request);
      const credentials = await readCredentials(settings);
      const asking: Asking = {
        service,
        url: settings.url,
        credentials,
        signal,
        ...DEFAULT_TIMING,
        ...timing,
      };
      const sets: KeySet[] = [];
      // One after another: a provider that makes the keys of a title need not cope with two hands in it.
      for (const [period, keys] of byPeriod(request.keys))
        sets.push(await setOf(asking, { ...request, period, keys }));
      const keys = sets.flatMap((set) => set.keys);
      return {
        keys: request.keys.map(({ kid }) => keys.find((key) => key.kid === kid)!),
        signalling: sets.flatMap((set) => set.signalling),
      };
    },
  };
}

interface Asking extends CpixTiming {
  service: string;
  url: URL;
  credentials: CpixCredentials;
  signal: AbortSignal | undefined;
}

/** The keys of one document. */
async function setOf(asking: Asking, request: DocumentRequest): Promise<KeySet> {
  const { service, credentials } = asking;
  const { recipient } = credentials;
  const body = requestDocument({ ...request, certificate: recipient?.certificate.raw });
  const text = await answerTo(asking, body);
  try {
    return parseAnswer(text, { service, request, recipient });
  } catch (error) {
    throw error instanceof BadAnswer ? badAnswer(service, error.message) : error;
  }
}

/** Tries until there is an answer, a failure for good, or no patience left. */
async function answerTo(asking: Asking, body: string): Promise<string> {
  const { service, url, credentials, signal, attemptMs: timeoutMs } = asking;
  const { headers, tls } = credentials;
  const started = performance.now();
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    const outcome = await exchange({ service, url, headers, tls, body, timeoutMs, signal });
    if (outcome.failure === undefined) return outcome.text;
    const pause = pauseAfter(attempt, outcome.retryAfterMs, asking);
    const isLate = performance.now() + pause - started > asking.patienceMs;
    if (!outcome.failure.transient || isLate) throw outcome.failure;
    await delay(pause, undefined, signal ? { signal } : {}).catch((error: unknown) => {
      signal?.throwIfAborted(); // with its own reason
      throw error;
    });
  }
}

/** Doubling, spread by chance so that a fleet does not come back all at once. */
function pauseAfter(attempt: number, askedMs: number | undefined, timing: CpixTiming): number {
  const doubled = timing.pauseMs * 2 ** Math.min(attempt, 20) * (0.5 + Math.random() / 2);
  return Math.min(timing.longestPauseMs, Math.max(doubled, askedMs ?? 0));
}
