import { scalingLoss } from './prior.js';

/** VMAF that an encode at the reference's size approaches: a little above 100, since VMAF is clipped there. */
const FULL_SIZE_CEILING = 100.5;
const LEAST_CEILING = 5;

/** One guess at how much VMAF a shot loses by scaling alone. */
export interface Detail {
  /** Loss at half the size, as a multiple of ordinary content's. */
  factor: number;
  /** Exponent of how the loss grows from there to other sizes: text and blur lose late and then fast. */
  growth: number;
  /** How likely that is before anything is measured; all add up to 1. */
  prior: number;
}

const HALF_SIZE_LOSS = scalingLoss(0.5);

const FACTORS = [
  { factor: 0.1, share: 0.07 },
  { factor: 0.3, share: 0.13 },
  { factor: 0.6, share: 0.25 },
  { factor: 1, share: 0.3 },
  { factor: 1.4, share: 0.15 },
  { factor: 1.9, share: 0.1 },
];
const GROWTHS = [
  { growth: 0.75, share: 0.2 },
  { growth: 1, share: 0.4 },
  { growth: 1.5, share: 0.2 },
  { growth: 2, share: 0.2 },
];

/** The guesses, chosen to span what was measured (docs/decisions/0003-search.md). */
export const DETAILS: readonly Detail[] = FACTORS.flatMap(({ factor, share }) =>
  GROWTHS.map(({ growth, share: ofGrowth }) => ({ factor, growth, prior: share * ofGrowth })),
);

/** VMAF that encodes at this size approach; `scale` is height / reference height, 0..1. */
export function ceilingAt({ factor, growth }: Detail, scale: number): number {
  const loss = HALF_SIZE_LOSS * factor * (scalingLoss(scale) / HALF_SIZE_LOSS) ** growth;
  return Math.max(LEAST_CEILING, FULL_SIZE_CEILING - loss);
}
