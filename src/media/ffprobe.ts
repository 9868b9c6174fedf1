import { HullcastError } from '../errors.js';
import type { Run } from './run.js';
import type { Tool } from './tools.js';

const PROBE_TIMEOUT_MS = 300_000;

/**
 * Environment of every ffprobe run. The static build on npm crashes in glibc's iconv as soon as a transport stream
 * names its service (SDT): without converter modules iconv refuses instead, and the name is left as it is.
 */
export const PROBE_ENV = { GCONV_PATH: '/nonexistent' } as const;

export interface ProbeRequest {
  /** Absolute path. */
  path: string;
  /** Demuxer to force. */
  demuxer: string;
  /** What to print, e.g. ['-show_streams', '-show_format']. */
  show: readonly string[];
  signal?: AbortSignal | undefined;
}

/** Runs ffprobe on a local file and gives its parsed JSON, unvalidated. Throws PROCESS_FAILED or PROBE_OUTPUT. */
export async function ffprobe(run: Run, tool: Tool, request: ProbeRequest): Promise<unknown> {
  const result = await run({
    file: tool.path,
    args: [
      ...['-v', 'error', '-of', 'json', ...request.show],
      ...['-protocol_whitelist', 'file', '-f', request.demuxer, '-i', `file:${request.path}`],
    ],
    env: PROBE_ENV,
    timeoutMs: PROBE_TIMEOUT_MS,
    signal: request.signal,
  });
  try {
    return JSON.parse(result.stdout.toString('utf8'));
  } catch (cause) {
    throw new HullcastError('PROBE_OUTPUT', `ffprobe printed no valid JSON for ${request.path}`, { cause });
  }
}
