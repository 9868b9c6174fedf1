import type { Colour, HdrMetadata } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';
import type { Score } from '../vmaf/index.js';
import type { Variant } from '../watermark/index.js';

export type Codec = 'h264' | 'hevc' | 'av1' | 'vp9';

/** Settings other than a preset's, for shots of one kind; `plain`: areas of one colour, as in drawings and text. */
export type Tune = 'plain';

export interface Resolution {
  width: number;
  height: number;
}

/** Everything that decides the bytes of one encoded chunk, and how it is scored. */
export interface EncodeParams {
  source: {
    blob: BlobRef;
    demuxer: string;
    videoStream: number;
    skipFrames: number;
    frames: number;
    fps: Rational;
  };
  /** The picture that VMAF compares with. */
  reference: Resolution & { pixelFormat: string };
  colour: Required<Colour>;
  /** Static metadata of an HDR picture, to be carried; empty where there is none, left out where the picture is SDR. */
  hdr?: HdrMetadata;
  bitDepth: number;
  codec: Codec;
  preset: string;
  /** Left out where the preset is used as it is. */
  tune?: Tune;
  resolution: Resolution;
  /**
   * Marks the pixels as square. Given where the size is not exactly of the reference's shape: scaling to even numbers
   * would mark them as a little oblong, and players and manifests then go by another size (639x360 for 640x360).
   */
  squarePixels?: true;
  /** Quality in the codec's own scale. */
  crf: number;
  /** Frames from one key frame to the next; the last group may be shorter. */
  gopFrames: number;
  model: Score['model'];
  subsample: number;
  /** Left out where the chunk is not marked. */
  watermark?: WatermarkParams;
}

/** The mark that a chunk gets. The key itself is where the stage runs, and never in a job. */
export interface WatermarkParams {
  variant: Variant;
  keyId: string;
  salt: string;
  /** Number of the chunk's first segment in the title, from 0. */
  firstSegment: number;
}

/** One encoded chunk and what it measured: a point of the rate-distortion curve and a deliverable at once. */
export interface EncodedChunk {
  blob: BlobRef;
  frames: number;
  /** Bits of all packets. */
  bits: number;
  /** Bits of every group of pictures, in order. */
  gopBits: number[];
  /** SHA-256 of the codec's parameter sets; equal for all chunks of a rendition. */
  parameterSets: string;
  score: Score;
  cpuSeconds: { encode: number; score: number };
}
