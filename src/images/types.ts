import type { Chunk, Shot, ToneMapping } from '../chunker/index.js';
import type { NormalisedPicture } from '../ingest/index.js';
import type { PackagedFile, ThumbnailTrack } from '../package/index.js';

export interface ImagesParams {
  picture: NormalisedPicture;
  shots: readonly Shot[];
  /** One a shot, in the same order. */
  chunks: readonly Chunk[];
  /** How an HDR picture becomes SDR; absent where it is SDR. */
  mapping?: ToneMapping;
  /** Time between thumbnails, milliseconds; none are made unless given. */
  thumbnailMs?: number;
  /** Most posters. */
  posters: number;
  /** What makes the files, from imageEncoder(): other versions may make other bytes. */
  encoder: string;
}

/** One file of the title's images. */
export interface ImageFile {
  /** Path in the title's folder. */
  path: string;
  width: number;
  height: number;
  bytes: number;
}

/** Why a frame makes no poster. */
export type Fault = 'dark' | 'bright' | 'plain' | 'bars' | 'fade' | 'cut';

/** What a frame was judged by, each 0..1; see docs/images.md. */
export interface Merits {
  /** Neither too dark nor too bright, and with contrast. */
  light: number;
  sharpness: number;
  /** Share of the picture that has detail. */
  texture: number;
  colour: number;
  /** Pixels of the colours of skin: a guess at people, no recognition of faces. */
  skin: number;
}

export interface Poster {
  frame: number;
  shot: number;
  /** 0..1 */
  score: number;
  /** False where the title has no better frame, and `faults` says what is wrong. */
  good: boolean;
  faults: Fault[];
  merits: Merits;
  /** Each size as JPEG and as WebP, the largest first. */
  files: ImageFile[];
}

/** A run of frames, half-open. */
export interface Piece {
  startFrame: number;
  endFrame: number;
}

export interface Preview {
  /** Cut from the title in this order. */
  pieces: Piece[];
  clip: ImageFile & { frames: number };
  animation: ImageFile & { frames: number; frameMs: number };
}

/** What images.json says. */
export interface TitleImages {
  thumbnails?: {
    width: number;
    height: number;
    columns: number;
    rows: number;
    intervalSeconds: number;
    count: number;
    sheets: string[];
    bytes: number;
    storyboard: string;
    playlist: string;
  };
  /** The best first. */
  posters: Poster[];
  preview: Preview;
}

export interface ImagesResult {
  images: TitleImages;
  /** For the manifests. */
  thumbnails?: ThumbnailTrack;
  /** All files, images.json among them; paths are those of the title's folder. */
  files: PackagedFile[];
}
