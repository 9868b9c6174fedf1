import type { Colour } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';
import type { Pooled, Score } from '../vmaf/index.js';

export type Codec = 'h264';

export interface Resolution {
  width: number;
  height: number;
}

/** Everything that decides the bytes of one encoded chunk, and how it is scored. */
export interface EncodeParams {
  source: { blob: BlobRef; demuxer: string; skipFrames: number; frames: number; fps: Rational };
  reference: Resolution;
  colour: Required<Colour>;
  bitDepth: number;
  codec: Codec;
  preset: string;
  resolution: Resolution;
  /** Quality in the codec's own scale. */
  crf: number;
  /** Frames from one key frame to the next; the last group may be shorter. */
  gopFrames: number;
  model: Score['model'];
  subsample: number;
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

/** One rung: a resolution and a quality parameter for every shot. */
export interface Rung {
  id: string;
  codec: Codec;
  resolution: Resolution;
  /** crf by shot index. */
  crf: number[];
  /** Predicted or measured totals over the title. */
  bits: number;
  vmaf: number;
}

/** A rung as one continuous file. */
export interface Rendition {
  id: string;
  codec: Codec;
  resolution: Resolution;
  blob: BlobRef;
  frames: number;
  fps: Rational;
  /** Bits of all packets; average and peak (largest segment's) bit rate in bit/s. */
  bits: number;
  averageBitrate: number;
  peakBitrate: number;
  vmaf: Pooled & { model: Score['model']; subsample: number };
  /** RFC 6381 codec string, e.g. avc1.640028. */
  codecString: string;
  /** First frame of every segment, ascending, beginning with 0. */
  segmentStarts: number[];
}
