import { masterRejected } from '../errors.js';
import { type Rational, parseRational, toNumber } from '../media/index.js';
import type { Container } from './container.js';
import { finding } from './findings.js';
import { type PacketSummary, ticksToSeconds } from './packets.js';
import type { ProbedStream } from './probe-json.js';
import type { Probe } from './probe.js';
import type { Finding } from './types.js';

/** Below this share of the declared frames a master is refused. */
const USABLE_SHARE = 0.5;

/** Containers whose header counts frames; of the others ffprobe would count what is there. */
const DECLARES_FRAMES = new Set<Container['demuxer']>(['mov', 'avi', 'matroska']);

/** Containers whose header says how long the whole file is, and no more. */
const DECLARES_DURATION = new Set<Container['demuxer']>(['matroska', 'flv', 'mxf']);

/** Matroska writes a stream's duration as a tag, `00:01:30.500000000`. Undefined where there is none. */
export function parseDurationTag(text: string | undefined): number | undefined {
  const match = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text ?? '');
  return match ? Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]) : undefined;
}

/**
 * Frames that the container says the stream has: from its index, else its duration. Undefined where it says nothing
 * that was not measured from the file itself.
 */
export function declaredFrames(found: Probe, stream: ProbedStream, fps: Rational): number | undefined {
  if (!DECLARES_FRAMES.has(found.container.demuxer)) return undefined;
  if (stream.nb_frames !== undefined && stream.nb_frames > 0) return stream.nb_frames;
  const end = parseDurationTag(stream.tags['DURATION']);
  // ffmpeg counts it from the file's zero, wherever the stream begins.
  return end === undefined
    ? undefined
    : Math.round((end - Math.max(0, stream.start_time ?? 0)) * toNumber(fps));
}

/** Share of the container's duration up to which any stream has packets, 0..1; 1 where nothing is declared. */
export function presentShare(found: Probe, packets: ReadonlyMap<number, PacketSummary>): number {
  const declared = found.format.duration;
  if (!DECLARES_DURATION.has(found.container.demuxer) || !declared) return 1;
  const ends = found.streams.map((stream) => {
    const base = parseRational(stream.time_base);
    const end = packets.get(stream.index)?.end;
    return base && end !== undefined ? ticksToSeconds(end, base) - (found.format.start_time ?? 0) : 0;
  });
  return Math.min(1, Math.max(0, ...ends) / declared);
}

export interface Completeness {
  /** Frames that came out of the decoder. */
  decoded: number;
  /** Packets that an edit list hides. */
  discarded: number;
  declared: number | undefined;
  presentShare: number;
}

/**
 * Throws MASTER_NO_FRAMES or MASTER_TRUNCATED; a smaller loss gives the finding `truncated`. A frame or two less than
 * declared is not a loss: durations are rounded, and encoders count differently.
 */
export function judgeCompleteness(facts: Completeness, label: string, detail: readonly string[]): Finding[] {
  const { decoded, discarded } = facts;
  const because = detail.length === 0 ? '' : ` (${detail.slice(0, 2).join('; ')})`;
  if (decoded === 0) {
    throw masterRejected(
      'MASTER_NO_FRAMES',
      `${label}: not one frame of its video can be decoded${because}`,
      'Play it elsewhere; copy or export it again.',
    );
  }
  const expected = facts.declared === undefined ? undefined : Math.max(0, facts.declared - discarded);
  const share = Math.min(expected ? decoded / expected : 1, facts.presentShare);
  const counts = expected
    ? `${decoded} of ${expected} frames`
    : `${Math.round(share * 100)}% of its duration`;
  if (share < USABLE_SHARE) {
    throw masterRejected(
      'MASTER_TRUNCATED',
      `${label} is cut off or broken: only ${counts} can be decoded${because}`,
      'Copy the file again and compare the sizes, or export it again.',
    );
  }
  const missing = expected === undefined ? 0 : expected - decoded;
  const cutOff = missing > Math.max(2, (expected ?? 0) * 0.002) || facts.presentShare < 0.95;
  return cutOff ? [finding('truncated', `only ${counts} can be decoded; what is there is used`)] : [];
}
