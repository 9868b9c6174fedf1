import { badUsage } from '../errors.js';
import { compareLadders } from './compare-ladder.js';
import { type Comparison, type Tolerances, growth } from './comparison.js';
import { plainText, plural } from './format.js';
import type { Report, ReportRendition } from './schema.js';

/** What comparing two reports gives. */
export interface ReportComparison {
  /** In the order of the baseline's codecs; the whole title last. */
  comparisons: Comparison[];
  /** What differs, is no mistake, and may explain a change. */
  notices: string[];
}

/**
 * Compares a title's report with that of its baseline. Pure. Throws CHECK_MISMATCH where they are of different masters,
 * frames, sizes of the reference or VMAF models, or have no codec in common.
 */
export function compareReports(baseline: Report, now: Report, tolerances: Tolerances): ReportComparison {
  refuseMismatch(baseline, now);
  const [before, after] = [byCodec(baseline), byCodec(now)];
  const ladders = [...before].flatMap(([codec, renditions]) => {
    const ours = after.get(codec);
    if (ours === undefined) return [lostCodec(codec, renditions, tolerances)];
    return compareLadders(codec, renditions, ours, tolerances);
  });
  const added = [...after.keys()].filter((codec) => !before.has(codec));
  return {
    comparisons: [...ladders, compareCost(baseline, now, tolerances.cost)],
    notices: [
      ...added.map((codec) => `${plainText(codec)} is not in the baseline, and not compared`),
      ...differences(baseline, now, SURROUNDINGS),
    ],
  };
}

/** A fact of a report, as text. */
type Fact = readonly [name: string, of: (report: Report) => string];

/** What must be equal, for figures to mean the same. VMAF is measured at the reference's size. */
const PREMISES: readonly Fact[] = [
  ['master (SHA-256)', ({ master }) => `${master.sha256.slice(0, 16)}…`],
  ['number of frames', ({ title }) => String(title.frames)],
  ['frame rate', ({ title }) => title.fps],
  ['size of the reference', ({ title }) => `${title.width}x${title.height}`],
  ['VMAF model', ({ renditions }) => listed(renditions.map(({ vmaf }) => vmaf.model))],
];

/** What may explain a change. */
const SURROUNDINGS: readonly Fact[] = [
  ['scored frames', ({ renditions }) => `one of ${listed(renditions.map(({ vmaf }) => vmaf.subsample))}`],
  ['ffmpeg', ({ tools }) => plainText(tools.ffmpeg)],
  ['libvmaf', ({ tools }) => plainText(tools.libvmaf)],
  ['packager', ({ tools }) => plainText(tools.packager)],
  ['Node.js', ({ tools }) => plainText(tools.node)],
  ['hullcast', ({ tools }) => plainText(tools.hullcast)],
];

function listed(values: readonly (string | number)[]): string {
  return [...new Set(values)].sort().join(', ');
}

function differences(baseline: Report, now: Report, facts: readonly Fact[]): string[] {
  return facts
    .map(([name, of]) => ({ name, before: of(baseline), after: of(now) }))
    .filter(({ before, after }) => before !== after)
    .map(({ name, before, after }) => `${name}: ${before} in the baseline, ${after} now`);
}

function refuseMismatch(baseline: Report, now: Report): void {
  const codecs: Fact = [
    'codec',
    (report) => [...byCodec(report).keys()].map((one) => plainText(one)).join(', '),
  ];
  const inCommon = [...byCodec(baseline).keys()].some((codec) => byCodec(now).has(codec));
  const wrong = differences(baseline, now, inCommon ? PREMISES : [...PREMISES, codecs]);
  if (wrong.length === 0) return;
  throw badUsage(
    'CHECK_MISMATCH',
    `the reports are not of the same thing: ${wrong.join('; ')}`,
    'Encode the very clip that the baseline was made of, with the same options; or make a new baseline.',
  );
}

function byCodec({ renditions }: Report): Map<string, ReportRendition[]> {
  const codecs = new Map<string, ReportRendition[]>();
  for (const rendition of renditions) {
    codecs.set(rendition.codec, [...(codecs.get(rendition.codec) ?? []), rendition]);
  }
  return codecs;
}

function lostCodec(codec: string, renditions: readonly unknown[], { bdRate }: Tolerances): Comparison {
  return {
    check: 'bd-rate',
    codec,
    baseline: renditions.length,
    now: 0,
    unit: '%',
    change: null,
    tolerance: bdRate,
    result: 'not comparable',
    note: 'there is no rendition of this codec any more',
  };
}

/**
 * CPU time of two runs. A report holds what its own run spent; what a run took from an earlier one cost that one, so a
 * run that took anything has no cost to compare.
 */
function compareCost(baseline: Report, now: Report, tolerance: number): Comparison {
  const [before, after] = [cpuSecondsOf(baseline), cpuSecondsOf(now)];
  const compared = { check: 'cost', codec: null, baseline: before, now: after, tolerance } as const;
  const skipped = (note: string): Comparison => ({
    ...compared,
    unit: '%',
    change: null,
    result: 'skipped',
    note,
  });
  for (const [who, { cost }] of [
    ['the baseline', baseline],
    ['this title', now],
  ] as const) {
    if (cost.cacheHits > 0) {
      return skipped(
        `${who} took ${plural(cost.cacheHits, 'result')} from an earlier run, without its CPU time; ` +
          'cost compares between runs with a fresh HULLCAST_HOME',
      );
    }
  }
  if (!(before > 0)) return skipped('the baseline holds no CPU time');
  return growth(compared);
}

function cpuSecondsOf({ cost }: Report): number {
  return Object.values(cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
}
