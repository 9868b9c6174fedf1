import type { Kernel } from './gaussian.js';

/** How much a shot's curve may differ from the prior's: standard deviations, and lengths over which its form changes. */
interface Freedom {
  /** In height. */
  offset: number;
  /** In slope, per 10 crf of x264. */
  slope: number;
  /** In how it shifts with the size, per unit of ln(scale). */
  shift: number;
  /** In form, over lengths of 10 crf and of ln(scale). */
  form: number;
  formCrf: number;
  formScale: number;
}

/** Of ln(bits), and of the logit of VMAF; docs/decisions/0003-search.md says how they were found. */
export const RATE_FREEDOM: Freedom = {
  ...{ offset: 4, slope: 0.15, shift: 0.25 },
  ...{ form: 0.06, formCrf: 0.8, formScale: 0.4 },
};
export const QUALITY_FREEDOM: Freedom = {
  ...{ offset: 4, slope: 0.2, shift: 0.4 },
  ...{ form: 0.12, formCrf: 1, formScale: 0.4 },
};

/** Factors of all of that but the height, and how likely each is: film, and what is less and less like it. */
export const ROUGHNESS = [
  { roughness: 1, prior: 0.5 },
  { roughness: 2.5, prior: 0.35 },
  { roughness: 6, prior: 0.15 },
];

/** Where slopes turn: x264's crf 30, in tens. */
const CENTRE = 3;

/** A linear part in crf and in ln(scale), and a smooth one in both. */
export function kernelOf(
  { offset, slope, shift, form, formCrf, formScale }: Freedom,
  roughness: number,
): Kernel {
  const [o, r] = [offset * offset, roughness * roughness];
  const [s, u, f] = [r * slope * slope, r * shift * shift, r * form * form];
  return (a, b) => {
    const crf = (a.crf - b.crf) / formCrf;
    const scale = (a.scale - b.scale) / formScale;
    const linear = s * (a.crf - CENTRE) * (b.crf - CENTRE) + u * a.scale * b.scale;
    return o + linear + f * Math.exp(-(crf * crf + scale * scale) / 2);
  };
}
