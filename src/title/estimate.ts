import type { Measured, Resolution, SearchInput, Wanted } from '../encode/index.js';

/**
 * What encodes cost, for a dry run. Measured on one core of a 2020s server with x264 on Big Buck Bunny (720 frames,
 * 1080p); other machines differ by a factor that is the same for all stages, other content by up to about two.
 */
const DECODE_PER_MEGAPIXEL = 0.0034;
/** CPU seconds a megapixel, by preset, crf about 28. */
const ENCODE_PER_MEGAPIXEL: Readonly<Record<string, number>> = {
  ultrafast: 0.005,
  superfast: 0.0075,
  veryfast: 0.0125,
  faster: 0.02,
  fast: 0.0275,
  medium: 0.035,
  slow: 0.056,
  slower: 0.11,
  veryslow: 0.21,
  placebo: 0.62,
};
/** CPU seconds a megapixel of the reference: for every frame, for every frame passed on, for every frame scored. */
const SCORE_PER_MEGAPIXEL = { decoded: 0.0048, passed: 0.0054, scored: 0.025 };

const megapixels = ({ width, height }: Resolution): number => (width * height) / 1e6;

export function encodeCpuSeconds(
  frames: number,
  size: Resolution,
  source: Resolution,
  preset: string,
): number {
  const encode = ENCODE_PER_MEGAPIXEL[preset] ?? ENCODE_PER_MEGAPIXEL['medium']!;
  return frames * (DECODE_PER_MEGAPIXEL * megapixels(source) + encode * megapixels(size));
}

export function scoreCpuSeconds(frames: number, reference: Resolution, subsample: number): number {
  const { decoded, passed, scored } = SCORE_PER_MEGAPIXEL;
  const share = Math.min(1, 3 / subsample);
  return frames * megapixels(reference) * (decoded + passed * share + scored / subsample);
}

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
  const bitsPerPixel = 0.05 * Math.exp(-0.125 * (wanted.crf - 28 - offset));
  const bits = frames * bitsPerPixel * reference!.width * reference!.height * Math.exp(1.7 * scale);
  const ceiling = 100 - 14 * scale * scale - 8 * Math.abs(scale);
  const vmaf = ceiling / (1 + Math.exp(0.15 * (wanted.crf - 43 - offset - 7 * scale)));
  const seconds = (frames * input.fps.den) / input.fps.num;
  return { ...wanted, bits, vmaf: Math.max(1, vmaf), peakBitrate: (1.2 * bits) / seconds };
}
