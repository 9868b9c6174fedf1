/** Random numbers that are the same for the same seed on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Normal, of mean 0 and deviation 1. */
  normal(): number;
  /** Exponential of this mean, > 0. */
  exponential(mean: number): number;
  /** Log-normal of this median; `sigma` is the deviation of its logarithm. */
  logNormal(median: number, sigma: number): number;
  /** Whole, in [0, below). */
  integer(below: number): number;
}

/** A generator of the given seed, any integer (mulberry32, T. Ettinger 2017: 32 bits of state, passes gjrand). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  // Box and Muller; 1 − uniform is above 0, so that the logarithm is finite. Its twin is thrown away: a generator that
  // keeps it would give other numbers depending on what was asked before.
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  return {
    uniform,
    normal,
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    integer: (below) => Math.floor(uniform() * below),
  };
}
