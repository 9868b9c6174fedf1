import { describe, expect, it } from 'vitest';
import { placeLabels } from '../../src/report/labels.js';
import {
  DIVERGING_DARK,
  DIVERGING_LIGHT,
  SEQUENTIAL_DARK,
  SEQUENTIAL_LIGHT,
  SERIES_DARK,
  SERIES_LIGHT,
  contrast,
  step,
  textOn,
  vmafStep,
} from '../../src/report/palette.js';
import { drawnShots, viewOf } from '../../src/report/view.js';
import { exampleReport } from './example.js';

describe('palette', () => {
  it('series stand out from the page, text from every cell', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 6);
    for (const colour of SERIES_LIGHT) expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(3);
    for (const colour of SERIES_DARK) expect(contrast(colour, '#14181d')).toBeGreaterThanOrEqual(3);
    for (const colour of [...SEQUENTIAL_LIGHT, ...SEQUENTIAL_DARK, ...DIVERGING_LIGHT, ...DIVERGING_DARK]) {
      expect(contrast(colour, textOn(colour)), colour).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('steps', () => {
    expect([step(-1, 0, 9), step(4.5, 0, 9), step(9, 0, 9), step(5, 5, 5)]).toEqual([0, 4, 8, 4]);
    expect([vmafStep(0), vmafStep(39.9), vmafStep(40), vmafStep(94.9), vmafStep(95)]).toEqual([
      0, 0, 1, 7, 8,
    ]);
  });
});

describe('labels', () => {
  it('cover neither each other nor a mark, and stay inside', () => {
    const area = { left: 40, right: 380, top: 0, bottom: 400 };
    // Three crowded marks at the top, as the best rungs are.
    const requests = [0, 1, 2, 3, 4].map((i) => ({ x: 300 - i * 16, y: 40 + i * 7, text: `v${i}-1080p` }));
    const placed = placeLabels(requests, area, 13);
    expect(placed).toHaveLength(5);
    placed.forEach((a, i) => {
      expect(a.box.left).toBeGreaterThanOrEqual(area.left);
      expect(a.box.top).toBeGreaterThanOrEqual(area.top);
      const apart = (box: typeof a.box): boolean =>
        a.box.right <= box.left ||
        box.right <= a.box.left ||
        a.box.bottom <= box.top ||
        box.bottom <= a.box.top;
      placed.slice(i + 1).forEach((b) => expect(apart(b.box)).toBe(true));
      requests.forEach(({ x, y }) =>
        expect(apart({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 })).toBe(true),
      );
    });
  });
});

describe('view', () => {
  const report = exampleReport();
  const view = viewOf(report);
  const codec = view.codecs[0]!;

  it('ranks resolutions by size and gives all of them a title curve', () => {
    expect(view.resolutions.map((r) => r.height)).toEqual([144, 234, 360, 540, 720, 1080]);
    expect(codec.curves).toHaveLength(6);
  });

  it('holds every probe and chunk once, at its rate', () => {
    const encodes = codec.encodes.flat();
    expect(encodes.filter((e) => e.kind === 'probe')).toHaveLength(report.probes.length);
    expect(encodes.filter((e) => e.kind === 'chunk')).toHaveLength(
      report.renditions.length * report.shots.length,
    );
    const bits = encodes.reduce((sum, e) => {
      const shot = report.shots[e.shot]!;
      return sum + (e.rate * (shot.endFrame - shot.startFrame)) / 24;
    }, 0);
    const expected = [...report.probes, ...report.renditions.flatMap((r) => r.chunks)].reduce(
      (s, e) => s + e.bits,
      0,
    );
    expect(bits).toBeCloseTo(expected, 0);
  });

  it('no rung is above the title curve of its own resolution, for that is the best there is', () => {
    for (const rung of codec.renditions) {
      const curve = codec.curves.find((c) => c.resolution.height === rung.height)!.points;
      // The rung's distance to the best line of every slope on the curve is never negative.
      for (let i = 1; i < curve.length; i++) {
        const [a, b] = [curve[i - 1]!, curve[i]!];
        const slope = (b.quality - a.quality) / (b.rate - a.rate);
        expect(rung.vmaf.mean - slope * rung.averageBitrate).toBeLessThanOrEqual(
          a.quality - slope * a.rate + 1e-3,
        );
      }
    }
  });

  it('leaves a resolution out of the title plot where a shot was never encoded in it', () => {
    const partial = exampleReport();
    partial.probes = partial.probes.filter((p) => !(p.height === 144 && p.shot === 2));
    expect(viewOf(partial).codecs[0]!.curves.map((c) => c.resolution.height)).not.toContain(144);
  });

  it('draws the shots with most bits where there are too many', () => {
    const bits = codec.renditions.at(-1)!.chunks.map((c) => c.bits);
    const kept = drawnShots(view, codec, 2);
    expect(kept).toHaveLength(2);
    const least = Math.min(...kept.map((i) => bits[i]!));
    bits.forEach((b, i) => kept.includes(i) || expect(b).toBeLessThanOrEqual(least));
    expect(drawnShots(view, codec, 5)).toEqual([0, 1, 2, 3, 4]);
  });
});
