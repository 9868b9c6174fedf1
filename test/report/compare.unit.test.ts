import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CheckName,
  type Comparison,
  DEFAULT_TOLERANCES,
  type Report,
  type ReportRendition,
  type Tolerances,
  compareReports,
  comparisonName,
} from '../../src/report/index.js';
import { exampleReport } from './example.js';

const NONE: Tolerances = { bdRate: 0, size: 0, drop: 0, cost: 0 };

/** A report whose cost can be compared. */
function fresh(options?: Parameters<typeof exampleReport>[0]): Report {
  const report = exampleReport(options);
  report.cost.cacheHits = 0;
  return report;
}

const TEMPLATE = fresh({ shots: 2 });

function rung(averageBitrate: number, vmaf: number, more: Partial<ReportRendition> = {}): ReportRendition {
  const [template] = TEMPLATE.renditions;
  return {
    ...template!,
    averageBitrate,
    bits: averageBitrate * 10,
    vmaf: { ...template!.vmaf, mean: vmaf, p5: vmaf - 3 },
    chunks: [vmaf - 1, vmaf + 1].map((mean, shot) => ({
      ...template!.chunks[shot]!,
      vmaf: { ...template!.chunks[shot]!.vmaf, mean },
    })),
    ...more,
  };
}

/** A report with these rungs alone. */
function ladder(...rungs: (readonly [rate: number, vmaf: number])[]): Report {
  return { ...TEMPLATE, renditions: rungs.map(([rate, vmaf]) => rung(rate, vmaf)) };
}

/** Rungs on a straight line: VMAF rises by 10 with each doubling of the rate. */
function line(...vmafs: number[]): Report {
  return ladder(...vmafs.map((vmaf): [number, number] => [1e4 * 2 ** (vmaf / 10), vmaf]));
}

function scaled(report: Report, factor: number): Report {
  const renditions = report.renditions.map((one) => ({
    ...one,
    bits: one.bits * factor,
    averageBitrate: one.averageBitrate * factor,
  }));
  return { ...report, renditions };
}

function find(comparisons: readonly Comparison[], check: CheckName): Comparison {
  return comparisons.find((one) => one.check === check)!;
}

function compared(
  baseline: Report,
  now: Report,
  check: CheckName,
  tolerances: Partial<Tolerances> = {},
): Comparison {
  return find(compareReports(baseline, now, { ...DEFAULT_TOLERANCES, ...tolerances }).comparisons, check);
}

const anyReport = fc
  .record({ shots: fc.integer({ min: 1, max: 6 }), seed: fc.integer({ min: 1, max: 1000 }) })
  .map(fresh);

/** Ladders of any kind: single rungs, rungs that are worse than cheaper ones, equal rungs. */
const anyLadder = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 20_000_000 }), fc.integer({ min: 0, max: 10_000 })), {
    minLength: 1,
    maxLength: 10,
  })
  .map((rungs) => ladder(...rungs.map(([rate, vmaf]): [number, number] => [rate, vmaf / 100])));

describe('a report against itself', () => {
  it('passes every check with a change of 0, without any tolerance', () => {
    fc.assert(
      fc.property(fc.oneof(anyReport, anyLadder), (report) => {
        const { comparisons, notices } = compareReports(report, structuredClone(report), NONE);
        expect(comparisons.map(({ check }) => check)).toEqual([
          ...['bd-rate', 'size', 'top-mean', 'top-p5', 'top-chunk', 'cost'],
        ]);
        for (const { change, result, baseline, now } of comparisons) {
          expect(change).toBe(0);
          expect(result).toBe('pass');
          expect(now).toBe(baseline);
        }
        expect(notices).toEqual([]);
      }),
    );
  });
});

