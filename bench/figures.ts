import { type RdPoint, bdRate, commonQuality } from '../src/encode/index.js';
import type { Report } from '../src/report/index.js';
import type { JudgedRung } from './judge.js';

/** A ladder and what finding it took. */
export interface SearchedLadder {
  rungs: JudgedRung[];
  /** Encodes that the search made and scored. */
  encodes: number;
  /** CPU of these encodes and their scores, seconds, whenever they were made. */
  searchCpuSeconds: number;
}

/** All that `optimizer` measured of one item. */
export interface OptimizerResult {
  item: string;
  title: string;
  width: number;
  height: number;
  frames: number;
  fps: string;
  shots: number;
  preset: string;
  apple: { rungs: JudgedRung[]; cpuSeconds: number };
  /** `hullcast encode` as it is. */
  shipped: SearchedLadder;
  /** CPU of the whole of that run, seconds by stage. */
  cpuSeconds: Record<string, number>;
  /** One crf for all shots of a rung, chosen from the grid. */
  perTitle: SearchedLadder;
  /** Every shot at every resolution and every second crf. */
  grid: SearchedLadder;
  /** See `gridLoss`; VMAF as the reports have it. */
  gridLoss?: number;
}

/** BD-rate of a ladder against another and the range of VMAF over which it is a mean. */
export interface Comparison {
  /** Negative where fewer bits are needed. */
  percent: number;
  low: number;
  high: number;
}

/** Ladders that have less VMAF than this in common are not compared. */
export const LEAST_OVERLAP = 5;

export function pointsOf(rungs: readonly JudgedRung[]): RdPoint[] {
  return rungs.map(({ averageBitrate, vmaf }) => ({ rate: averageBitrate, quality: vmaf }));
}

/** Undefined where the ladders have less than LEAST_OVERLAP of VMAF in common, or one has less than two rungs. */
export function compare(anchor: readonly JudgedRung[], test: readonly JudgedRung[]): Comparison | undefined {
  const [a, b] = [pointsOf(anchor), pointsOf(test)];
  try {
    const { low, high } = commonQuality(a, b);
    return high - low < LEAST_OVERLAP ? undefined : { percent: bdRate(a, b), low, high };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // no curve, or nothing in common
    throw error;
  }
}

/** What a report says of its search, beside its judged rungs. */
export function searchedLadder({ probes }: Pick<Report, 'probes'>, rungs: JudgedRung[]): SearchedLadder {
  const searchCpuSeconds = probes.reduce((sum, probe) => sum + probe.cpuSeconds, 0);
  return { rungs, encodes: probes.length, searchCpuSeconds };
}

export const total = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

/** Largest difference of a reported VMAF from that of every frame; undefined where nothing was reported. */
export function reportError(rungs: readonly JudgedRung[]): number | undefined {
  const errors = rungs.flatMap(({ vmaf, reported }) =>
    reported === undefined ? [] : [Math.abs(reported - vmaf)],
  );
  return errors.length === 0 ? undefined : Math.max(...errors);
}

/** The figures that bars are set for, of one item. */
export interface Figures {
  /** The shipped ladder against Apple's, against one crf for all shots, and against the grid. */
  apple: Comparison | undefined;
  perTitle: Comparison | undefined;
  grid: Comparison | undefined;
  gridLoss: number | undefined;
  /** CPU of the search over that of the grid, 0..1. */
  searchShare: number;
  /** CPU of the whole run over that of Apple's encodes alone; undefined where there are none. */
  timesApple: number | undefined;
  reportError: number | undefined;
}

export function figuresOf(result: OptimizerResult): Figures {
  const { apple, shipped, perTitle, grid, cpuSeconds } = result;
  return {
    apple: compare(apple.rungs, shipped.rungs),
    perTitle: compare(perTitle.rungs, shipped.rungs),
    grid: compare(grid.rungs, shipped.rungs),
    gridLoss: result.gridLoss,
    searchShare: shipped.searchCpuSeconds / grid.searchCpuSeconds,
    timesApple: apple.cpuSeconds > 0 ? total(Object.values(cpuSeconds)) / apple.cpuSeconds : undefined,
    reportError: reportError(shipped.rungs),
  };
}

/** Arithmetic mean of the values that there are; undefined without any. */
export function mean(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : total(known) / known.length;
}
