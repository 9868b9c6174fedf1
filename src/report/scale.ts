/** Maps a domain to SVG coordinates. */
export interface Scale {
  (value: number): number;
  domain: readonly [number, number];
  /** Values that get a line and a label. */
  ticks: readonly number[];
}

function scale(
  domain: readonly [number, number],
  range: readonly [number, number],
  ticks: readonly number[],
  transform: (value: number) => number,
): Scale {
  const [low, high] = [transform(domain[0]), transform(domain[1])];
  const span = high - low || 1;
  const map = (value: number): number => range[0] + ((transform(value) - low) / span) * (range[1] - range[0]);
  return Object.assign(map, { domain, ticks });
}

/** Linear scale whose ticks are multiples of `step` within the domain. */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  step: number,
): Scale {
  const ticks: number[] = [];
  for (let i = Math.ceil(domain[0] / step - 1e-9); i * step <= domain[1] + 1e-9; i++) ticks.push(i * step);
  return scale(domain, range, ticks, (value) => value);
}

const DENSE = [1, 1.5, 2, 3, 4, 5, 7];

/**
 * Logarithmic scale (positive values). Of the tick sets 1-1.5-2-3-4-5-7, 1-2-5, 1-3 and 1 in every decade the densest
 * that keeps ticks `minGap` apart.
 */
export function logScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  minGap: number,
): Scale {
  const within = (set: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let decade = Math.floor(Math.log10(domain[0])); 10 ** decade <= domain[1]; decade++) {
      for (const digit of set) {
        const tick = Number((digit * 10 ** decade).toPrecision(6));
        if (tick >= domain[0] * 0.999 && tick <= domain[1] * 1.001) ticks.push(tick);
      }
    }
    return ticks;
  };
  const position = scale(domain, range, [], Math.log);
  const fits = (ticks: readonly number[]): boolean =>
    ticks.every((tick, i) => i === 0 || Math.abs(position(tick) - position(ticks[i - 1] ?? tick)) >= minGap);
  const sets = [DENSE, [1, 2, 5], [1, 3], [1]].map(within);
  return scale(domain, range, sets.find(fits) ?? [], Math.log);
}

/** Smallest and largest value; of any number of values, where Math.min(...) overflows the stack. */
export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The values' extent, widened by `factor` on a logarithmic axis. */
export function logDomain(values: readonly number[], factor = 1.15): [number, number] {
  const [low, high] = extent(values);
  return [low / factor, high * factor];
}

/** From the multiple of ten below the values (at most 80) to 100: every VMAF axis ends at 100. */
export function vmafDomain(values: readonly number[]): [number, number] {
  return [Math.max(0, Math.min(80, Math.floor(extent(values)[0] / 10) * 10)), 100];
}

/** Round step, 1, 2, 5, 10, 15, 30, 60 … seconds, that gives at most `count` ticks. */
export function timeStep(seconds: number, count: number): number {
  const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];
  return steps.find((step) => seconds / step <= count) ?? 14_400;
}