describe('BD-rate and size', () => {
  it('of a ladder with 5% more bits at equal VMAF are +5%, and fail', () => {
    const report = fresh();
    const { comparisons } = compareReports(report, scaled(report, 1.05), DEFAULT_TOLERANCES);
    for (const check of ['bd-rate', 'size'] as const) {
      expect(find(comparisons, check).change).toBeCloseTo(5, 6);
      expect(find(comparisons, check).result).toBe('fail');
    }
    expect(comparisons.filter(({ result }) => result === 'fail')).toHaveLength(2);
  });

  it('are p for p percent more bits, and fail beyond the tolerance and nowhere else', () => {
    const percent = fc.double({ min: -60, max: 60, noNaN: true });
    fc.assert(
      fc.property(anyReport, percent, fc.integer({ min: 0, max: 60 }), (report, p, tolerance) => {
        const now = scaled(report, 1 + p / 100);
        const { comparisons } = compareReports(report, now, { ...NONE, bdRate: tolerance, size: tolerance });
        for (const check of ['bd-rate', 'size'] as const) {
          const { change, result } = find(comparisons, check);
          expect(change).toBeCloseTo(p, 6);
          if (Math.abs(p - tolerance) > 1e-6) expect(result).toBe(p > tolerance ? 'fail' : 'pass');
        }
      }),
    );
  });

  it('are not missed by a rounding error: 5% more bits pass a tolerance of 5%', () => {
    const report = fresh();
    for (const check of ['bd-rate', 'size'] as const) {
      expect(compared(report, scaled(report, 1.05), check, { bdRate: 5, size: 5 }).result).toBe('pass');
    }
  });

  it('is the geometric mean of what two rungs differ by, for two rungs', () => {
    const { change, note } = compared(
      ladder([1e6, 80], [2e6, 90]),
      ladder([1.1e6, 80], [2.4e6, 90]),
      'bd-rate',
    );
    expect(change).toBeCloseTo(100 * (Math.sqrt(1.1 * 1.2) - 1), 9);
    expect(note).toBe('over VMAF 80.0 to 90.0, which both ladders reach');
  });

  it('goes by quality, not by rung: the same curve cut at other points is no change', () => {
    const { change, note } = compared(line(60, 70, 80, 90), line(62, 75, 92), 'bd-rate');
    expect(change).toBeCloseTo(0, 9);
    expect(note).toBe(
      'over VMAF 62.0 to 90.0, which both ladders reach; another number of rungs alone can move it by 2%',
    );
  });

  it('counts rungs, and leaves out those that are worse than cheaper ones', () => {
    const now = ladder([1e6, 80], [1.5e6, 70], [2e6, 90]);
    expect(compared(ladder([1e6, 80], [2e6, 90]), now, 'bd-rate')).toMatchObject({
      ...{ baseline: 2, now: 3, change: 0, result: 'pass' },
    });
  });
});

describe('curves that cannot be compared', () => {
  it.each([
    [
      'nothing in common',
      [
        [1e6, 40],
        [2e6, 50],
      ],
      'the curves have no VMAF in common: the baseline has VMAF 80.0 to 90.0, now it is 40.0 to 50.0',
    ],
    [
      'one point in common',
      [
        [2e6, 90],
        [3e6, 96],
      ],
      'the curves have no VMAF in common: the baseline has VMAF 80.0 to 90.0, now it is 90.0 to 96.0',
    ],
    [
      'less than half of the baseline',
      [
        [2e6, 85.1],
        [3e6, 96],
      ],
      "the curves have less than half of the baseline's range in common: the baseline has VMAF 80.0 to 90.0, now it is 85.1 to 96.0",
    ],
    [
      'a single rung',
      [[2e6, 85]],
      'a curve needs 2 rungs that differ in bit rate and VMAF; the baseline has 2 usable rungs, now there are 1',
    ],
    [
      'a single usable rung',
      [
        [2e6, 85],
        [3e6, 85],
      ],
      'a curve needs 2 rungs that differ in bit rate and VMAF; the baseline has 2 usable rungs, now there are 1',
    ],
  ] as [string, [number, number][], string][])('%s', (_, rungs, note) => {
    const baseline = ladder([1e6, 80], [2e6, 90]);
    expect(compared(baseline, ladder(...rungs), 'bd-rate')).toMatchObject({
      ...{ change: null, result: 'not comparable', note },
    });
  });

  it('points that differ by less than numbers can hold', () => {
    const steep = ladder([1e6, 0], [2e6, 5e-324]);
    expect(compared(steep, steep, 'bd-rate')).toMatchObject({ change: null, result: 'not comparable' });
  });

  it('half of the range is enough', () => {
    const now = ladder([2e6, 85], [3e6, 96]);
    expect(compared(ladder([1e6, 80], [2e6, 90]), now, 'bd-rate').change).not.toBeNull();
  });
});

