import type { HdrMetadata } from '../../ingest/index.js';
import type { Rational } from '../../media/index.js';
import type { Codec, Resolution, Tune } from '../types.js';

/** What an encoder must be told for one chunk. */
export interface ProfileRequest {
  preset: string;
  crf: number;
  resolution: Resolution;
  fps: Rational;
  /** Frames from key frame to key frame. */
  gopFrames: number;
  /** ffmpeg's names of the colour description; range is always limited. */
  colour: { primaries: string; transfer: string; matrix: string };
  /** Given for an HDR picture, empty where nothing more is known of it; profiles without HDR ladders have no use for it. */
  hdr?: HdrMetadata | undefined;
  /** Only what the profile says that it has for this preset. */
  tune?: Tune | undefined;
}

/** One codec as the search sees it: a quality scale and the arguments that make an encode deterministic. */
export interface CodecProfile {
  codec: Codec;
  /** ffmpeg's encoder. */
  encoder: string;
  /** Quality parameter: best and worst value that the search may use, and the step that it rounds to. */
  crf: { min: number; max: number; step: number };
  /** Presets as the user names them; some encoders number them. */
  presets: readonly string[];
  /** The preset that corresponds to x264's and x265's medium. */
  defaultPreset: string;
  /** Times that the encoder sees a chunk; in the first of two it only takes notes for the second. */
  passes: 1 | 2;
  /** What it has other settings for at this preset; parameter sets are the same with and without. */
  tunes(preset: string): readonly Tune[];
  /** Where the encoder's headers change with crf, as encodes of one rendition must not: first values, ascending. */
  crfBreaks(preset: string, resolution: Resolution): readonly number[];
  /** The lowest level that a picture of this size and rate fits, and the highest bit rate in it, kbit/s. */
  limits(resolution: Resolution, fps: Rational): { level: string; kbits: number };
  /** Pixel format that the encoder gets, by the source's bit depth. */
  pixelFormat(bitDepth: number): string;
  /** Output arguments from the encoder's name on, without the file; one thread, closed groups, stable headers. */
  encodeArgs(request: ProfileRequest): string[];
}
