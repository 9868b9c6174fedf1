import { describe, expect, it } from 'vitest';
import type { ApiTitle } from '../../../src/services/api/index.js';
import { rankResolutions } from '../../../src/report/browser.js';
import { rateLayout } from '../../../src/web/dashboard/plots/rate-layout.js';
import { shotsLayout, worstShots } from '../../../src/web/dashboard/plots/shots-layout.js';
import { type DashboardReport, ladderOf, readReport } from '../../../src/web/dashboard/state/report.js';
import { exampleReport } from '../../report/example.js';

// What the dashboard reads of a report is what a report has: this is checked by the compiler.
const report: DashboardReport = exampleReport({ shots: 7 });

const result: NonNullable<ApiTitle['result']> = {
  ...{
    frames: report.title.frames,
    fps: report.title.fps,
    width: 1920,
    height: 1080,
    findings: 3,
    manifests: [],
  },
  renditions: report.renditions.map(({ id, codec, width, height, averageBitrate, peakBitrate, vmaf }) => ({
    ...{ id, codec, width, height, averageBitrate, peakBitrate },
    vmaf: vmaf.mean,
  })),
  cost: { wallSeconds: 1, cpuSeconds: 1, encodes: 1, cacheHits: 0 },
};

describe('the ladder', () => {
  it('is the same from the report and from the result, the report knowing more', () => {
    const [full, plain] = [ladderOf(result, report), ladderOf(result, undefined)];
    const common = ({ id, mean, averageBitrate }: (typeof full)[number]): unknown => [
      id,
      mean,
      averageBitrate,
    ];
    expect(full.map(common)).toEqual(plain.map(common));
    const rates = full.map(({ averageBitrate }) => averageBitrate);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
    const first = report.renditions.find(({ id }) => id === full[0]?.id);
    const crfs = first!.chunks.map(({ crf }) => crf);
    expect(full[0]).toMatchObject({
      p5: first!.vmaf.p5,
      crf: [Math.min(...crfs), Math.max(...crfs)],
      range: 'SDR',
    });
    expect(plain[0]).not.toHaveProperty('p5');
  });

  it('keeps codecs and ranges together', () => {
    const mixed = structuredClone(report);
    mixed.renditions.forEach((rendition, i) => {
      if (i % 2 === 1) Object.assign(rendition, { codec: 'hevc', videoRange: 'PQ' });
    });
    const ranges = ladderOf(result, mixed).map(({ codec, range }) => `${codec} ${range}`);
    expect(new Set(ranges).size).toBe(2);
    expect(ranges).toEqual([...ranges].sort());
  });

  it('is not read from a report of another version', () => {
    expect(readReport(report)).toBe(report);
    expect(readReport({ ...report, schemaVersion: 2 })).toContain('version 2');
    expect(readReport(null)).toContain('version none');
  });
});

describe('rateLayout', () => {
  it.each([300, 560, 860])('at %i px puts every rung where its numbers say, within the box', (width) => {
    const ladder = ladderOf(result, report);
    const layout = rateLayout(ladder, rankResolutions(report), width);
    const { area } = layout;
    for (const { x, y, p5Y } of layout.rungs) {
      expect(x).toBeGreaterThan(area.left);
      expect(x).toBeLessThan(area.right);
      expect(y).toBeGreaterThanOrEqual(area.top);
      expect(p5Y).toBeGreaterThanOrEqual(y);
      expect(p5Y).toBeLessThanOrEqual(area.bottom);
    }
    const [a, b, c] = [layout.rungs[0]!, layout.rungs[2]!, layout.rungs.at(-1)!];
    const rate = ({ rung }: typeof a): number => Math.log(rung.averageBitrate);
    expect((b.x - a.x) / (c.x - a.x)).toBeCloseTo((rate(b) - rate(a)) / (rate(c) - rate(a)), 9);
    expect((b.y - a.y) / (c.y - a.y)).toBeCloseTo(
      (b.rung.mean - a.rung.mean) / (c.rung.mean - a.rung.mean),
      9,
    );
    expect(layout.labels.length).toBeGreaterThan(ladder.length / 2);
    // Places among all resolutions that were probed, as in the report.
    const probed = [144, 234, 360, 540, 720, 1080];
    const shipped = probed.filter((height) => ladder.some((rung) => rung.height === height));
    expect(layout.resolutions.map(({ height, rank }) => [height, rank])).toEqual(
      shipped.map((height) => [height, probed.indexOf(height)]),
    );
    expect(layout.series).toHaveLength(1);
    expect(layout.series[0]!.points.map(({ x }) => x)).toEqual(
      layout.rungs.map(({ x }) => x).sort((p, q) => p - q),
    );
  });
});

describe('shotsLayout', () => {
  const rendition = report.renditions[0]!;

  it('draws shots to scale, without gaps, as high as their bit rates', () => {
    const { bars, topRate } = shotsLayout(report, rendition, 700);
    expect(bars).toHaveLength(report.shots.length);
    let end = 0;
    bars.forEach((bar, i) => {
      const shot = report.shots[i]!;
      expect(bar.x).toBeCloseTo(end, 6);
      expect(bar.width).toBeCloseTo((700 * (shot.endFrame - shot.startFrame)) / report.title.frames, 6);
      expect(bar.rate).toBeCloseTo(rendition.chunks[i]!.bits / ((shot.endFrame - shot.startFrame) / 24), 6);
      expect(bar.share).toBeCloseTo(bar.rate / topRate, 9);
      end = bar.x + bar.width;
    });
    expect(end).toBeCloseTo(700, 6);
    expect(Math.max(...bars.map(({ share }) => share))).toBe(1);
    // The rates of the shots, each for its time, are the rate of the title.
    const bits = bars.reduce((sum, { rate, seconds }) => sum + rate * seconds, 0);
    expect(bits).toBeCloseTo(rendition.bits, 3);
  });

  it('names the shots that look worst', () => {
    const { bars } = shotsLayout(report, rendition, 700);
    const worst = worstShots(bars, 3);
    const others = bars.filter((bar) => !worst.includes(bar));
    expect(worst).toHaveLength(3);
    expect(Math.max(...worst.map(({ vmaf }) => vmaf))).toBeLessThanOrEqual(
      Math.min(...others.map(({ vmaf }) => vmaf)),
    );
  });
});
