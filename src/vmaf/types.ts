/** VMAF over a set of frames, 0..100. */
export interface Pooled {
  mean: number;
  /** Harmonic mean of (score + 1), minus 1: libvmaf's definition, weighs bad frames more. */
  harmonicMean: number;
  /** 5th percentile: 95% of the frames are better. */
  p5: number;
  min: number;
}

/** libvmaf's built-in models. `vmaf_4k_v0.6.1` is for 2160p watched at 1.5 picture heights. */
export type VmafModel = 'vmaf_v0.6.1' | 'vmaf_v0.6.1neg' | 'vmaf_4k_v0.6.1' | 'vmaf_4k_v0.6.1neg';

export interface Score {
  model: VmafModel;
  /** Every n-th frame was scored, beginning with frame 0; odd. */
  subsample: number;
  /** Frames of the reference and of the encode. */
  frames: number;
  /** Scores of frames 0, n, 2n … in order. */
  frameScores: number[];
  pooled: Pooled;
  libvmafVersion: string;
}
