import { type RdPoint, bdRate, paretoFront } from '../encode/index.js';
import { type Comparison, type Tolerances, fall, growth, percentMore, within } from './comparison.js';
import { plural } from './format.js';
import type { ReportRendition } from './schema.js';

type Renditions = readonly ReportRendition[];
type Verdict = Pick<Comparison, 'change' | 'result' | 'note'>;

/** Where both ladders are a single rung: VMAF this close counts as equal. */
const SAME_VMAF = 0.5;

/** Share of the baseline's range of VMAF that the new ladder must reach, for a BD-rate to speak for the ladder. */
const LEAST_OVERLAP = 0.5;

/** Compares what two reports, each with at least one rendition of it, say about one codec. */
export function compareLadders(
  codec: string,
  baseline: Renditions,
  now: Renditions,
  tolerances: Tolerances,
): Comparison[] {
  const [former, top] = [topOf(baseline), topOf(now)];
  const drop = { codec, tolerance: tolerances.drop };
  return [
    compareCurves(codec, baseline, now, tolerances.bdRate),
    growth({
      check: 'size',
      codec,
      baseline: bitsOf(baseline),
      now: bitsOf(now),
      tolerance: tolerances.size,
    }),
    fall({ check: 'top-mean', ...drop, baseline: former.vmaf.mean, now: top.vmaf.mean }),
    fall({ check: 'top-p5', ...drop, baseline: former.vmaf.p5, now: top.vmaf.p5 }),
    fall({ check: 'top-chunk', ...drop, baseline: worstChunk(former), now: worstChunk(top) }),
  ];
}

function bitsOf(renditions: Renditions): number {
  return renditions.reduce((sum, { bits }) => sum + bits, 0);
}

/** The rung of the highest bit rate. */
function topOf(renditions: Renditions): ReportRendition {
  return renditions.reduce((top, one) => (one.averageBitrate > top.averageBitrate ? one : top));
}

function worstChunk({ chunks }: ReportRendition): number {
  return chunks.reduce((worst, { vmaf }) => Math.min(worst, vmaf.mean), Infinity);
}

function compareCurves(codec: string, baseline: Renditions, now: Renditions, tolerance: number): Comparison {
  const verdict = curveVerdict(curveOf(baseline), curveOf(now), tolerance);
  const rungs = { baseline: baseline.length, now: now.length };
  return { check: 'bd-rate', codec, ...rungs, unit: '%', tolerance, ...verdict };
}

/** A ladder as a curve; a rung that is no better than a cheaper one is not on it. */
function curveOf(renditions: Renditions): RdPoint[] {
  return paretoFront(
    renditions.map(({ averageBitrate, vmaf }) => ({ rate: averageBitrate, quality: vmaf.mean })),
  );
}

const notComparable = (note: string): Verdict => ({ change: null, result: 'not comparable', note });

function curveVerdict(anchor: readonly RdPoint[], test: readonly RdPoint[], tolerance: number): Verdict {
  if (anchor.length === 1 && test.length === 1) return pointVerdict(anchor[0]!, test[0]!, tolerance);
  if (anchor.length < 2 || test.length < 2) {
    const rungs = (curve: readonly RdPoint[]): string => plural(curve.length, 'usable rung');
    return notComparable(
      `a curve needs 2 rungs that differ in bit rate and VMAF; the baseline has ${rungs(anchor)}, now there are ${test.length}`,
    );
  }
  const [before, after] = [rangeOf(anchor), rangeOf(test)];
  const common = { low: Math.max(before.low, after.low), high: Math.min(before.high, after.high) };
  const ranges = `the baseline has VMAF ${rangeText(before)}, now it is ${rangeText(after)}`;
  if (!(common.low < common.high)) return notComparable(`the curves have no VMAF in common: ${ranges}`);
  if (common.high - common.low < LEAST_OVERLAP * (before.high - before.low)) {
    return notComparable(`the curves have less than half of the baseline's range in common: ${ranges}`);
  }
  const change = bdRate(anchor, test);
  if (!Number.isFinite(change)) return notComparable('the rungs lie too close together for a figure');
  // Interpolation goes another way through other points: leaving out a rung of a real ladder moved it by up to 2.2%.
  const uneven = anchor.length === test.length ? '' : '; another number of rungs alone can move it by 2%';
  return {
    change,
    result: within(change, tolerance) ? 'pass' : 'fail',
    note: `over VMAF ${rangeText(common)}, which both ladders reach${uneven}`,
  };
}

interface Range {
  low: number;
  high: number;
}

/** Lowest and highest VMAF of a curve, which ascends. */
function rangeOf(curve: readonly RdPoint[]): Range {
  return { low: curve[0]!.quality, high: curve.at(-1)!.quality };
}

function rangeText({ low, high }: Range): string {
  return `${low.toFixed(1)} to ${high.toFixed(1)}`;
}

/**
 * One rung against one rung. There is no curve to say what bits a difference in VMAF is worth, so only three things are
 * plain: at about equal VMAF the bit rates compare; higher VMAF for no more bits is better; lower VMAF for no fewer bits
 * is worse. Anything else trades one for the other.
 */
function pointVerdict(anchor: RdPoint, test: RdPoint, tolerance: number): Verdict {
  const change = percentMore(anchor.rate, test.rate);
  const gain = test.quality - anchor.quality;
  const fits = within(change, tolerance);
  if (within(Math.abs(gain), SAME_VMAF)) {
    const note = `one rung: bit rates at a VMAF within ${SAME_VMAF} of each other`;
    return { change, result: fits ? 'pass' : 'fail', note };
  }
  const points = `${Math.abs(gain).toFixed(2)} VMAF`;
  if (gain > 0 && fits) return { change, result: 'pass', note: `one rung: ${points} better` };
  if (gain < 0 && change >= 0) {
    return { change, result: 'fail', note: `one rung: ${points} worse, for no fewer bits` };
  }
  const traded =
    gain > 0 ? `${points} better, for more bits than tolerated` : `${points} worse, for fewer bits`;
  return notComparable(`one rung, ${traded}: which is better, one rung cannot say`);
}
