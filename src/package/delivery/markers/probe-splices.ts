import { z } from 'zod';
import type { FoundSplice } from './splices.js';

/** ffprobe arguments whose output spliceStart reads. */
export const SPLICE_STREAMS = [
  '-show_entries',
  'stream=index,codec_type,codec_name,start_pts,time_base',
] as const;
/** And splicesOf: packets of data streams, with their bytes. */
export const SPLICE_PACKETS = [
  ...['-select_streams', 'd', '-show_data'],
  ...['-show_entries', 'packet=stream_index,pts,data'],
] as const;

const streamsSchema = z.object({
  streams: z.array(
    z.object({
      index: z.number(),
      codec_type: z.string().optional(),
      codec_name: z.string().optional(),
      start_pts: z.number().optional(),
    }),
  ),
});

const packetsSchema = z.object({
  packets: z
    .array(z.object({ stream_index: z.number(), pts: z.number().optional(), data: z.string().optional() }))
    .default([]),
});

/** Streams of SCTE-35 and the time of the first picture, 90 kHz; undefined where there are none. */
export function spliceStart(output: unknown): { indexes: Set<number>; start: number } | undefined {
  const { streams } = streamsSchema.parse(output);
  const indexes = streams.filter(({ codec_name: name }) => name === 'scte_35').map(({ index }) => index);
  const start = streams.find((stream) => stream.codec_type === 'video')?.start_pts;
  return indexes.length === 0 || start === undefined ? undefined : { indexes: new Set(indexes), start };
}

/** Bytes of ffprobe's hexadecimal dump: an offset, eight groups of up to four digits, then text. */
function bytesOf(dump: string): Buffer {
  const digits = dump.split('\n').map((line) => {
    const columns = /^[0-9a-f]{8}: (.{0,39})/.exec(line)?.[1] ?? '';
    return columns.replaceAll(' ', '');
  });
  return Buffer.from(digits.join(''), 'hex');
}

export function splicesOf(output: unknown, indexes: ReadonlySet<number>): FoundSplice[] {
  return packetsSchema.parse(output).packets.flatMap(({ stream_index: index, pts, data }) => {
    if (!indexes.has(index) || data === undefined) return [];
    return [{ section: bytesOf(data), ...(pts === undefined ? {} : { pts }) }];
  });
}
