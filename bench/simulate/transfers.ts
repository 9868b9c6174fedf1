import type { Random } from './random.js';

/** How an object store behaves. */
export interface StoreModel {
  /** Seconds until an answer begins: median, and deviation of the logarithm. */
  get: { median: number; sigma: number };
  put: { median: number; sigma: number };
  /** Of one worker. */
  bytesPerSecond: number;
}

/** S3 in the same region, as its users report it; half a 1 Gbit/s line for each worker, for a machine has several. */
export const S3: StoreModel = {
  get: { median: 0.025, sigma: 0.5 },
  put: { median: 0.045, sigma: 0.5 },
  bytesPerSecond: 60e6,
};

/** A store that answers at once. */
export const NO_DELAY: StoreModel = {
  get: { median: 0, sigma: 0 },
  put: { median: 0, sigma: 0 },
  bytesPerSecond: Infinity,
};

/** What a job asks of the store. */
export interface Traffic {
  /** Requests for what is there (objects, sizes), and those that write. */
  gets: number;
  puts: number;
  /** Bytes in both directions. */
  bytes: number;
  /** Requests at a time; one unless given. */
  atOnce?: number;
}

/** As many requests are drawn one by one; of more only the mean counts. */
const DRAWN = 32;

function latencies(count: number, { median, sigma }: StoreModel['get'], random: Random): number {
  if (count > DRAWN) return count * median * Math.exp((sigma * sigma) / 2);
  let sum = 0;
  for (let i = 0; i < count; i++) sum += random.logNormal(median, sigma);
  return sum;
}

/** Seconds that the traffic takes. */
export function transferSeconds(traffic: Traffic, store: StoreModel, random: Random): number {
  const { gets, puts, bytes, atOnce = 1 } = traffic;
  const waits = latencies(gets, store.get, random) + latencies(puts, store.put, random);
  return waits / atOnce + bytes / store.bytesPerSecond;
}
