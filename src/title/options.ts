import type { Allocate, Codec, LadderOptions, Speed } from '../encode/index.js';
import type { IngestLimits } from '../ingest/index.js';
import type { Subsample } from '../vmaf/index.js';
import type { DeliveryOptions } from './delivery.js';
import type { DrmOptions } from './encryption.js';
import type { ImageOptions } from './images.js';
import type { MaxLevel } from './levels.js';
import type { RungSpec } from './rungs.js';

/** A codec that the title gets a ladder in, and how hard its encoder works. */
export interface CodecChoice {
  codec: Codec;
  preset: string;
}

/** Everything that decides what a title looks like. */
export interface TitleOptions {
  /** Every one has a hull and a ladder of its own; at least one, each codec once. */
  codecs: readonly CodecChoice[];
  speed: Speed;
  /** What the shots of a rung have in common; their slope (`shot`) unless given. */
  allocate?: Allocate;
  /** Longest segment, seconds, 2..6. */
  segmentSeconds: number;
  /** Longest chunk, seconds. The shortest is half a segment, so that no segment is shorter. */
  maxChunkSeconds: number;
  /** Largest height of a rung (of the shorter side in portrait). */
  maxHeight?: number;
  /** Only these shorter sides, pixels. */
  resolutions?: readonly number[];
  /** Only these rungs. */
  rungs?: readonly RungSpec[];
  /** Highest level by codec. */
  maxLevel?: MaxLevel;
  ladder: LadderOptions;
  /** `auto`: shots whose measured complexity asks for it are encoded with other settings than the preset's. */
  tune: 'auto' | 'off';
  subsample: Subsample;
  /** Use VMAF's no-enhancement-gain model. */
  neg: boolean;
  /** Integrated loudness that audio is normalised to, LUFS; as in the master unless given. */
  normaliseLufs?: number;
  /** Not encrypted unless given. */
  drm?: DrmOptions;
  /** All text that the master has, unless given. */
  text?: {
    embedded: 'all' | 'none';
    /** Languages of caption channels, e.g. `CC1`, which say none themselves. */
    captionLanguages?: Readonly<Record<string, string>>;
  };
  /** Thumbnails, posters and a preview; none unless given. */
  images?: ImageOptions;
  /** The package alone unless given. */
  delivery?: DeliveryOptions;
  limits: IngestLimits;
}
