import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Gain, type RungTotals, type ShotRange, refined } from '../../../src/encode/search/refine.js';

/** A shot of straight curves: 10 less crf is 10 more VMAF, for `price` bits. */
const straight = (price: number, weight: number): ShotRange => ({
  crfs: [10, 20, 30, 40],
  model: { bits: (crf) => (50 - crf) * price, vmaf: (crf) => 100 - crf },
  weight,
});

const totals = (shots: readonly ShotRange[], crf: number[]): RungTotals => ({
  crf,
  bits: crf.reduce((sum, c, s) => sum + shots[s]!.model.bits(c), 0),
  vmaf: crf.reduce((sum, c, s) => sum + shots[s]!.weight * shots[s]!.model.vmaf(c), 0),
});

const within =
  (budget: number): Gain =>
  (next, now) =>
    next.bits <= budget ? next.vmaf - now.vmaf : 0;

test('spends what a budget leaves where it does most good', () => {
  const shots = [straight(1, 0.5), straight(3, 0.5)];
  const start = totals(shots, [40, 40]);
  expect(refined(shots, start, within(70), () => true)).toEqual(totals(shots, [10, 40]));
  expect(refined(shots, start, within(45), () => true)).toEqual(totals(shots, [40, 40]));
});

test('gives up what a quality does not need', () => {
  const shots = [straight(1, 0.5), straight(3, 0.5)];
  const reaching: Gain = (next, now) => (next.vmaf >= 75 ? now.bits - next.bits : 0);
  expect(refined(shots, totals(shots, [10, 10]), reaching, () => true).crf).toEqual([10, 40]);
});

test('stops where a promise would break', () => {
  const shots = [straight(1, 1)];
  const keeps = ({ crf }: RungTotals): boolean => crf[0]! >= 20;
  expect(refined(shots, totals(shots, [40]), within(1000), keeps).crf).toEqual([40]);
});

test('never leaves the budget, never loses quality, and its totals add up', () => {
  const shot = fc.record({
    price: fc.double({ min: 0.1, max: 9, noNaN: true }),
    start: fc.constantFrom(10, 20, 30, 40),
  });
  fc.assert(
    fc.property(
      fc.array(shot, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0, max: 1500, noNaN: true }),
      (items, spare) => {
        const shots = items.map(({ price }) => straight(price, 1 / items.length));
        const start = totals(
          shots,
          items.map((item) => item.start),
        );
        const budget = start.bits + spare;
        const found = refined(shots, start, within(budget), () => true);
        const again = totals(shots, found.crf);
        expect(found.bits).toBeCloseTo(again.bits, 6);
        expect(found.vmaf).toBeCloseTo(again.vmaf, 6);
        expect(found.bits).toBeLessThanOrEqual(budget);
        expect(found.vmaf).toBeGreaterThanOrEqual(start.vmaf);
      },
    ),
  );
});
