import type { Logger } from 'pino';
import { createServiceLog } from '../../services/logging/index.js';
import { type Tracing, startTracing } from '../../services/tracing/index.js';
import type { CommandContext } from '../context.js';
import { HULLCAST_VERSION } from '../version.js';

/** What a process that serves has besides its engines. */
export interface Service {
  log: Logger;
  tracing: Tracing;
}

/** How long the last spans of traces may take at the end, milliseconds. */
const TRACES_MS = 5000;

/**
 * Runs a process that serves until it is told to stop: `start` gives what stops it. Its log goes to standard output as
 * JSON lines, with traces where the environment names a collector.
 */
export async function runService(
  { env, signal }: CommandContext,
  name: 'control' | 'worker',
  start: (service: Service) => Promise<() => Promise<void>>,
): Promise<void> {
  const options = { service: name, version: HULLCAST_VERSION, env };
  const tracing = await startTracing({ ...options, log: createServiceLog(options) });
  const log = createServiceLog({ ...options, fields: tracing.logFields });
  try {
    const stop = await start({ log, tracing });
    await aborted(signal);
    log.info('stopping');
    await stop();
    log.info('stopped');
  } finally {
    await tracing.close(TRACES_MS);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
