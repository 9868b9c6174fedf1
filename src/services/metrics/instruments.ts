import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Makes instruments that live in one registry and nowhere else. */
export interface Instruments {
  counter<L extends string>(name: string, help: string, labels?: readonly L[]): Counter<L>;
  gauge<L extends string>(name: string, help: string, labels?: readonly L[]): Gauge<L>;
  histogram<L extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: readonly L[],
  ): Histogram<L>;
}

export function instruments(registry: Registry): Instruments {
  const registers = [registry];
  return {
    counter: (name, help, labelNames = []) => new Counter({ name, help, labelNames, registers }),
    gauge: (name, help, labelNames = []) => new Gauge({ name, help, labelNames, registers }),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ name, help, labelNames, buckets: [...buckets], registers }),
  };
}

/** `count` upper bounds from `first` on, each `ratio` times the one before, rounded to three digits. */
export function geometric(first: number, ratio: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((first * ratio ** i).toPrecision(3)));
}
