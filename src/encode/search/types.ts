import type { Rational } from '../../media/index.js';
import type { Codec, Resolution } from '../types.js';

/** One chunk to encode and score: a probe, and, when a rung takes it, a deliverable. */
export interface Wanted {
  shot: number;
  resolution: Resolution;
  crf: number;
}

/** A wanted encode with what it measured. */
export interface Measured extends Wanted {
  bits: number;
  /** Bit rate of the chunk's largest group of pictures, bit/s. */
  peakBitrate: number;
  /** Mean VMAF over the chunk. */
  vmaf: number;
}

/**
 * How far the search goes: `draft` trusts its first model, `default` corrects it, `thorough` corrects it twice and more
 * closely, `exhaustive` measures the grid.
 */
export type Speed = 'draft' | 'default' | 'thorough' | 'exhaustive';

/** What the shots of a rung have in common: the slope of their hulls, or their crf. */
export type Allocate = 'shot' | 'title';

/** A rung that was asked for: what it should reach, or cost, at one of the candidate resolutions or at the best of them. */
export type RungTarget = { resolution?: Resolution } & (
  | { /** Least mean VMAF over the title. */ vmaf: number }
  | { /** Highest average bit rate, bit/s. */ bitrate: number }
);

export interface LadderOptions {
  /** VMAF of the highest rung: above it more bits no longer show. */
  topVmaf: number;
  /** No rung below this VMAF. */
  bottomVmaf: number;
  /** Least VMAF from rung to rung: about what a viewer notices. */
  stepVmaf: number;
  /** Least ratio of bit rates from rung to rung. */
  stepRatio: number;
  /** Highest average bit rate of a rung, bit/s. */
  maxBitrate?: number;
  /** Most that a segment's bit rate may be, as a multiple of its rendition's average. */
  peakRatio: number;
  /** A chunk may lie this far (VMAF) below its rung's mean before it is encoded again. */
  floorDrop: number;
}

/** What the search of one codec's ladder is asked. */
export interface SearchInput {
  codec: Codec;
  /** With what the chunker measured of them, alike shots lend each other a first guess. */
  shots: readonly {
    index: number;
    frames: number;
    /** Mean standard deviation of luma, 0..127, and mean difference of successive frames, 0..255. */
    complexity?: { spatial: number; temporal: number };
  }[];
  fps: Rational;
  /** Candidate resolutions, the largest first; the first is the reference's size or the largest allowed. */
  resolutions: readonly Resolution[];
  /** Height of the pictures that VMAF compares with. */
  referenceHeight: number;
  /** The codec's own scale: best and worst value, and the step. */
  crf: { min: number; max: number; step: number };
  speed: Speed;
  /** `shot` unless given. */
  allocate?: Allocate;
  ladder: LadderOptions;
  /** The rungs, where they are not to be placed by quality and spacing; at least one. */
  rungs?: readonly RungTarget[];
  /**
   * Where the encoder's headers change with crf: encodes of this height below `from` cannot be joined with those from it on.
   * Ascending; none where a height is not named.
   */
  crfBreaks?: readonly { height: number; from: number }[];
  /** Highest bit rate of a group of pictures by the height of its resolution, bit/s; none where a height is not named. */
  peakCaps?: readonly { height: number; bitrate: number }[];
}

/** A rung as planned: what every shot should be encoded with, and what the model expects of it. */
export interface PlannedRung {
  resolution: Resolution;
  /** crf by position in SearchInput.shots. */
  crf: number[];
  bits: number;
  vmaf: number;
}
