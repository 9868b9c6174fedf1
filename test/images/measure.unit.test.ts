import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meritsOf, ownFaults, scoreOf } from '../../src/images/judge.js';
import { difference, lookOf } from '../../src/images/likeness.js';
import { activeArea, lumaOf, measure } from '../../src/images/measure.js';
import type { Merits } from '../../src/images/types.js';
import { blurred, frameOf, noise, seed } from './pictures.js';

const W = 48;
const H = 32;
const grey = (value: number): Uint8Array => frameOf(W, H, () => [value, value, value]);
const dimmed = (rgb: Uint8Array, factor: number): Uint8Array => rgb.map((value) => value * factor);

describe('measures of a frame', () => {
  it('of one grey have no contrast, detail, sharpness or colour', () => {
    expect(measure(grey(100), W, H)).toEqual({
      ...{ area: 1, mean: 100, deviation: 0, dark: 0, bright: 0 },
      ...{ laplacian: 0, detailed: 0, colourful: 0, skin: 0 },
    });
  });

  it('of a chequerboard are those of a pencil', () => {
    const board = frameOf(W, H, (x, y) => ((x + y) % 2 ? [200, 200, 200] : [100, 100, 100]));
    const { mean, deviation, laplacian, detailed } = measure(board, W, H);
    expect([mean, deviation, detailed]).toEqual([150, 50, 1]);
    expect(laplacian).toBe(160_000); // every Laplacian is ±4 × 100
  });

  it('know skin from sky, grass and grey', () => {
    const of = (r: number, g: number, b: number): number =>
      measure(
        frameOf(W, H, () => [r, g, b]),
        W,
        H,
      ).skin;
    expect([of(224, 172, 138), of(141, 85, 60), of(90, 56, 37)]).toEqual([1, 1, 1]);
    expect([of(120, 170, 230), of(70, 130, 50), of(128, 128, 128)]).toEqual([0, 0, 0]);
  });

  it('lose sharpness by blur, every time', () => {
    fc.assert(
      fc.property(seed, (n) => {
        const sharp = noise(W, H, n);
        const once = blurred(sharp, W, H);
        const levels = [sharp, once, blurred(once, W, H)].map((rgb) => measure(rgb, W, H).laplacian);
        expect(levels).toEqual([...levels].sort((a, b) => b - a));
        expect(meritsOf(measure(once, W, H)).sharpness).toBeLessThan(
          meritsOf(measure(sharp, W, H)).sharpness,
        );
      }),
      { numRuns: 30 },
    );
  });

  it('leave black bars out, wherever they are', () => {
    fc.assert(
      fc.property(seed, fc.nat(10), fc.nat(10), fc.nat(10), fc.nat(10), (n, left, right, top, bottom) => {
        // No black edge of its own: the noise is made brighter than bars are.
        const inner = { width: W - left - right, height: H - top - bottom };
        const picture = noise(inner.width, inner.height, n).map((value) => Math.max(value, 60));
        const barred = frameOf(W, H, (x, y) => {
          const [px, py] = [x - left, y - top];
          if (px < 0 || py < 0 || px >= inner.width || py >= inner.height) return [0, 0, 0];
          const at = 3 * (py * inner.width + px);
          return [picture[at]!, picture[at + 1]!, picture[at + 2]!];
        });
        const area = activeArea(lumaOf(barred), W, H);
        expect(area).toEqual({ left, top, right: W - right, bottom: H - bottom });
        const share = (inner.width * inner.height) / (W * H);
        expect(measure(barred, W, H)).toEqual({
          ...measure(picture, inner.width, inner.height),
          area: share,
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('faults of a frame by itself', () => {
  const faults = (rgb: Uint8Array): string[] => ownFaults(measure(rgb, W, H));

  it.each([
    ['black', grey(0), ['dark', 'plain', 'bars']],
    ['nearly black', grey(22), ['dark', 'plain']],
    ['white', grey(250), ['bright', 'plain']],
    ['grey', grey(128), ['plain']],
    ['a dark night', dimmed(noise(W, H, 5), 0.2), ['dark']],
    [
      'mostly bars',
      frameOf(W, H, (x, y) => (y >= 14 && y < 18 ? [(x * 37) % 256, 200, 60] : [0, 0, 0])),
      ['bars'],
    ],
    ['a picture', noise(W, H, 5), []],
  ])('%s', (_, rgb, expected) => {
    expect(faults(rgb)).toEqual(expected);
  });
});

describe('score', () => {
  const merit = fc.double({ min: 0, max: 1, noNaN: true });
  const merits: fc.Arbitrary<Merits> = fc.record({
    ...{ light: merit, sharpness: merit, texture: merit, colour: merit, skin: merit },
  });

  it('is within 0..1, 1 for what has everything, and rises with each merit', () => {
    expect(scoreOf({ light: 1, sharpness: 1, texture: 1, colour: 1, skin: 1 })).toBeCloseTo(1, 12);
    fc.assert(
      fc.property(
        merits,
        fc.constantFrom('light', 'sharpness', 'texture', 'colour', 'skin'),
        merit,
        (some, name, more) => {
          const better = { ...some, [name]: Math.max(some[name], more) };
          expect(scoreOf(some)).toBeGreaterThanOrEqual(0);
          expect(scoreOf(better)).toBeLessThanOrEqual(1 + 1e-12);
          expect(scoreOf(better)).toBeGreaterThanOrEqual(scoreOf(some));
        },
      ),
    );
  });

  it('falls when a picture is made dark, and when it is blurred', () => {
    fc.assert(
      fc.property(seed, (n) => {
        const score = (rgb: Uint8Array): number => scoreOf(meritsOf(measure(rgb, W, H)));
        const picture = blurred(noise(W, H, n), W, H);
        expect(score(dimmed(picture, 0.3))).toBeLessThan(score(picture));
        expect(score(blurred(blurred(picture, W, H), W, H))).toBeLessThan(score(picture));
      }),
      { numRuns: 30 },
    );
  });

  it('counts some skin, and none of a wall of it', () => {
    const skin = (share: number): number =>
      meritsOf(
        measure(
          frameOf(W, H, (x) => (x < share * W ? [224, 172, 138] : [70, 130, 50])),
          W,
          H,
        ),
      ).skin;
    expect([skin(0), skin(0.2), skin(1)]).toEqual([0, 1, 0]);
  });
});

describe('difference of looks', () => {
  const look = (rgb: Uint8Array) => lookOf(rgb, W, H);
  const ramp = frameOf(W, H, (x, y) => [4 * x, 255 - 4 * x, 6 * y]);

  it('is 0 for the same picture, brighter or darker hardly more, and 1 for its mirror image', () => {
    expect(difference(look(ramp), look(ramp))).toBe(0);
    expect(difference(look(ramp), look(dimmed(ramp, 0.9)))).toBeLessThan(0.35);
    expect(difference(look(ramp), look(frameOf(W, H, (x, y) => [255 - 4 * x, 4 * x, 6 * y])))).toBe(1);
  });

  it('does not depend on the order, and lies in 0..1', () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        const [one, other] = [look(noise(W, H, a)), look(noise(W, H, b))];
        const value = difference(one, other);
        expect(value).toBe(difference(other, one));
        expect(value >= 0 && value <= 1).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('takes pictures smaller than its cells', () => {
    const tiny = noise(4, 3, 1);
    expect(difference(lookOf(tiny, 4, 3), lookOf(tiny, 4, 3))).toBe(0);
  });
});
