import type { StageContext } from '../pipeline/index.js';
import { type ChosenVideo, accept } from './accept.js';
import { declaredFrames, judgeCompleteness, presentShare } from './completeness.js';
import { type DecodeCheck, decodeCheck } from './decode-check.js';
import { FALLBACK_RATE, declaredRates } from './frame-rate.js';
import type { PacketSummary } from './packets.js';
import { type Probe, probe, probeFirstFrame, scanPackets } from './probe.js';
import type { Finding, IngestParams } from './types.js';
import { type PictureFacts, pictureFacts } from './video-facts.js';

/** All that was measured of a master; what to do about it is decided from this alone. */
export interface Survey {
  /** Local path, and size in bytes. */
  path: string;
  bytes: number;
  found: Probe;
  chosen: ChosenVideo;
  packets: Map<number, PacketSummary>;
  /** The chosen stream's. */
  videoPackets: PacketSummary;
  picture: PictureFacts;
  decode: DecodeCheck;
  findings: Finding[];
}

const NO_PACKETS: PacketSummary = { packets: 0, discarded: 0, corrupt: 0, bytes: 0 };

/**
 * Looks at a stored master: streams, packets, and one decode of every frame. Throws MASTER_… where it cannot be used.
 */
export async function survey(params: IngestParams, context: StageContext): Promise<Survey> {
  const { run, tools, signal } = context;
  const label = params.name;
  const path = await context.path(params.source);
  const found = await probe(run, tools.ffprobe, path, { label, signal });
  const chosen = accept(found, params.limits, label);
  const { bytes } = params.source;
  const packets = await scanPackets(run, tools.ffprobe, path, found, { label, signal, bytes });
  const videoPackets = packets.get(chosen.stream.index) ?? NO_PACKETS;
  const frame = await probeFirstFrame(run, tools.ffprobe, path, found, chosen.stream, signal);
  const expected = videoPackets.packets - videoPackets.discarded;
  const decode = await decodeCheck(run, tools.ffmpeg, {
    path,
    demuxer: found.container.demuxer,
    videoStream: chosen.videoStream,
    frames: expected,
    maxPixels: params.limits.maxPixels,
    otherCodecs: found.streams.flatMap((stream) =>
      stream.codec_type === 'audio' && stream.codec_name !== undefined ? [stream.codec_name] : [],
    ),
    signal,
    onFrame: (frames) => context.progress(Math.min(frames, expected), expected),
  });
  const rate = declaredRates(chosen.stream)[0] ?? FALLBACK_RATE;
  const findings = judgeCompleteness(
    {
      decoded: decode.times.pts.length,
      discarded: videoPackets.discarded,
      declared: declaredFrames(found, chosen.stream, rate),
      presentShare: presentShare(found, packets),
    },
    label,
    decode.messages,
  );
  const picture = pictureFacts(chosen.stream, frame);
  return { path, bytes, found, chosen, packets, videoPackets, picture, decode, findings };
}
