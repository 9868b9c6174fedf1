import { HullcastError } from '../errors.js';
import { PROBE_ENV, type Run, type Tool } from '../media/index.js';
import type { FrameRange } from './findings.js';
import { packetScanLimitMs } from './probe.js';

/** ffprobe's frame list with the messages that the decoder gave while it worked on each, at level error (16). */
export const FRAME_LOG_ENTRIES = [
  ...['-show_frames', '-show_log', '16'],
  ...['-show_entries', 'frame=key_frame,pict_type:log=level', '-of', 'compact'],
];

/** What the decoder said, by index among the frames that came out of it. */
export interface DamageLog {
  /** Frames that came out while it reported an error, ascending. */
  logged: readonly number[];
  /** Key frames, ascending. */
  keys: readonly number[];
  /** Frames that are predicted from later ones as well. */
  bidirectional: ReadonlySet<number>;
  frames: number;
  /** Frames that it holds back to put them in order (has_b_frames). */
  delay: number;
}

/**
 * Incremental reader of that list. A record is `frame|key_frame=0|pict_type=B|…`; log records follow it on the same line or on
 * lines of their own.
 */
export class DamageReader {
  private rest = '';
  private frame = -1;
  private readonly logged: number[] = [];
  private readonly keys: number[] = [];
  private readonly bidirectional = new Set<number>();

  /** `delay`: frames that the decoder holds back to put them in order (has_b_frames). */
  constructor(private readonly delay: number) {}

  push(chunk: Buffer | string): void {
    const lines = (this.rest + chunk.toString()).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  end(): DamageLog {
    this.line(this.rest);
    this.rest = '';
    return {
      logged: this.logged,
      keys: this.keys,
      bidirectional: this.bidirectional,
      frames: this.frame + 1,
      delay: this.delay,
    };
  }

  private line(line: string): void {
    if (line.startsWith('frame|')) {
      this.frame++;
      if (line.includes('key_frame=1')) this.keys.push(this.frame);
      if (line.includes('pict_type=B')) this.bidirectional.add(this.frame);
    }
    if (/(^|\|)log\|/.test(line) && this.frame >= 0 && this.logged.at(-1) !== this.frame)
      this.logged.push(this.frame);
  }
}

/**
 * Damaged ranges of the picture. `places`: the place of every decoded frame; `missing`: places without a frame.
 *
 * A message belongs to a packet, and the frame that came out at that moment is up to `delay` frames older. A packet
 * that gave no frame leaves a gap. What is predicted from either is damaged too: B-frames right before a gap, and all
 * until the first key frame after those held back. Damage that the decoder does not notice is not found.
 */
export function damagedRanges(
  log: DamageLog,
  places: readonly number[],
  missing: readonly FrameRange[],
  total: number,
): FrameRange[] {
  const keys = log.keys.map((key) => places[key] ?? total);
  const until = (place: number): number => Math.min(total, keys.find((key) => key >= place) ?? total);
  const logged = log.logged.map((frame) => ({
    start: Math.min(places[frame] ?? total, total - 1),
    end: until(places[frame + log.delay + 1] ?? total),
  }));
  const before = (start: number): number => {
    let frame = places.findLastIndex((place) => place < start);
    while (log.bidirectional.has(frame)) frame--;
    return (places[frame] ?? -1) + 1;
  };
  const lost = missing.map(({ start, end }) => ({ start: before(start), end: until(end) }));
  return joinRanges([...logged, ...lost].sort((a, b) => a.start - b.start));
}

/** Joins ranges that touch or overlap. They come in ascending order of their starts. */
export function joinRanges(ranges: readonly FrameRange[]): FrameRange[] {
  const joined: FrameRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else joined.push({ ...range });
  }
  return joined;
}

export interface DamageRequest {
  path: string;
  demuxer: string;
  /** Index among all streams. */
  streamIndex: number;
  /** The stream's reordering delay, frames. */
  delay: number;
  bytes: number;
  frames: number;
  signal?: AbortSignal;
}

/** Decodes once more, on one thread, to learn where the decoder meets damage. */
export async function damageLog(run: Run, tool: Tool, request: DamageRequest): Promise<DamageLog> {
  const reader = new DamageReader(request.delay);
  try {
    await run({
      file: tool.path,
      args: [
        ...[
          '-v',
          'quiet',
          '-threads',
          '1',
          '-select_streams',
          String(request.streamIndex),
          ...FRAME_LOG_ENTRIES,
        ],
        ...['-protocol_whitelist', 'file', '-f', request.demuxer, '-i', `file:${request.path}`],
      ],
      env: PROBE_ENV,
      timeoutMs: packetScanLimitMs(request.bytes) + request.frames * 1000,
      signal: request.signal,
      onStdout: (chunk) => reader.push(chunk),
    });
  } catch (cause) {
    // The file is known to be damaged: a prober that stops at the damage has still told what lies before it.
    if (!(cause instanceof HullcastError) || cause.code !== 'PROCESS_FAILED') throw cause;
  }
  return reader.end();
}
