import type { Colour, HdrMetadata, MasterAudio } from '../ingest/index.js';
import type { DrmSystem, KeyLabel, ProtectionScheme } from '../keys/index.js';
import type { Rational } from '../media/index.js';
import type { BlobRef } from '../pipeline/index.js';
import type { ThumbnailTrack } from './thumbnails/track.js';

/** Loudspeakers that a rendition is made for. */
export type AudioLayout = 'stereo' | '5.1';

/** AAC-LC, HE-AAC (version 1), Dolby Digital Plus, Opus. */
export type AudioCodec = 'aac' | 'he-aac' | 'eac3' | 'opus';

/**
 * What a track is for, where it is not the programme's own sound: someone talks about it, tells what is seen, or speech
 * is made easier to understand.
 */
export type AudioRole = 'commentary' | 'description' | 'clear-speech';

export interface AudioParams {
  /** Rendition id, from audioPlan. */
  id: string;
  source: BlobRef;
  /** ffmpeg demuxer of the source. */
  demuxer: string;
  audio: MasterAudio;
  layout: AudioLayout;
  /** AAC-LC unless given. */
  codec?: AudioCodec;
  /** The master's own frames, unchanged, are the rendition. */
  copy?: true;
  role?: AudioRole;
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
  role?: AudioRole;
  /** AAC-LC unless given. */
  codec?: AudioCodec;
  /** Not encoded: as the master has it. */
  copied?: true;
  /** Complexity index of Dolby Atmos in E-AC-3 (ETSI TS 103 420): how many objects; where there is some. */
  joc?: number;
  /** Dialogue level that E-AC-3 carries, dBFS: -31 to -1. */
  dialnorm?: number;
  channels: number;
  codecString: string;
  sampleRate: number;
  bitrate: number;
  blob: BlobRef;
  /** Integrated loudness, LUFS, and true peak, dBTP, as shipped; undefined where all is silence. */
  loudness?: { integrated: number; range: number; truePeak: number };
}

/** One track of text: cues in the title's time, in one language. */
export interface TextTrack {
  /** Unique in the title, e.g. `text-fr-sdh`; names a folder. */
  id: string;
  /** BCP 47, shortest form; `und` where it is not known. */
  language: string;
  /** What viewers choose it by; no two tracks of a title have one. */
  name: string;
  /** `captions` also tell what is heard beside speech: for people who do not hear well (SDH). */
  kind: 'subtitles' | 'captions';
  /** Shown whatever the viewer chose: what is spoken or written in a language foreign to the sound. */
  forced: boolean;
  /** Shown unless the viewer chooses otherwise; of one track at most. */
  default: boolean;
  /** Players may choose it by language; not so where another track is meant for the same viewers. */
  autoselect: boolean;
  /** A WebVTT file as the text stage writes it. */
  blob: BlobRef;
  cues: number;
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

/** `tiers`: keys by the size of the picture and for sound, so that licences can withhold some; `single`: one for all. */
export type KeyPreset = 'tiers' | 'single';

/** A key of a title. */
export interface TitleKey {
  label: KeyLabel;
  kid: string;
  /** Its key period, from 0; of a title that has several. */
  period?: number;
}

/** How a title is encrypted. Whatever decides a package's bytes is here, but the keys: those come from the key service. */
export interface Encryption {
  scheme: ProtectionScheme;
  /** The title as the key service knows it. */
  contentId: string;
  /** Name of the key service: another one gives other keys, and so another package. */
  keyService: string;
  preset: KeyPreset;
  /** The keys of the title's renditions, period by period; 32 lower-case hex digits each. */
  keys: TitleKey[];
  /** First frames of its key periods, ascending from 0, each where a segment begins; one period unless given. */
  periodStarts?: number[];
  systems: DrmSystem[];
  /** Segments of the first key period that begin before this many seconds are not encrypted; 0 for none. */
  clearLeadSeconds: number;
  /**
   * Longest segments, seconds: what begins to be encrypted after the beginning does so with a segment. With `cenc`, where
   * something does; else package and IVs do not depend on it.
   */
  segmentSeconds?: number;
  /** Where players get licences, for the manifests. */
  licenseUrls?: Partial<Record<DrmSystem, string>>;
}

export interface PackageParams {
  videos: VideoInput[];
  audios: AudioRendition[];
  /** Left out where there is none. */
  texts?: TextTrack[];
  segmentSeconds: number;
  /** Not encrypted unless given. */
  encryption?: Encryption;
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
  /** What every rendition is encrypted with, where it is. */
  protection?: RenditionProtection[];
}

export interface RenditionProtection {
  /** Id of the rendition. */
  id: string;
  label: KeyLabel;
  kid: string;
  /** The key period, from 0; of a title that has several. */
  period?: number;
  /** Its IV, hex: the constant one, or that of its first encrypted sample. */
  iv: string;
}

export interface VerifyParams {
  files: PackagedFile[];
  videos: VideoInput[];
  audios: AudioRendition[];
  /** As it was packaged. */
  encryption?: Encryption;
  /** Left out where there is none. */
  texts?: TextTrack[];
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
