import { setTimeout as sleep } from 'node:timers/promises';

/** How often, and after which pauses, something is tried again. */
export interface Patience {
  /** Tries in a row that may fail before it is given up; at least 1. */
  tries: number;
  /** Pause after the first failure, milliseconds; doubled after each further one. */
  firstMs: number;
  /** Longest pause, milliseconds; a server that asks for a longer one is not waited for. */
  longestMs: number;
}

/** For one call that somebody waits for: a server that is down is told of within four seconds. */
export const CALL_PATIENCE: Patience = { tries: 5, firstMs: 250, longestMs: 30_000 };

/** For work that is under way and should outlive a restart of the server: some ten minutes. */
export const WORK_PATIENCE: Patience = { tries: 25, firstMs: 500, longestMs: 30_000 };

/**
 * Milliseconds to wait after the `failures`-th failure in a row (1 for the first): doubled each time, and then anything
 * from half to all of it (`random` is 0 to 1), so that clients that lost their server together do not return together.
 */
export function pauseMs({ firstMs, longestMs }: Patience, failures: number, random = Math.random()): number {
  const full = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return Math.round(full * (0.5 + random / 2));
}

/**
 * Milliseconds that a `Retry-After` header asks for: seconds, or a date against `nowMs`. Undefined where it says
 * neither.
 */
export function retryAfterMs(header: string | null | undefined, nowMs = Date.now()): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  // Date.parse() takes much that is no date of HTTP, e.g. `-5`: those have the day's name.
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/**
 * The pause before the next try; undefined where there should be none. `failures` counts in a row, this one included;
 * `askedMs` is what the server asked for.
 */
export function nextPauseMs(
  patience: Patience,
  failures: number,
  askedMs: number | undefined,
): number | undefined {
  if (failures >= patience.tries) return undefined;
  if (askedMs === undefined) return pauseMs(patience, failures);
  return askedMs > patience.longestMs ? undefined : Math.max(askedMs, patience.firstMs);
}

/** Waits; rejects with the signal's reason as soon as it aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    // node:timers rejects with an error of its own, whose cause is the reason.
    signal.throwIfAborted();
    throw error;
  }
}
