import { setMaxListeners } from 'node:events';

/** A controller whose signal may go to any number of jobs and processes without Node warning of a leak. */
export function abortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

/** A signal that aborts with the first of several, for as long as it is needed. */
export interface LinkedSignal {
  controller: AbortController;
  /** Lets go of the sources, which may live much longer. */
  release(): void;
}

/** Like AbortSignal.any, which on Node 20 keeps every dependent signal alive as long as its sources. */
export function linkSignals(...sources: readonly (AbortSignal | undefined)[]): LinkedSignal {
  const controller = abortController();
  const releases = sources.map((source) => source && onAbort(source, () => controller.abort(source.reason)));
  return { controller, release: () => releases.forEach((release) => release?.()) };
}

/** Calls `listener` once when the signal aborts, at once where it has; gives what takes it off again. */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Calls through at most once in `intervalMs`; what comes in between is dropped. */
export function throttle<A extends unknown[]>(
  intervalMs: number,
  call: (...args: A) => void,
): (...args: A) => void {
  let next = -Infinity;
  return (...args) => {
    const now = performance.now();
    if (now < next) return;
    next = now + intervalMs;
    call(...args);
  };
}
