import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LumaFrame } from '../../src/chunker/luma.js';
import type { Cut } from '../../src/chunker/cut-rules.js';
import { ShotDetector } from '../../src/chunker/shot-detector.js';
import { landscape, mix, noisy, numbers, plain, times, view } from './frames.js';

function detect(frames: readonly LumaFrame[]): Cut[] {
  const detector = new ShotDetector();
  for (const frame of frames) detector.push(frame);
  return detector.finish().cuts;
}

function cuts(frames: readonly LumaFrame[]): number[] {
  return detect(frames).map((cut) => cut.frame);
}

/** A slow pan with sensor noise. */
function shot(seed: number, frames: number): LumaFrame[] {
  const scene = landscape(seed);
  const next = numbers(seed + 1000);
  return times(frames, (i) => noisy(view(scene, i * 0.3), 3, next));
}

describe('hard cuts', () => {
  test('are found at their exact frames and nowhere else, whatever the scenes', () => {
    const lengths = fc.array(fc.integer({ min: 10, max: 30 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 0, max: 1e6 }), (shots, seed) => {
        const edges = shots.map((_, i) => shots.slice(0, i).reduce((a, b) => a + b, 0));
        const frames = shots.flatMap((length, i) => shot(seed * 10 + i, length));
        expect(cuts(frames)).toEqual(edges.slice(1));
      }),
      { numRuns: 12, seed: 4 },
    );
  });

  test('are found two frames apart', () => {
    expect(cuts(times(40, (i) => view(landscape(Math.floor(i / 2)))))).toEqual(times(19, (i) => 2 * (i + 1)));
  });

  test('are found between two plain colours, and from and to the first and last frames', () => {
    expect(cuts([...times(12, () => plain(40)), ...times(12, () => plain(200))])).toEqual([12]);
    expect(cuts([...shot(1, 1), ...shot(2, 20)])).toEqual([1]);
    expect(cuts([...shot(1, 20), ...shot(2, 1)])).toEqual([20]);
  });

  test('are found in the dark', () => {
    const dark = [...shot(1, 20), ...shot(2, 20)].map((frame) => frame.map((value) => Math.round(value / 5)));
    expect(cuts(dark)).toEqual([20]);
  });

  test('are found within movement', () => {
    const fast = (seed: number): LumaFrame[] => times(20, (i) => view(landscape(seed), 4 * i, i));
    expect(cuts([...fast(1), ...fast(2)])).toEqual([20]);
  });
});

describe('no cut is found', () => {
  const scene = landscape(3);

  test('in a fast pan, a shake, a still, a plain colour and noise', () => {
    const next = numbers(9);
    expect(cuts(times(80, (i) => view(scene, 4.5 * i, 0)))).toEqual([]);
    expect(cuts(times(80, () => view(scene, 6 * next() - 3, 6 * next() - 3)))).toEqual([]);
    expect(cuts(times(40, () => view(scene)))).toEqual([]);
    expect(cuts(times(40, () => plain(17)))).toEqual([]);
    expect(cuts(times(80, () => noisy(plain(128), 100, next)))).toEqual([]);
  });

  test.each([1, 2, 5])('in a flash of %i frames', (length) => {
    const flashed = shot(5, 60).map((frame, i) =>
      i >= 30 && i < 30 + length ? mix(frame, plain(255), 0.9) : frame,
    );
    expect(cuts(flashed)).toEqual([]);
  });

  test('in a dissolve', () => {
    const [from, to] = [view(landscape(1)), view(landscape(2))];
    expect(cuts(times(60, (i) => mix(from, to, Math.min(1, Math.max(0, (i - 20) / 20)))))).toEqual([]);
  });

  test('where a caption appears', () => {
    const captioned = times(40, (i) => {
      const frame = view(scene);
      if (i >= 20) for (let y = 28; y < 34; y++) frame.fill(235, y * 64 + 10, y * 64 + 54);
      return frame;
    });
    expect(cuts(captioned)).toEqual([]);
  });

  test('in animation that moves every second or third frame', () => {
    for (const held of [2, 3]) {
      expect(cuts(times(60, (i) => view(scene, 3 * Math.floor(i / held), 0)))).toEqual([]);
    }
  });

  test('in a fade-in that moves every second frame', () => {
    const held = times(60, (i) => mix(plain(0), view(scene), Math.min(1, (i - (i % 2)) / 40)));
    expect(cuts(held)).toEqual([]);
  });

  test('in no frames and in one', () => {
    expect(cuts([])).toEqual([]);
    expect(cuts([plain(3)])).toEqual([]);
  });
});

describe('fades', () => {
  const fadeOut = (seed: number): LumaFrame[] =>
    shot(seed, 30).map((f, i) => mix(f, plain(0), Math.max(0, (i - 17) / 12)));
  const fadeIn = (seed: number): LumaFrame[] => fadeOut(seed).reverse();

  test('through black are cut once, where the picture comes back', () => {
    expect(cuts([...fadeOut(1), ...times(6, () => plain(0)), ...fadeIn(2)])).toEqual([37]);
    expect(cuts([...fadeOut(1), ...fadeIn(2)])).toEqual([31]);
  });

  test('from black at the beginning and to black at the end are not', () => {
    expect(cuts([...times(6, () => plain(0)), ...fadeIn(2)])).toEqual([]);
    expect(cuts([...fadeOut(1), ...times(6, () => plain(0))])).toEqual([]);
  });

  test('to black, then a hard cut: only that one', () => {
    expect(cuts([...fadeOut(1), ...times(10, () => plain(0)), ...shot(2, 20)])).toEqual([40]);
  });
});

test('an unlike scene is a stronger cut than a like one', () => {
  const scene = landscape(8);
  const a = times(20, () => view(scene));
  const like = detect([...a, ...times(20, () => mix(view(scene), view(landscape(9)), 0.4))])[0]!;
  const unlike = detect([...a, ...times(20, () => view(landscape(9)))])[0]!;
  expect([like.frame, unlike.frame]).toEqual([20, 20]);
  expect(unlike.strength).toBeGreaterThan(like.strength);
});