describe('one rung against one rung', () => {
  // Against 1 Mbit/s at VMAF 90, with 1% of bits tolerated.
  it.each([
    [1e6, 90, 0, 'pass', 'one rung: bit rates at a VMAF within 0.5 of each other'],
    [1.01e6, 89.5, 1, 'pass', 'one rung: bit rates at a VMAF within 0.5 of each other'],
    [1.02e6, 90.5, 2, 'fail', 'one rung: bit rates at a VMAF within 0.5 of each other'],
    [0.9e6, 90, -10, 'pass', 'one rung: bit rates at a VMAF within 0.5 of each other'],
    [1e6, 92, 0, 'pass', 'one rung: 2.00 VMAF better'],
    [0.8e6, 92, -20, 'pass', 'one rung: 2.00 VMAF better'],
    [1e6, 88, 0, 'fail', 'one rung: 2.00 VMAF worse, for no fewer bits'],
    [1.2e6, 88, 20, 'fail', 'one rung: 2.00 VMAF worse, for no fewer bits'],
    [
      1.2e6,
      92,
      null,
      'not comparable',
      'one rung, 2.00 VMAF better, for more bits than tolerated: which is better, one rung cannot say',
    ],
    [
      0.8e6,
      88,
      null,
      'not comparable',
      'one rung, 2.00 VMAF worse, for fewer bits: which is better, one rung cannot say',
    ],
  ])('%d bit/s at VMAF %d', (rate, vmaf, change, result, note) => {
    const comparison = compared(ladder([1e6, 90]), ladder([rate, vmaf]), 'bd-rate');
    expect(comparison).toMatchObject({ result, note });
    if (change === null) expect(comparison.change).toBeNull();
    else expect(comparison.change).toBeCloseTo(change, 9);
  });
});

describe('the top rung', () => {
  const baseline = line(80, 90, 95);

  it('that is lost fails, though BD-rate and size have nothing against it', () => {
    const now = line(80, 90);
    expect(compared(baseline, now, 'bd-rate')).toMatchObject({ result: 'pass' });
    expect(compared(baseline, now, 'bd-rate').change).toBeCloseTo(0, 9);
    expect(compared(baseline, now, 'size').result).toBe('pass');
    expect(compared(baseline, now, 'top-mean')).toEqual({
      ...{ check: 'top-mean', codec: 'h264', baseline: 95, now: 90 },
      ...{ unit: 'VMAF', change: -5, tolerance: 1, result: 'fail' },
    });
  });

  const changed = (change: (top: ReportRendition) => void): Report => {
    const now = structuredClone(baseline);
    change(now.renditions[2]!);
    return now;
  };

  it.each([
    ['top-mean', (top: ReportRendition) => (top.vmaf.mean -= 1.5), 95, 93.5],
    ['top-p5', (top: ReportRendition) => (top.vmaf.p5 -= 1.5), 92, 90.5],
    ['top-chunk', (top: ReportRendition) => (top.chunks[1]!.vmaf.mean = 92.5), 94, 92.5],
  ] as [CheckName, (top: ReportRendition) => void, number, number][])(
    '%s fails when it falls by more than the tolerance',
    (check, change, before, after) => {
      const comparison = { baseline: before, now: after, change: -1.5 };
      expect(compared(baseline, changed(change), check)).toMatchObject({ ...comparison, result: 'fail' });
      expect(compared(baseline, changed(change), check, { drop: 1.5 })).toMatchObject({
        ...{ ...comparison, result: 'pass' },
      });
      // The other way round it is better.
      expect(compared(changed(change), baseline, check)).toMatchObject({ change: 1.5, result: 'pass' });
    },
  );

  it('is the one of the highest bit rate, wherever it stands', () => {
    const now = { ...baseline, renditions: [...baseline.renditions].reverse() };
    expect(compared(baseline, now, 'top-mean').now).toBe(95);
  });

  it('minimum is not checked: it is a single frame', () => {
    const now = changed((top) => (top.vmaf.min = 1));
    const { comparisons } = compareReports(baseline, now, NONE);
    expect(comparisons.every(({ result }) => result === 'pass')).toBe(true);
  });
});

describe('cost', () => {
  const withCost = (cpuSeconds: Record<string, number>, cacheHits = 0): Report => ({
    ...TEMPLATE,
    cost: { wallSeconds: 1, cpuSeconds, encodes: 5, cacheHits },
  });
  const baseline = withCost({ probe: 60, encode: 30, hullcast: 10 });

  it.each([
    [{ encode: 125 }, 25, 'pass'],
    [{ encode: 100, hullcast: 26 }, 26, 'fail'],
    [{ encode: 50 }, -50, 'pass'],
  ])('is the sum over stages: %j', (cpuSeconds, change, result) => {
    const comparison = compared(baseline, withCost(cpuSeconds), 'cost');
    expect(comparison).toMatchObject({ codec: null, baseline: 100, unit: '%', tolerance: 25, result });
    expect(comparison.change).toBeCloseTo(change, 9);
  });

  const CACHED =
    'from an earlier run, without its CPU time; cost compares between runs with a fresh HULLCAST_HOME';

  it.each([
    [baseline, withCost({ hullcast: 2 }, 51), `this title took 51 results ${CACHED}`],
    [withCost({ hullcast: 2 }, 1), withCost({ encode: 900 }), `the baseline took 1 result ${CACHED}`],
    [withCost({}), baseline, 'the baseline holds no CPU time'],
  ])('is not compared where a report does not hold it %#', (before, after, note) => {
    expect(compared(before, after, 'cost')).toMatchObject({ change: null, result: 'skipped', note });
  });
});

