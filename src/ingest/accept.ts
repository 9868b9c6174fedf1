import { masterRejected } from '../errors.js';
import { needsDolbyVision } from './hdr-metadata.js';
import { parsePixelFormat } from './pixel-format.js';
import type { Probe } from './probe.js';
import type { ProbedStream } from './probe-json.js';
import type { IngestLimits } from './types.js';

/** Twelve hours, 8192×4320, 64 streams. */
export const DEFAULT_LIMITS: IngestLimits = {
  maxDurationSeconds: 12 * 3600,
  maxPixels: 8192 * 4320,
  maxStreams: 64,
};

/** Smallest width and height: below, encoders and the quality metric have nothing to work on. */
export const MIN_DIMENSION = 16;

/** Largest width and height: H.264, in which mezzanines are, has no more. */
export const MAX_DIMENSION = 16_384;

/** Video codecs (ffmpeg's names) that masters may be in. */
export const VIDEO_CODECS: ReadonlySet<string> = new Set([
  ...[
    'h264',
    'hevc',
    'av1',
    'vp9',
    'vp8',
    'mpeg1video',
    'mpeg2video',
    'mpeg4',
    'vc1',
    'wmv3',
    'theora',
    'h263',
    'flv1',
  ],
  ...['prores', 'dnxhd', 'cfhd', 'jpeg2000', 'mjpeg', 'dvvideo', 'hap'],
  ...[
    'ffv1',
    'huffyuv',
    'ffvhuff',
    'utvideo',
    'magicyuv',
    'rawvideo',
    'v210',
    'v410',
    'r210',
    'qtrle',
    'png',
  ],
]);

/** A still that decorates the file: cover art and timed thumbnails are no video. */
function isPicture(stream: ProbedStream): boolean {
  const { attached_pic, timed_thumbnails, still_image } = stream.disposition;
  return attached_pic === 1 || timed_thumbnails === 1 || still_image === 1;
}

export interface ChosenVideo {
  stream: ProbedStream;
  /** Index among the file's video streams, pictures included, as in `0:v:N`. */
  videoStream: number;
  /** Further real video streams, which are not used. */
  others: number;
}

/** The video stream to work on: the first that is marked default, else the first. Throws MASTER_NO_VIDEO. */
export function chooseVideo(found: Probe, label: string): ChosenVideo {
  const streams = found.streams.filter((stream) => stream.codec_type === 'video');
  const real = streams.filter((stream) => !isPicture(stream));
  const stream = real.find((candidate) => candidate.disposition['default'] === 1) ?? real[0];
  if (!stream) {
    const audio = found.streams.some((other) => other.codec_type === 'audio');
    const what = streams.length > 0 ? 'only attached pictures' : audio ? 'only sound' : 'no video stream';
    throw masterRejected('MASTER_NO_VIDEO', `${label} holds ${what}`, 'Give a file with a video stream.');
  }
  return { stream, videoStream: streams.indexOf(stream), others: real.length - 1 };
}

/** Throws MASTER_TOO_SMALL or MASTER_TOO_LARGE for a picture of that size. */
export function checkSize(width: number, height: number, limits: IngestLimits, label: string): void {
  if (width < MIN_DIMENSION || height < MIN_DIMENSION) {
    throw masterRejected(
      'MASTER_TOO_SMALL',
      `${label} has a picture of ${width}x${height}; the least is ${MIN_DIMENSION}x${MIN_DIMENSION}`,
      'Use the original picture, not a thumbnail.',
    );
  }
  if (Math.max(width, height) > MAX_DIMENSION || width * height > limits.maxPixels) {
    throw masterRejected(
      'MASTER_TOO_LARGE',
      `${label} has a picture of ${width}x${height}, more than ${limits.maxPixels} pixels or ${MAX_DIMENSION} in a row`,
      'Scale it down first, or raise the limit on pixels.',
    );
  }
}

/** Throws MASTER_TOO_LONG where a duration exceeds the limit. */
export function checkDuration(seconds: number | undefined, limits: IngestLimits, label: string): void {
  if (seconds === undefined || seconds <= limits.maxDurationSeconds) return;
  throw masterRejected(
    'MASTER_TOO_LONG',
    `${label} lasts ${Math.round(seconds)} s, more than ${limits.maxDurationSeconds} s`,
    'Cut it into parts, or raise the limit on duration.',
  );
}

/** Everything that can be refused before a frame is decoded. Throws MASTER_… */
export function accept(found: Probe, limits: IngestLimits, label: string): ChosenVideo {
  if (found.format.nb_streams > limits.maxStreams) {
    throw masterRejected(
      'MASTER_TOO_MANY_STREAMS',
      `${label} has ${found.format.nb_streams} streams, more than ${limits.maxStreams}`,
      'Remove streams that are not needed, or raise the limit on streams.',
    );
  }
  const chosen = chooseVideo(found, label);
  const { stream } = chosen;
  const codec = stream.codec_name ?? 'unknown';
  if (!VIDEO_CODECS.has(codec)) {
    throw masterRejected(
      'MASTER_UNSUPPORTED_CODEC',
      `${label} has video in the codec ${codec}, which hullcast does not take`,
      'Convert it to ProRes, DNxHR, FFV1, H.264 or HEVC.',
    );
  }
  checkDuration(found.format.duration, limits, label);
  checkDuration(stream.duration, limits, label);
  // Without a size the decoder found no picture to describe; the decode that follows says so with its own error.
  if (stream.width && stream.height) checkSize(stream.width, stream.height, limits, label);
  if (stream.pix_fmt !== undefined && !parsePixelFormat(stream.pix_fmt)) {
    throw masterRejected(
      'MASTER_UNSUPPORTED_PIXELS',
      `${label} has pixels in the format ${stream.pix_fmt}, which hullcast does not take`,
      'Convert it to YUV 4:2:0, 4:2:2 or 4:4:4 of 8 or 10 bits.',
    );
  }
  if (needsDolbyVision(stream.side_data_list)) {
    throw masterRejected(
      'MASTER_DOLBY_VISION',
      `${label} has Dolby Vision without a base layer that can be shown by itself (profile 5)`,
      'Export HDR10, HLG or SDR, or Dolby Vision of profile 8.1 or 8.4.',
    );
  }
  return chosen;
}
