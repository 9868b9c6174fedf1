import type { Colour, HdrMetadata, MasterAudio } from '../ingest/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';
import type { ThumbnailTrack } from './thumbnails/track.js';

/** Loudspeakers that a rendition is made for. */
export type AudioLayout = 'stereo' | '5.1';

export interface AudioParams {
  /** Rendition id, from audioPlan. */
  id: string;
  source: BlobRef;
  /** ffmpeg demuxer of the source. */
  demuxer: string;
  audio: MasterAudio;
  layout: AudioLayout;
  /** Length of the title in video frames. */
  frames: number;
  fps: Rational;
  /** Integrated loudness to bring the track to, LUFS, e.g. -23; the master's level is kept unless given. */
  normaliseLufs?: number;
}

export type AudioResult = AudioRendition;

/** One audio rendition: the whole title, encoded once. */
export interface AudioRendition {
  id: string;
  /** Index among the master's audio streams. */
  track: number;
  /** BCP 47, shortest form, e.g. `en`; `und` where it is not known. */
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
  /** Colour description of the pictures; manifests say what the packager finds out where it is not given. */
  colour?: Required<Colour>;
  /** Static metadata of an HDR picture, for the sample entry. */
  hdr?: HdrMetadata;
}

export interface PackageParams {
  videos: VideoInput[];
  audios: AudioRendition[];
  segmentSeconds: number;
  /** Thumbnails that the manifests name; their files are added to the package by the caller. */
  thumbnails?: ThumbnailTrack;
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

export interface VerifyParams {
  files: PackagedFile[];
  videos: VideoInput[];
  audios: AudioRendition[];
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
