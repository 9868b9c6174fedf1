import {
  type Codec,
  type Measured,
  type Resolution,
  type SearchInput,
  type Wanted,
  toX264,
} from '../encode/index.js';
import type { CodecChoice } from './options.js';

/**
 * What encodes cost, for a dry run. Measured on one core of a 2020s server with x264 on Big Buck Bunny (720 frames,
 * 1080p); other machines differ by a factor that is the same for all stages, other content by up to about two.
 */
const DECODE_PER_MEGAPIXEL = 0.0034;
/** CPU seconds a megapixel, by codec and preset, at crf 28 of x264 and x265, 40 of the others. */
const ENCODE_PER_MEGAPIXEL: Readonly<Record<Codec, Readonly<Record<string, number>>>> = {
  h264: {
    ...{ ultrafast: 0.005, superfast: 0.0075, veryfast: 0.0125, faster: 0.02, fast: 0.0275 },
    ...{ medium: 0.035, slow: 0.056, slower: 0.11, veryslow: 0.21, placebo: 0.62 },
  },
  hevc: {
    ...{ ultrafast: 0.02, superfast: 0.032, veryfast: 0.042, faster: 0.043, fast: 0.055 },
    ...{ medium: 0.057, slow: 0.15, slower: 0.59, veryslow: 0.87, placebo: 2.8 },
  },
  av1: {
    ...{ 0: 1.83, 1: 0.89, 2: 0.7, 3: 0.53, 4: 0.28, 5: 0.14, 6: 0.11 },
    ...{ 7: 0.079, 8: 0.054, 9: 0.041, 10: 0.03, 11: 0.021, 12: 0.019, 13: 0.014 },
  },
  vp9: { 0: 0.5, 1: 0.2, 2: 0.17, 3: 0.15, 4: 0.11, 5: 0.11 },
};
/** CPU seconds a megapixel of the reference: for every frame, for every frame passed on, for every frame scored. */
const SCORE_PER_MEGAPIXEL = { decoded: 0.0048, passed: 0.0054, scored: 0.025 };

const megapixels = ({ width, height }: Resolution): number => (width * height) / 1e6;

export function encodeCpuSeconds(
  { codec, preset }: CodecChoice,
  frames: number,
  size: Resolution,
  source: Resolution,
): number {
  const encode = ENCODE_PER_MEGAPIXEL[codec][preset]!;
  return frames * (DECODE_PER_MEGAPIXEL * megapixels(source) + encode * megapixels(size));
}

export function scoreCpuSeconds(frames: number, reference: Resolution, subsample: number): number {
  const { decoded, passed, scored } = SCORE_PER_MEGAPIXEL;
  const share = Math.min(1, 3 / subsample);
  return frames * megapixels(reference) * (decoded + passed * share + scored / subsample);
}

/** Bits at equal quality, as a share of x264's. */
const BITS_SHARE: Readonly<Record<Codec, number>> = { h264: 1, hevc: 0.75, av1: 0.55, vp9: 0.75 };

/**
 * How shots differ, in crf at equal quality, from each other and from size to size: a plan for shots all alike, just as
 * the search's prior has them, would expect hardly any correction, and a third too few encodes for Big Buck Bunny.
 */
const SHOT_OFFSETS = [0, -2.5, 2.5, -1, 1] as const;

/** What ordinary film of this size measures; only the shape of the expected ladder follows from it. */
export function expectedPoint(input: SearchInput, wanted: Wanted): Measured {
  const { frames } = input.shots.find(({ index }) => index === wanted.shot)!;
  const [reference] = input.resolutions;
  const scale = Math.log(wanted.resolution.height / reference!.height);
  const size = input.resolutions.findIndex(({ height }) => height === wanted.resolution.height);
  const offset = SHOT_OFFSETS[(wanted.shot + 3 * size) % SHOT_OFFSETS.length]!;
  const crf = toX264(input.codec, wanted.crf);
  const bitsPerPixel = 0.05 * BITS_SHARE[input.codec] * Math.exp(-0.125 * (crf - 28 - offset));
  const bits = frames * bitsPerPixel * reference!.width * reference!.height * Math.exp(1.7 * scale);
  const ceiling = 100 - 14 * scale * scale - 8 * Math.abs(scale);
  const vmaf = ceiling / (1 + Math.exp(0.15 * (crf - 43 - offset - 7 * scale)));
  const seconds = (frames * input.fps.den) / input.fps.num;
  return { ...wanted, bits, vmaf: Math.max(1, vmaf), peakBitrate: (1.2 * bits) / seconds };
}
