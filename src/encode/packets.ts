import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HullcastError } from '../errors.js';
import { type Run, type Tools, ffprobe } from '../media/index.js';

/** The video packets of an MP4 file of ours, in presentation order. */
export interface Packets {
  /** Ticks per second of `pts`. */
  timescale: number;
  packets: { pts: number; bytes: number; key: boolean }[];
  /** SHA-256 of the decoder configuration (the parameter sets; for VP9, what its configuration box says). */
  parameterSets: string;
}

/** What reading needs; a stage's context has it. */
export interface PacketContext {
  run: Run;
  tools: Pick<Tools, 'ffprobe'>;
  signal?: AbortSignal | undefined;
}

/**
 * What VP9's sample entry and configuration box (vpcC) say. It has no parameter sets, and ffprobe no hash of the box. The
 * box's level follows from size and frame rate, its place of chroma is always the same.
 */
const VP9_CONFIGURATION = [
  ...['profile', 'width', 'height', 'pix_fmt'],
  ...['color_range', 'color_space', 'color_transfer', 'color_primaries'],
] as const;

const Stream = z
  .looseObject({
    codec_name: z.string(),
    time_base: z.string().regex(/^1\/\d+$/),
    extradata_hash: z.string().startsWith('SHA256:').optional(),
  })
  .refine(({ codec_name, extradata_hash }) => extradata_hash !== undefined || codec_name === 'vp9');

const Output = z.object({
  streams: z.array(Stream).length(1),
  packets: z.array(z.object({ pts: z.number(), size: z.string().regex(/^\d+$/), flags: z.string() })),
});

const STREAM_ENTRIES = ['codec_name', 'time_base', 'extradata_hash', ...VP9_CONFIGURATION].join();

function parameterSetsOf(stream: z.infer<typeof Stream>): string {
  if (stream.extradata_hash !== undefined) return stream.extradata_hash.slice('SHA256:'.length).toLowerCase();
  const said = VP9_CONFIGURATION.map((name) => stream[name] ?? null);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/** Reads the packets of the video stream in `path`. Throws ENCODE_UNREADABLE where it is no file as we make them. */
export async function readPackets(context: PacketContext, path: string): Promise<Packets> {
  const parsed = Output.safeParse(
    await ffprobe(context.run, context.tools.ffprobe, {
      path,
      demuxer: 'mov',
      show: [
        ...['-select_streams', 'v:0', '-show_data_hash', 'sha256', '-show_streams'],
        ...['-show_entries', `stream=${STREAM_ENTRIES}:packet=pts,size,flags`],
      ],
      signal: context.signal,
    }),
  );
  if (!parsed.success) {
    throw new HullcastError('ENCODE_UNREADABLE', `the encode at ${path} cannot be read back`, {
      cause: parsed.error,
    });
  }
  const [stream] = parsed.data.streams;
  return {
    timescale: Number(stream!.time_base.slice(2)),
    parameterSets: parameterSetsOf(stream!),
    packets: parsed.data.packets
      .map(({ pts, size, flags }) => ({ pts, bytes: Number(size), key: flags.startsWith('K') }))
      .sort((a, b) => a.pts - b.pts),
  };
}

/** Presentation indexes of the key frames, and the bits of each group that begins with one. */
export function groupsOf({ packets }: Pick<Packets, 'packets'>): { starts: number[]; bits: number[] } {
  const starts: number[] = [];
  const bits: number[] = [];
  packets.forEach(({ bytes, key }, index) => {
    if (key) {
      starts.push(index);
      bits.push(0);
    }
    if (bits.length > 0) bits[bits.length - 1]! += bytes * 8;
  });
  return { starts, bits };
}
