/** What is known of a value: its mean, and the variance of that. */
export interface Estimate {
  mean: number;
  variance: number;
}

/** Hypotheses less likely than this, against the likeliest, are left out. */
const LEAST_LIKELIHOOD = Math.log(0.01);

/** Hypotheses and how likely each is. */
export class Mixture<H> {
  private readonly kept: { hypothesis: H; share: number }[];

  /** `logLikelihood`: natural logarithm, up to what is common to all. */
  constructor(hypotheses: readonly H[], logLikelihood: (hypothesis: H) => number) {
    const all = hypotheses.map((hypothesis) => ({ hypothesis, log: logLikelihood(hypothesis) }));
    const most = Math.max(...all.map(({ log }) => log));
    const likely = all.filter(({ log }) => log - most >= LEAST_LIKELIHOOD);
    const sum = likely.reduce((total, { log }) => total + Math.exp(log - most), 0);
    this.kept = likely.map(({ hypothesis, log }) => ({ hypothesis, share: Math.exp(log - most) / sum }));
  }

  mean(of: (hypothesis: H) => number): number {
    let sum = 0;
    for (const { hypothesis, share } of this.kept) sum += share * of(hypothesis);
    return sum;
  }

  /** Mean and variance over all hypotheses, of what each says. */
  estimate(of: (hypothesis: H) => Estimate): Estimate {
    let mean = 0;
    let square = 0;
    for (const { hypothesis, share } of this.kept) {
      const { mean: value, variance } = of(hypothesis);
      mean += share * value;
      square += share * (value * value + variance);
    }
    return { mean, variance: Math.max(0, square - mean * mean) };
  }
}