describe('reports of different things', () => {
  const base = fresh();
  const changes: [string, (report: Report) => void][] = [
    ['master (SHA-256): ', (r) => (r.master.sha256 = 'ab'.repeat(32))],
    ['number of frames: ', (r) => (r.title.frames += 1)],
    ['frame rate: 24/1 in the baseline, 25/1 now', (r) => (r.title.fps = '25/1')],
    ['size of the reference: 1920x1080 in the baseline, 1920x800 now', (r) => (r.title.height = 800)],
    [
      'VMAF model: vmaf_v0.6.1 in the baseline, vmaf_v0.6.1neg now',
      (r) => r.renditions.forEach(({ vmaf }) => (vmaf.model = 'vmaf_v0.6.1neg')),
    ],
    ['codec: h264 in the baseline, hevc now', (r) => r.renditions.forEach((one) => (one.codec = 'hevc'))],
  ];

  it.each(changes)('are refused: %s', (message, change) => {
    const now = structuredClone(base);
    change(now);
    expect(() => compareReports(base, now, DEFAULT_TOLERANCES)).toThrow(
      expect.objectContaining({
        code: 'CHECK_MISMATCH',
        exitCode: 2,
        message: expect.stringContaining(`not of the same thing: ${message}`) as string,
        hint: expect.stringMatching(/\w/) as string,
      }),
    );
  });

  it('says all that differs', () => {
    const now = structuredClone(base);
    for (const [, change] of changes) change(now);
    expect(() => compareReports(base, now, DEFAULT_TOLERANCES)).toThrow(/(.*; ){5}codec: /);
  });
});

describe('codecs', () => {
  const of = (codec: string, ...rungs: [number, number][]): ReportRendition[] =>
    rungs.map(([rate, vmaf]) => rung(rate, vmaf, { codec }));
  const h264 = of('h264', [1e6, 80], [2e6, 90]);
  const hevc = of('hevc', [0.7e6, 80], [1.4e6, 90]);
  const report = (...renditions: ReportRendition[]): Report => ({ ...TEMPLATE, renditions });

  it('are compared each by itself', () => {
    const worse = of('hevc', [0.77e6, 80], [1.54e6, 90]);
    const { comparisons } = compareReports(report(...h264, ...hevc), report(...worse, ...h264), NONE);
    expect(comparisons.filter(({ result }) => result === 'fail').map(comparisonName)).toEqual([
      'hevc bd-rate',
      'hevc size',
    ]);
    expect(comparisons).toHaveLength(11);
  });

  it('that are lost are not comparable; that are new are noticed', () => {
    const { comparisons, notices } = compareReports(report(...h264, ...hevc), report(...h264), NONE);
    expect(comparisons[5]).toMatchObject({
      ...{ check: 'bd-rate', codec: 'hevc', baseline: 2, now: 0, change: null, result: 'not comparable' },
      note: 'there is no rendition of this codec any more',
    });
    expect(notices).toEqual([]);
    const back = compareReports(report(...h264), report(...h264, ...hevc), NONE);
    expect(back.comparisons).toHaveLength(6);
    expect(back.notices).toEqual(['hevc is not in the baseline, and not compared']);
  });
});

describe('notices', () => {
  it('tell of other tools and of other scored frames, which are no mistake', () => {
    const base = fresh();
    const now = structuredClone(base);
    now.tools = { ffmpeg: 'n7.1\u001b[31m', libvmaf: '3.1', packager: 'v4', node: 'v22', hullcast: '9' };
    for (const { vmaf } of now.renditions) vmaf.subsample = 5;
    const { comparisons, notices } = compareReports(base, now, DEFAULT_TOLERANCES);
    expect(comparisons.every(({ result }) => result === 'pass')).toBe(true);
    expect(notices).toEqual([
      'scored frames: one of 1 in the baseline, one of 5 now',
      'ffmpeg: n7.0-7-gd38bf5e08e-20240407 in the baseline, n7.1 [31m now',
      'libvmaf: 3.0.0 in the baseline, 3.1 now',
      'packager: v3.4.2-c819dea-release in the baseline, v4 now',
      'Node.js: v20.20.0 in the baseline, v22 now',
      'hullcast: 0.1.0 in the baseline, 9 now',
    ]);
  });
});
