import { frameBytes } from '../ingest/index.js';
import { profileOf } from './profile/index.js';
import type { Codec, EncodeParams } from './types.js';

/** What an encoder holds on one thread. */
interface EncoderMemory {
  /** Bytes whatever the picture is. */
  base: number;
  /** Bytes for each pixel of the encode with 8 bits: frames that it looks ahead at and refers to, and its notes on them. */
  perPixel: number;
  /** The same for each pixel beyond those of 2560x1440, where that is less. */
  perPixelBeyond?: number;
  /** So many times of it with 10 bits. */
  deep: number;
  /** So many times of it with presets that look further ahead than the default; faster ones count as the default. */
  presets: Readonly<Record<string, number>>;
}

/**
 * Found by `npm run bench -- memory`: a line through the peaks at 720p, 1080p and 2160p (docs/decisions/0015-cluster.md),
 * raised until each lies a twentieth to an eighth below it, since pictures differ and the same one differs from run to
 * run. The factors of 10 bits are ratios of two measured peaks less the base. Those of presets of x264 and x265 are ratios of
 * frames held (looked ahead at, in a row of B-frames, referred to), but for veryslow and placebo, which were measured:
 * x264's placebo holds sums of pixels as well. Of SVT-AV1 the presets 1, 3, 8 and 10 were measured; the last two take less.
 */
const ENCODERS: Readonly<Record<Codec, EncoderMemory>> = {
  h264: {
    ...{ base: 60e6, perPixel: 206, deep: 1 },
    presets: { slow: 1.3, slower: 1.6, veryslow: 1.8, placebo: 3.5 },
  },
  hevc: {
    ...{ base: 80e6, perPixel: 195, deep: 1.65 },
    presets: { slow: 1.3, slower: 2, veryslow: 2, placebo: 3.1 },
  },
  av1: {
    ...{ base: 90e6, perPixel: 345, perPixelBeyond: 130, deep: 1.35 },
    presets: { '0': 1.45, '1': 1.45, '2': 1.45, '3': 1.15, '4': 1.15, '5': 1.15 },
  },
  vp9: { base: 75e6, perPixel: 215, deep: 1.45, presets: { '0': 1.1, '1': 1.1 } },
};

const QUAD_HD = 2560 * 1440;

/** Frames of the reference in its decoder and on their way to the encoder: 9 of one that refers to one frame, and its queue. */
const SOURCE_FRAMES = 16;
/** Frames of the encode's size on their way through the watermark's filters. */
const MARK_FRAMES = 2;

/** libvmaf, on one thread: bytes whatever the picture is, and for each pixel of it, which it holds as floats. */
const SCORE_BASE = 40e6;
const SCORE_PER_PIXEL = 60;
/** Frames of the reference and of the encode in a score. */
const SCORE_REFERENCE_FRAMES = 18;
const SCORE_ENCODE_FRAMES = 11;

function encoderBytes({ codec, preset, bitDepth, resolution }: EncodeParams): number {
  const { base, perPixel, perPixelBeyond = perPixel, deep, presets } = ENCODERS[codec];
  const pixels = resolution.width * resolution.height;
  const plain = perPixel * Math.min(pixels, QUAD_HD) + perPixelBeyond * Math.max(0, pixels - QUAD_HD);
  const isDeep = profileOf(codec).pixelFormat(bitDepth) !== profileOf(codec).pixelFormat(8);
  return base + plain * (isDeep ? deep : 1) * (presets[preset] ?? 1);
}

/**
 * Bytes of memory that an encode and its score need: the more of the two, for one process runs after the other. They
 * hang on the codec, its preset, the depth, and the sizes of the encode and of the picture that it is made of and scored
 * against: a small rendition of a large picture needs most of it to be scored.
 */
export function encodeMemory(params: EncodeParams): number {
  const { codec, bitDepth, resolution, reference, watermark } = params;
  const encoded = frameBytes({ ...resolution, pixelFormat: profileOf(codec).pixelFormat(bitDepth) });
  const decoded = frameBytes(reference);
  const encode = encoderBytes(params) + SOURCE_FRAMES * decoded + (watermark ? MARK_FRAMES * encoded : 0);
  const score =
    SCORE_BASE +
    SCORE_PER_PIXEL * reference.width * reference.height +
    SCORE_REFERENCE_FRAMES * decoded +
    SCORE_ENCODE_FRAMES * encoded;
  return Math.ceil(Math.max(encode, score));
}
