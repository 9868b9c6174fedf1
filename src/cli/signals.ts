import { HullcastError } from '../errors.js';
import { STOP_EXIT, type StopSignal } from './failure.js';

/** What signals are listened for on; the process, or an emitter of a test. */
export interface SignalSource {
  on(event: StopSignal, listener: () => void): unknown;
  off(event: StopSignal, listener: () => void): unknown;
}

export interface Stopper {
  /** Aborts on the first signal, or when `stop` is called. */
  signal: AbortSignal;
  /** The signal that stopped the command; undefined as long as none did. */
  stoppedBy(): StopSignal | undefined;
  /** Stops the command for a reason of its own, which it should fail with. */
  stop(reason: Error): void;
  /** Stops listening. */
  release(): void;
}

/**
 * Turns SIGINT and SIGTERM into an abort, so that processes are ended and temporary files removed; the second signal
 * calls `exit` at once.
 */
export function watchSignals(
  source: SignalSource,
  options: { onStop: (signal: StopSignal) => void; exit: (code: number) => void },
): Stopper {
  const controller = new AbortController();
  let stoppedBy: StopSignal | undefined;
  const listenTo = (name: StopSignal): (() => void) => {
    const listener = (): void => {
      if (stoppedBy) return options.exit(STOP_EXIT[name]);
      stoppedBy = name;
      options.onStop(name);
      controller.abort(new HullcastError('CANCELLED', `stopped by ${name}`));
    };
    source.on(name, listener);
    return () => void source.off(name, listener);
  };
  const releases = [listenTo('SIGINT'), listenTo('SIGTERM')];
  return {
    signal: controller.signal,
    stoppedBy: () => stoppedBy,
    stop: (reason) => controller.abort(reason),
    release: () => releases.forEach((release) => release()),
  };
}
