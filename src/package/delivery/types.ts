import type { Finding, VideoRange } from '../../ingest/index.js';
import type { DrmSystem, ProtectionScheme } from '../../keys/index.js';
import type { Rational } from '../../media/index.js';
import type { BlobRef } from '../../pipeline/index.js';
import type { PackagedFile } from '../types.js';

/** Families of audio codecs, by the beginning of their codec strings. */
export type AudioFamily = 'aac' | 'ac3' | 'eac3' | 'ac4' | 'opus' | 'flac';

/** Forms of text: WebVTT segments (HLS), WebVTT in MP4 and TTML in MP4 (DASH). */
export type TextForm = 'webvtt' | 'wvtt' | 'stpp';

/** What every device of a class plays. Rates are bit/s. */
export interface DeviceClass {
  /** Highest level by codec; a codec that is not named is not played. */
  maxLevel: Readonly<Partial<Record<'h264' | 'hevc' | 'av1' | 'vp9', string>>>;
  /** Largest shorter side of a picture, pixels. */
  maxHeight: number;
  /** Highest average bit rate of a video rendition. */
  maxBitrate: number;
  /** Frames a second. */
  maxFrameRate: number;
  hdr: boolean;
  audio: readonly AudioFamily[];
  maxChannels: number;
  text: readonly TextForm[];
  /** DRM systems that it has, and how they decrypt; for titles that are encrypted. */
  drm: readonly DrmSystem[];
  schemes: readonly ProtectionScheme[];
}

/** A class as its manifests are named. */
export interface NamedClass extends DeviceClass {
  /** Lower-case letters, digits and hyphens. */
  name: string;
}

/** A rendition of pictures, as far as a class is concerned with it. */
export interface VideoFacts {
  id: string;
  /** As in CODECS of a master playlist. */
  codecs: string;
  width: number;
  height: number;
  fps: Rational;
  averageBitrate: number;
  range: VideoRange;
}

export interface AudioFacts {
  id: string;
  track: number;
  codecs: string;
  channels: number;
}

export interface TitleFacts {
  videos: readonly VideoFacts[];
  audios: readonly AudioFacts[];
  /** Ids of the texts. */
  texts: readonly string[];
  /** Where it is encrypted. */
  protection?: { scheme: ProtectionScheme; systems: readonly DrmSystem[] };
}

export type MarkerKind = 'intro' | 'recap' | 'credits' | 'adbreak';

/** `manual`: somebody said so; `scte35`: the master says so; `detected`: a guess, of some confidence. */
export type MarkerSource = 'manual' | 'scte35' | 'detected';

/** A part of the title that players may act on. Frames are half-open; a point ends where it starts. */
export interface Marker {
  /** Unique in the title, e.g. `intro-1`. */
  id: string;
  kind: MarkerKind;
  startFrame: number;
  endFrame: number;
  source: MarkerSource;
  /** 0 to 1; a guess is never sure. It is a rank made of evidence, not a measured probability. */
  confidence: number;
  /** What was seen, of a guess. */
  evidence?: string[];
  /** SCTE-35 sections as hex digits: of the break's beginning, and of its end. */
  scte35?: { out?: string; in?: string };
}

/** A marker of a title, and whether manifests say it. */
export interface DeliveredMarker extends Marker {
  inManifests: boolean;
}

/** A marker as people give it: by frames or by seconds. */
export interface GivenMarker {
  kind: MarkerKind;
  start: { frame: number } | { seconds: number };
  /** A point unless given. */
  end?: { frame: number } | { seconds: number };
  scte35?: Marker['scte35'];
  /** It is a guess of an earlier run that was given back, and that nobody has confirmed. */
  guess?: Pick<Marker, 'confidence' | 'evidence'>;
}

/** Servers that have the title. */
export interface Origin {
  /** Id of the pathway (HLS) and service location (DASH). */
  id: string;
  /** URL of the title's folder, with a slash at its end. */
  url: string;
}

export interface DeliverParams extends Omit<DeliveryPlan, 'facts'> {
  /** Codecs of pictures are those that the package's MPD says. */
  facts: Omit<TitleFacts, 'videos'> & { videos: Omit<VideoFacts, 'codecs'>[] };
}

/** What is to be delivered. */
export interface DeliveryPlan {
  /** All files of the package. */
  files: PackagedFile[];
  facts: TitleFacts;
  fps: Rational;
  frames: number;
  classes: NamedClass[];
  markers: DeliveredMarker[];
  origins: Origin[];
  /** Needs origins. */
  steeringUrl?: string;
}

/** The manifests of a class and what is in them. */
export interface DeviceManifests {
  name: string;
  hls: string;
  dash: string;
  videos: string[];
  audios: string[];
  texts: string[];
}

export interface DeliverResult {
  /** Files that are new, or take the place of one of the package. */
  files: PackagedFile[];
  devices: DeviceManifests[];
  findings: Finding[];
}

export interface MarkersParams {
  source: BlobRef;
  demuxer: string;
  /** The track that is listened to; none where there is no sound, or nothing is to be guessed. */
  audio?: { track: number; offsetSeconds: number };
  /** Whether the transport stream is searched for SCTE-35. */
  splices: boolean;
  frames: number;
  fps: Rational;
  /** Runs of black frames. */
  black: { start: number; end: number }[];
  /** Of every shot: how much of it is of few shades, 0 to 1, as titles on one colour are. */
  plain: { start: number; end: number; palette: number }[];
}

export interface MarkersResult {
  /** What the master's SCTE-35 messages say. */
  splices: Marker[];
  /** Guesses. */
  detected: Marker[];
  findings: Finding[];
}
