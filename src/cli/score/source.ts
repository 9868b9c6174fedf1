import { HullcastError } from '../../errors.js';
import { type Probe, probe } from '../../ingest/index.js';
import {
  type FrameSource,
  type Rational,
  type Run,
  type Tools,
  ffmpeg,
  openArgs,
  parseRational,
} from '../../media/index.js';

/** A file's picture: its frames as a source, and their size as decoded. */
export interface ScoredFile {
  source: FrameSource;
  size: { width: number; height: number };
}

type VideoStream = Probe['streams'][number];

/** What a stream without a usable rate counts as; scoring goes by the order of frames. */
const ANY_RATE: Rational = { num: 25, den: 1 };

/** True where a display matrix turns the picture by a quarter, so that ffmpeg decodes it with its sides exchanged. */
export function isTurned(stream: Pick<VideoStream, 'side_data_list'>): boolean {
  const matrix = stream.side_data_list.find(
    ({ displaymatrix }) => displaymatrix !== undefined,
  )?.displaymatrix;
  const row = /^\s*0+:\s+(-?\d+)\s+(-?\d+)/.exec(matrix ?? '');
  return row !== null && Number(row[1]) === 0 && Number(row[2]) !== 0;
}

/** The first picture that is no cover art, with its index among the video streams. Throws SCORE_NO_VIDEO. */
export function pictureOf(
  streams: readonly VideoStream[],
  label: string,
): { stream: VideoStream; videoStream: number } {
  const videos = streams.filter((stream) => stream.codec_type === 'video');
  const videoStream = videos.findIndex(({ disposition }) => disposition['attached_pic'] !== 1);
  const stream = videos[videoStream];
  if (!stream?.width || !stream.height) {
    throw new HullcastError('SCORE_NO_VIDEO', `${label} has no picture`, {
      hint: 'Give two files with video.',
    });
  }
  return { stream, videoStream };
}

/** Frames for a time limit only, before they are counted: what the stream claims, with a generous default. */
function roughFrames(stream: VideoStream, fps: Rational): number {
  return Math.ceil(stream.nb_frames ?? ((stream.duration ?? 4 * 3600) * fps.num) / fps.den);
}

/**
 * Describes a file that is to be scored: container from its first bytes, streams from ffprobe, and its frames counted by
 * decoding them, because containers may be wrong about them. Throws MASTER_… for a file that cannot be read.
 */
export async function openScored(
  { run, tools, signal }: { run: Run; tools: Tools; signal: AbortSignal },
  path: string,
  label: string,
): Promise<ScoredFile> {
  const { container, streams } = await probe(run, tools.ffprobe, path, { label, signal });
  const { demuxer } = container;
  const { stream, videoStream } = pictureOf(streams, label);
  const fps = parseRational(stream.avg_frame_rate) ?? parseRational(stream.r_frame_rate) ?? ANY_RATE;
  let frames = 0;
  await ffmpeg(run, tools.ffmpeg, {
    args: [
      ...openArgs(path, demuxer),
      ...['-map', `0:v:${videoStream}`, '-fps_mode', 'passthrough', '-f', 'null', '-'],
    ],
    frames: roughFrames(stream, fps),
    signal,
    onProgress: (progress) => {
      frames = progress.frame;
    },
  });
  if (frames === 0) throw new HullcastError('SCORE_NO_VIDEO', `no frame of ${label} can be decoded`);
  const { width = 0, height = 0 } = stream;
  const size = isTurned(stream) ? { width: height, height: width } : { width, height };
  return { source: { path, demuxer, videoStream, frames, fps }, size };
}
