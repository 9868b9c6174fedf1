import { type Rational, formatRational, parseRational } from '../media/index.js';
import { colourOf, isHdr } from './colour.js';
import { type HdrFacts, hdrFacts } from './hdr-metadata.js';
import { type Orientation, orientationOf, parseDisplayMatrix } from './orientation.js';
import { type PixelFormat, parsePixelFormat } from './pixel-format.js';
import type { ProbedFrame, ProbedStream } from './probe-json.js';
import type { MasterVideo } from './types.js';

/** What is used where neither the container nor the decoder names a pixel format. */
const PLAIN: PixelFormat = { model: 'yuv', chroma: '4:2:0', bitDepth: 8, alpha: false, fullRange: false };

/** Pixels this near to square are square, as a ratio: 1281:1280 is someone's rounding. */
const SQUARE = 0.005;

/** Everything known of the picture before it is decided what to do about it. */
export interface PictureFacts {
  stream: ProbedStream;
  width: number;
  height: number;
  format: PixelFormat;
  /** ffmpeg's name of the pixel format. */
  pixelFormat: string;
  orientation: Orientation;
  /** Width of a pixel over its height; 1/1 where square or unknown. */
  pixelAspect: Rational;
  fieldOrder: string;
  colour: MasterVideo['colour'];
  hdr: HdrFacts;
}

function pixelAspectOf(text: string | undefined): Rational {
  const aspect = parseRational(text);
  if (!aspect || aspect.num === 0) return { num: 1, den: 1 };
  return Math.abs(aspect.num / aspect.den - 1) < SQUARE ? { num: 1, den: 1 } : aspect;
}

/** The order of fields: the container's word, else the decoder's of the first frame, in ffprobe's letters. */
function fieldOrderOf(stream: ProbedStream, frame: ProbedFrame | undefined): string {
  const known = stream.field_order !== undefined && stream.field_order !== 'unknown';
  if (known) return stream.field_order ?? 'unknown';
  if (frame?.interlaced_frame === 1) return frame.top_field_first === 1 ? 'tt' : 'bb';
  return 'unknown';
}

/** Joins what the container and the decoder's first frame say. */
export function pictureFacts(stream: ProbedStream, frame: ProbedFrame | undefined): PictureFacts {
  const pixelFormat = stream.pix_fmt ?? frame?.pix_fmt ?? 'yuv420p';
  const format = parsePixelFormat(pixelFormat) ?? PLAIN;
  const sideData = [...stream.side_data_list, ...(frame?.side_data_list ?? [])];
  const matrix = sideData
    .map((data) => parseDisplayMatrix(data.displaymatrix))
    .find((found) => found !== undefined);
  return {
    stream,
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    format,
    pixelFormat,
    orientation: orientationOf(matrix),
    pixelAspect: pixelAspectOf(stream.sample_aspect_ratio),
    fieldOrder: fieldOrderOf(stream, frame),
    colour: colourOf(stream, frame, format.fullRange || format.model === 'rgb'),
    hdr: hdrFacts(sideData),
  };
}

/** The facts as the report shows them. */
export function masterVideo(
  facts: PictureFacts,
  timing: { fps: Rational; variable: boolean },
  bitrate: number | undefined,
): MasterVideo {
  const { stream } = facts;
  return {
    codec: stream.codec_name ?? 'unknown',
    ...(stream.profile === undefined ? {} : { profile: String(stream.profile) }),
    width: facts.width,
    height: facts.height,
    pixelFormat: facts.pixelFormat,
    bitDepth: facts.format.bitDepth,
    sampleAspectRatio: `${facts.pixelAspect.num}:${facts.pixelAspect.den}`,
    rotation: facts.orientation.rotation,
    fieldOrder: facts.fieldOrder,
    fps: formatRational(timing.fps),
    variableFrameRate: timing.variable,
    colour: facts.colour,
    ...(isHdr(facts.colour.transfer) && facts.hdr.metadata ? { hdr: facts.hdr.metadata } : {}),
    ...(bitrate === undefined ? {} : { bitrate }),
  };
}
