import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';

/** One audio rendition: the whole title, encoded once. */
export interface AudioRendition {
  id: string;
  /** Index among the master's audio streams. */
  track: number;
  language: string;
  title?: string;
  default: boolean;
  channels: number;
  codecString: string;
  sampleRate: number;
  bitrate: number;
  blob: BlobRef;
  /** Integrated loudness, LUFS, and true peak, dBTP, as shipped; undefined where all is silence. */
  loudness?: { integrated: number; range: number; truePeak: number };
}

/** What the packager needs to know of a video rendition. */
export interface VideoInput {
  id: string;
  blob: BlobRef;
  width: number;
  height: number;
  frames: number;
  fps: Rational;
  averageBitrate: number;
  peakBitrate: number;
  /** First frame of every segment, ascending, beginning with 0; equal for all renditions. */
  segmentStarts: number[];
}

export interface PackageParams {
  videos: VideoInput[];
  audios: AudioRendition[];
  segmentSeconds: number;
}

export interface PackagedFile {
  /** Path relative to the package's root, with forward slashes. */
  path: string;
  blob: BlobRef;
}

export interface PackageResult {
  files: PackagedFile[];
  packagerVersion: string;
}

export interface ConformanceFinding {
  code: string;
  severity: 'warning' | 'error';
  file: string;
  message: string;
}

export interface VerifyResult {
  findings: ConformanceFinding[];
  /** Frames decoded per video rendition through the manifest. */
  decodedFrames: Record<string, number>;
}
