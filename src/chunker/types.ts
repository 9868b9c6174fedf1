import type { NormalisedPicture } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';

export interface ChunkParams {
  picture: NormalisedPicture;
  /** Shortest shot, frames; only a title that is shorter itself has a shorter one. */
  minFrames: number;
  /** Longest shot, frames; at least 2 × minFrames − 1, so that what is split stays long enough. */
  maxFrames: number;
}

/** A run of frames that belongs together, half-open: [startFrame, endFrame). */
export interface Shot {
  index: number;
  startFrame: number;
  endFrame: number;
  complexity: {
    /** Mean standard deviation of luma over the frames, 0..127: how much detail. */
    spatial: number;
    /** Mean absolute luma difference of successive frames, 0..255: how much changes. */
    temporal: number;
    /** Mean share of a frame's pixels in its four commonest luma levels, 0..1: how much is of one colour. */
    palette: number;
    /** Mean share of pixels as they were in the frame before, 0..1. */
    unchanged: number;
  };
}

/** The frames of a shot in a file of their own. */
export interface Chunk {
  shot: number;
  startFrame: number;
  endFrame: number;
  blob: BlobRef;
  /** ffmpeg demuxer of the blob, e.g. `mov`. */
  demuxer: string;
  /** Index among the blob's video streams. */
  videoStream: number;
  /** Decoded frames to drop before the shot's first. */
  skipFrames: number;
  /** `copy`: the master's packets; `lossless`: re-encoded because copying could not be exact. */
  cut: 'copy' | 'lossless';
}

export interface ChunkResult {
  shots: Shot[];
  chunks: Chunk[];
  fps: Rational;
  frames: number;
  /** SHA-256 over the per-frame hashes of all frames in order. */
  framesSha256: string;
}
