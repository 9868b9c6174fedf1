import { HullcastError, masterRejected } from '../errors.js';
import { PROBE_ENV, type Run, type Tool, ffprobe } from '../media/index.js';
import type { Container } from './container.js';
import { examineFile } from './master-file.js';
import { PACKET_ENTRIES, PacketScan, type PacketSummary } from './packets.js';
import {
  type ProbedFile,
  type ProbedFrame,
  type ProbedStream,
  parseFrames,
  parseStreams,
} from './probe-json.js';

/** What the container and its streams say of themselves. */
export interface Probe extends ProbedFile {
  container: Container;
}

export interface ProbeOptions {
  /** What errors call the file; its path unless given. */
  label?: string;
  signal?: AbortSignal;
}

/** A tool that crashes on a file will crash again; one that was killed may have been out of memory. */
const CRASH = /was ended by SIG(SEGV|ABRT|FPE|ILL|BUS)/;

/**
 * Turns "ffprobe failed" into "this master is damaged"; cancellation, time limits and missing tools stay what they
 * are.
 */
function damaged(cause: unknown, label: string): unknown {
  if (!(cause instanceof HullcastError) || cause.code !== 'PROCESS_FAILED') return cause;
  if (cause.transient && !CRASH.test(cause.message)) return cause;
  const detail = cause.message.split('\n').slice(1).join('\n');
  return masterRejected(
    'MASTER_DAMAGED',
    `${label} cannot be read: its container is damaged${detail === '' ? '' : `\n${detail}`}`,
    'Play it from start to end elsewhere; copy or export it again.',
  );
}

/**
 * Describes an untrusted local file: container from its first bytes, streams from ffprobe with that demuxer forced.
 * Throws what `examineFile` throws, or MASTER_DAMAGED.
 */
export async function probe(run: Run, tool: Tool, path: string, options: ProbeOptions = {}): Promise<Probe> {
  const label = options.label ?? path;
  const container = await examineFile(path, label);
  try {
    const json = await ffprobe(run, tool, {
      path,
      demuxer: container.demuxer,
      show: ['-show_streams', '-show_format'],
      signal: options.signal,
    });
    return { container, ...parseStreams(json) };
  } catch (cause) {
    throw damaged(cause, label);
  }
}

/** What the decoder says of the first frame of a stream; undefined where the first packets give none. */
export async function probeFirstFrame(
  run: Run,
  tool: Tool,
  path: string,
  found: Probe,
  stream: ProbedStream,
  signal?: AbortSignal,
): Promise<ProbedFrame | undefined> {
  try {
    const json = await ffprobe(run, tool, {
      path,
      demuxer: found.container.demuxer,
      show: ['-select_streams', String(stream.index), '-read_intervals', '%+#12', '-show_frames'],
      signal,
    });
    return parseFrames(json)[0];
  } catch (cause) {
    if (cause instanceof HullcastError && cause.code === 'PROCESS_FAILED' && !cause.transient)
      return undefined;
    throw cause; // a file whose first packets do not decode is judged by the full decode that follows
  }
}

/** Milliseconds to list all packets: five minutes, plus what a slow disk (10 MB/s) needs for the file. */
export function packetScanLimitMs(bytes: number): number {
  return 300_000 + Math.ceil(bytes / 10_000);
}

/** Lists all packets of all streams without decoding; gives a summary by stream index. Throws MASTER_DAMAGED. */
export async function scanPackets(
  run: Run,
  tool: Tool,
  path: string,
  found: Probe,
  options: ProbeOptions & { bytes: number },
): Promise<Map<number, PacketSummary>> {
  const scan = new PacketScan();
  try {
    await run({
      file: tool.path,
      args: [
        ...['-v', 'error', ...PACKET_ENTRIES],
        ...['-protocol_whitelist', 'file', '-f', found.container.demuxer, '-i', `file:${path}`],
      ],
      env: PROBE_ENV,
      timeoutMs: packetScanLimitMs(options.bytes),
      signal: options.signal,
      onStdout: (chunk) => scan.push(chunk),
    });
  } catch (cause) {
    throw damaged(cause, options.label ?? path);
  }
  return scan.end();
}
