import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';

export type Severity = 'info' | 'warning' | 'error';

/** Something a person should know about a master. Frame ranges are half-open: [startFrame, endFrame). */
export interface Finding {
  /** Stable code, lower-case words with hyphens, e.g. `black-frames`; all codes are listed in docs/findings.md. */
  code: string;
  severity: Severity;
  startFrame?: number;
  endFrame?: number;
  message: string;
}

export interface Colour {
  /** ffmpeg's names, e.g. bt709; undefined where the master has no tag. */
  primaries?: string;
  transfer?: string;
  matrix?: string;
  range: 'tv' | 'pc';
}

/** CIE 1931 x and y in steps of 0.00002, the unit of ST 2086. */
export type Chromaticity = readonly [x: number, y: number];

/** The display that a picture was graded on (SMPTE ST 2086). */
export interface MasteringDisplay {
  red: Chromaticity;
  green: Chromaticity;
  blue: Chromaticity;
  white: Chromaticity;
  /** Steps of 0.0001 cd/m². */
  minLuminance: number;
  maxLuminance: number;
}

/** Brightest pixel and brightest frame on average (CTA-861.3), cd/m²; 0 where not known. */
export interface ContentLight {
  maxCll: number;
  maxFall: number;
}

/** Static metadata of an HDR picture: what is known and sound. */
export interface HdrMetadata {
  masteringDisplay?: MasteringDisplay;
  contentLight?: ContentLight;
}

/** What HLS calls VIDEO-RANGE: which family of transfer curves a picture has. */
export type VideoRange = 'SDR' | 'PQ' | 'HLG';

/** The video stream as the master has it. */
export interface MasterVideo {
  codec: string;
  profile?: string;
  width: number;
  height: number;
  pixelFormat: string;
  bitDepth: number;
  sampleAspectRatio: string;
  rotation: 0 | 90 | 180 | 270;
  fieldOrder: string;
  fps: string;
  variableFrameRate: boolean;
  colour: Colour;
  /** Of an HDR picture. */
  hdr?: HdrMetadata;
  bitrate?: number;
}

export interface MasterAudio {
  /** Index among the file's audio streams. */
  track: number;
  codec: string;
  channels: number;
  layout: string;
  sampleRate: number;
  language: string;
  title?: string;
  default: boolean;
  /** What the file says the track is for. */
  commentary?: true;
  visualImpaired?: true;
  hearingImpaired?: true;
  durationSeconds: number;
  /** Packets that are heard: fewer than fill the duration where the track has holes. */
  packets: number;
  /** Start relative to the first video frame, seconds; negative where sound starts first. */
  offsetSeconds: number;
}

export interface MasterText {
  /** Index among the file's subtitle streams; of captions in the pictures, index of the video stream in the file. */
  track: number;
  codec: string;
  language: string;
  title?: string;
  /** What the file says of the stream. */
  default?: true;
  forced?: true;
  hearingImpaired?: true;
  /** CEA-608 in the user data of the pictures (ATSC A/53, part 4). */
  inPicture?: true;
  /** Time of the first video frame on the file's clock, seconds. */
  pictureStart: number;
}

/** Progressive frames at a constant rate, with square pixels, upright, of even size and limited range. */
export interface PictureFormat {
  frames: number;
  fps: Rational;
  width: number;
  height: number;
  pixelFormat: string;
  bitDepth: number;
  colour: Required<Colour>;
  /** Of an HDR picture; its file need not have it. */
  hdr?: HdrMetadata;
}

/** What the rest of the pipeline works on. `blob` is the master itself where it already is that, else a lossless mezzanine. */
export interface NormalisedPicture extends PictureFormat {
  blob: BlobRef;
  demuxer: string;
  /** Index among the blob's video streams. */
  videoStream: number;
}

export interface IngestResult {
  name: string;
  source: BlobRef;
  container: string;
  /** ffmpeg demuxer that the source is read with. */
  demuxer: string;
  durationSeconds: number;
  video: MasterVideo;
  audio: MasterAudio[];
  text: MasterText[];
  picture: NormalisedPicture;
  findings: Finding[];
}

export interface IngestLimits {
  maxDurationSeconds: number;
  /** Width × height. */
  maxPixels: number;
  maxStreams: number;
}

/** Parameters of the ingest stage. The caller has hashed and stored the file already. */
export interface IngestParams {
  /** The title's name, for people; it never becomes part of a path. */
  name: string;
  source: BlobRef;
  limits: IngestLimits;
}

/** EBU R 128 measurements of one audio track as the master has it. */
export interface TrackLoudness {
  /** Index among the source's audio streams. */
  track: number;
  /** Integrated loudness, LUFS; range, LU; true peak, dBTP. Undefined where the track is silent or too short. */
  measured?: { integrated: number; range: number; truePeak: number };
}

export interface InspectParams {
  ingest: IngestResult;
}

export interface InspectResult {
  /** Beyond those of ingest; frame ranges are in frames of the normalised picture. */
  findings: Finding[];
  loudness: TrackLoudness[];
}
