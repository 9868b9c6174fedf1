import { z } from 'zod';
import { HullcastError } from '../errors.js';
import { type FrameSource, ffprobe } from '../media/index.js';
import type { ScoreContext } from './request.js';

const SUPPORTED = /^yuva?j?(420|422|444)p(10le|12le|16le)?$/;
const SEMI_PLANAR: Record<string, string> = { nv12: 'yuv420p', p010le: 'yuv420p10le', p016le: 'yuv420p16le' };

/**
 * The pixel format in which both sides reach libvmaf: the reference's own, less transparency and full range, which
 * libvmaf does not take. Throws SCORE_PIXEL_FORMAT where it has none that keeps the depth and the chroma.
 */
export function scoringFormat(pixelFormat: string): string {
  const planar = SEMI_PLANAR[pixelFormat] ?? pixelFormat;
  const match = SUPPORTED.exec(planar);
  if (match) return `yuv${match[1]}p${match[2] ?? ''}`;
  throw new HullcastError('SCORE_PIXEL_FORMAT', `cannot score against a reference in ${pixelFormat}`, {
    hint: 'Convert the reference to YUV with 8, 10, 12 or 16 bits first; ingest does so.',
  });
}

const PROBED = z.object({ streams: z.array(z.object({ pix_fmt: z.string() })).min(1) });

/** Reads a source's pixel format from its file. Throws PROBE_OUTPUT where it has none. */
export async function probePixelFormat(context: ScoreContext, source: FrameSource): Promise<string> {
  const probed = PROBED.safeParse(
    await ffprobe(context.run, context.tools.ffprobe, {
      path: source.path,
      demuxer: source.demuxer,
      show: ['-select_streams', `v:${source.videoStream ?? 0}`, '-show_entries', 'stream=pix_fmt'],
      signal: context.signal,
    }),
  );
  const found = probed.data?.streams[0];
  if (!found) throw new HullcastError('PROBE_OUTPUT', `no pixel format for video stream of ${source.path}`);
  return found.pix_fmt;
}
