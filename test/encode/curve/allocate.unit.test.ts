import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Allocation,
  type JointHull,
  type OperatingPoint,
  type ShotChoices,
  indexForBits,
  indexForQuality,
  jointHull,
  qualityAt,
  uniformFront,
  upperHull,
} from '../../../src/encode/curve/index.js';

type Shot = ShotChoices<number>;

/** VMAF to three decimals, more than it means. */
const vmaf = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000);
const pointOf = (bits: fc.Arbitrary<number>, quality: fc.Arbitrary<number>) => fc.record({ bits, quality });
const points = (max: number) =>
  fc
    .oneof(
      // Few distinct values: ties within a shot and between shots.
      fc.array(pointOf(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 9 })), {
        minLength: 1,
        maxLength: max,
      }),
      fc.array(pointOf(fc.integer({ min: 1, max: 1e6 }), vmaf), {
        minLength: 1,
        maxLength: max,
      }),
    )
    .map((items) => items.map((item, payload): OperatingPoint<number> => ({ ...item, payload })));
const shots = (maxShots: number, maxPoints: number) =>
  fc.array(fc.record({ frames: fc.integer({ min: 1, max: 300 }), points: points(maxPoints) }), {
    minLength: 1,
    maxLength: maxShots,
  });
const small = shots(4, 5);

/** Every combination of choices, summed up independently of the code under test. */
function everyAllocation(title: readonly Shot[]): Allocation<number>[] {
  const frames = title.reduce((sum, shot) => sum + shot.frames, 0);
  let all: OperatingPoint<number>[][] = [[]];
  for (const shot of title) all = all.flatMap((head) => shot.points.map((point) => [...head, point]));
  return all.map((choices) => ({
    choices,
    bits: choices.reduce((sum, choice) => sum + choice.bits, 0),
    quality: choices.reduce((sum, choice, i) => sum + (choice.quality * title[i]!.frames) / frames, 0),
  }));
}

const asRd = (items: readonly { bits: number; quality: number }[]) =>
  items.map(({ bits, quality }) => ({ rate: bits, quality }));
const framesOf = (title: readonly Shot[]): number => title.reduce((sum, shot) => sum + shot.frames, 0);

function at<T>(hull: JointHull<T>, index: number): Allocation<T> | undefined {
  return index < 0 ? undefined : hull.allocation(index);
}

function allocateForQuality<T>(shots: readonly ShotChoices<T>[], target: number): Allocation<T> | undefined {
  const hull = jointHull(shots);
  return at(hull, indexForQuality(hull, target));
}

function allocateForBits<T>(shots: readonly ShotChoices<T>[], budget: number): Allocation<T> | undefined {
  const hull = jointHull(shots);
  return at(hull, indexForBits(hull, budget));
}

describe('jointHull', () => {
  it('is the convex hull of all combinations', () => {
    fc.assert(
      fc.property(small, (title) => {
        const joint = asRd(jointHull(title).points);
        const brute = asRd(everyAllocation(title));
        const bruteHull = upperHull(brute);
        for (const { rate, quality } of brute)
          expect(quality).toBeLessThanOrEqual(qualityAt(joint, rate) + 1e-6);
        for (const { rate, quality } of joint) expect(quality).toBeCloseTo(qualityAt(bruteHull, rate), 6);
        expect(joint[0]!.rate).toBe(bruteHull[0]!.rate);
        expect(joint[joint.length - 1]!.rate).toBe(bruteHull[bruteHull.length - 1]!.rate);
      }),
    );
  });

  it('rises in bits and quality while its slope falls, one shot one step at a time', () => {
    fc.assert(
      fc.property(shots(12, 8), (title) => {
        const joint = jointHull(title);
        joint.points.forEach((point, i) => {
          const allocation = joint.allocation(i);
          expect(allocation.bits).toBe(point.bits);
          expect(allocation.quality).toBeCloseTo(point.quality, 9);
          if (i === 0) return;
          const before = joint.points[i - 1]!;
          expect(point.bits).toBeGreaterThan(before.bits);
          expect(point.quality).toBeGreaterThan(before.quality);
          expect(point.slope).toBeLessThanOrEqual(before.slope);
          const moved = joint
            .allocation(i - 1)
            .choices.filter((choice, shot) => choice !== allocation.choices[shot]);
          expect(moved).toHaveLength(1);
          const gain = (point.quality - before.quality) * framesOf(title);
          expect(gain / (point.bits - before.bits)).toBeCloseTo(point.slope, 6);
        });
      }),
    );
  });

  it('orders equal slopes by shot', () => {
    const shot = {
      frames: 10,
      points: [
        { bits: 1, quality: 10, payload: 0 },
        { bits: 2, quality: 20, payload: 1 },
      ],
    };
    const joint = jointHull([shot, shot]);
    expect([0, 1, 2].map((i) => joint.allocation(i).choices.map((choice) => choice.payload))).toEqual([
      [0, 0],
      [1, 0],
      [1, 1],
    ]);
  });

  it('takes a title of 1,500 shots with 12 points each', () => {
    const title = Array.from({ length: 1500 }, (_, s): Shot => {
      const points = Array.from({ length: 12 }, (_unused, p) => ({
        bits: Math.round(1000 * (1 + (s % 7)) * 1.4 ** p),
        quality: 100 - 60 * 0.8 ** p - (s % 13),
        payload: p,
      }));
      return { frames: 24 + (s % 90), points };
    });
    const joint = jointHull(title);
    expect(joint.points).toHaveLength(1500 * 11 + 1);
    const middle = joint.allocation(8000);
    expect(middle.bits).toBe(joint.points[8000]!.bits);
    expect(allocateForQuality(title, middle.quality)!.bits).toBe(middle.bits);
  });
});

describe('the allocation at a slope', () => {
  /** The cheapest of those that are optimal at λ. */
  function allocateAt<T>(title: readonly ShotChoices<T>[], lambda: number): Allocation<T> {
    const hull = jointHull(title);
    return hull.allocation(Math.max(0, hull.points.filter((point) => point.slope > lambda).length - 1));
  }

  it('is the optimum of frames × VMAF − λ × bits', () => {
    fc.assert(
      fc.property(small, fc.double({ min: 0, max: 500, noNaN: true }), (title, lambda) => {
        const value = ({ bits, quality }: Allocation<number>) => quality * framesOf(title) - lambda * bits;
        const best = Math.max(...everyAllocation(title).map(value));
        expect(value(allocateAt(title, lambda))).toBeCloseTo(best, 4);
      }),
    );
  });

  it('takes the fewest bits at infinity and the best quality at 0, ties to the cheaper', () => {
    const title = [
      {
        frames: 5,
        points: [
          { bits: 7, quality: 50, payload: 'a' },
          { bits: 7, quality: 60, payload: 'b' },
        ],
      },
      {
        frames: 5,
        points: [
          { bits: 9, quality: 90, payload: 'c' },
          { bits: 4, quality: 90, payload: 'd' },
        ],
      },
      {
        frames: 5,
        points: [
          { bits: 9, quality: 90, payload: 'e' },
          { bits: 4, quality: 80, payload: 'f' },
        ],
      },
    ];
    const at = (lambda: number) => allocateAt(title, lambda).choices.map((choice) => choice.payload);
    expect(at(Infinity)).toEqual(['b', 'd', 'f']);
    expect(at(0)).toEqual(['b', 'd', 'e']);
    expect(at(10)).toEqual(['b', 'd', 'f']); // exactly the slope of shot 2: indifferent, so the cheaper
    expect(at(9.99)).toEqual(['b', 'd', 'e']);
  });

  it('refuses what cannot be allocated', () => {
    const shot = { frames: 5, points: [{ bits: 7, quality: 50, payload: 0 }] };
    expect(() => jointHull([])).toThrow(RangeError);
    expect(() => jointHull([{ frames: 0, points: shot.points }])).toThrow(/shot 0 has 0 frames/);
    expect(() => jointHull([shot, { frames: 5, points: [] }])).toThrow(/shot 1 has no operating point/);
    expect(() => jointHull([shot]).allocation(1)).toThrow(RangeError);
  });
});

/** Shots with as many points each: `payload` is the index, as one crf would be. */
const indexed = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.array(
    fc.record({
      frames: fc.integer({ min: 1, max: 300 }),
      points: fc
        .array(pointOf(fc.integer({ min: 1, max: 1e5 }), vmaf), { minLength: count, maxLength: count })
        .map((items) => items.map((item, payload) => ({ ...item, payload }))),
    }),
    { minLength: 1, maxLength: 10 },
  ),
);

describe('uniformFront', () => {
  it('has one choice for all shots, ascending, and leaves out only what a cheaper or equal one matches', () => {
    fc.assert(
      fc.property(indexed, (title) => {
        const { points, allocation } = uniformFront(title);
        points.forEach(({ bits, quality }, i) => {
          const { choices, ...sums } = allocation(i);
          expect(sums).toEqual({ bits, quality });
          expect(new Set(choices.map(({ payload }) => payload)).size).toBe(1);
          expect(choices.every((choice, s) => title[s]!.points.includes(choice))).toBe(true);
          expect(bits).toBe(choices.reduce((sum, choice) => sum + choice.bits, 0));
          if (i === 0) return;
          expect(bits).toBeGreaterThan(points[i - 1]!.bits);
          expect(quality).toBeGreaterThan(points[i - 1]!.quality);
        });
        for (const index of title[0]!.points.keys()) {
          const bits = title.reduce((sum, shot) => sum + shot.points[index]!.bits, 0);
          const quality =
            title.reduce((sum, shot) => sum + shot.points[index]!.quality * shot.frames, 0) / framesOf(title);
          const best = points.findLast((point) => point.bits <= bits);
          expect(best!.quality).toBeGreaterThanOrEqual(quality - 1e-9);
        }
      }),
    );
  });

  it('takes only what every shot has', () => {
    const shot = (...payloads: number[]): Shot => ({
      frames: 1,
      points: payloads.map((payload) => ({ bits: 10 - payload, quality: 9 - payload, payload })),
    });
    const front = uniformFront([shot(1, 2, 3), shot(5, 3, 2)]);
    expect(front.points.map((_, i) => front.allocation(i).choices[0]!.payload)).toEqual([3, 2]);
    expect(() => uniformFront([shot(1), shot(2)])).toThrow(/no choice is common/);
    expect(() => uniformFront([])).toThrow(RangeError);
    expect(() => front.allocation(2)).toThrow(/2 points, none is 2/);
  });
});

describe('allocateForQuality and allocateForBits', () => {
  it('find the neighbours of a target on the hull', () => {
    fc.assert(
      fc.property(small, fc.double({ min: -1, max: 101, noNaN: true }), (title, target) => {
        const hull = jointHull(title).points;
        const found = allocateForQuality(title, target);
        const good = hull.filter((point) => point.quality >= target - 1e-9);
        expect(found?.bits).toBe(
          good.length === 0 ? undefined : Math.min(...good.map((point) => point.bits)),
        );

        const budget = found?.bits ?? target;
        const spent = allocateForBits(title, budget);
        const affordable = hull.filter((point) => point.bits <= budget);
        expect(spent?.bits).toBe(
          affordable.length === 0 ? undefined : Math.max(...affordable.map((p) => p.bits)),
        );
      }),
    );
  });

  it('lose to no combination by more than one step of the hull', () => {
    fc.assert(
      fc.property(small, fc.double({ min: 0, max: 100, noNaN: true }), (title, target) => {
        const found = allocateForQuality(title, target);
        if (!found) return;
        const below = jointHull(title).points.findLast((point) => point.bits < found.bits);
        const cheapest = Math.min(
          ...everyAllocation(title)
            .filter(({ quality }) => quality >= target)
            .map(({ bits }) => bits),
        );
        // Nothing that meets the target is left of the hull's edge that crosses it.
        expect(cheapest).toBeGreaterThanOrEqual(below?.bits ?? found.bits);
      }),
    );
  });

  it('beat the same choice index for every shot', () => {
    fc.assert(
      fc.property(indexed, (title) => {
        const hull = asRd(jointHull(title).points);
        const frames = framesOf(title);
        for (let index = 0; index < title[0]!.points.length; index++) {
          const bits = title.reduce((sum, shot) => sum + shot.points[index]!.bits, 0);
          const quality =
            title.reduce((sum, shot) => sum + shot.points[index]!.quality * shot.frames, 0) / frames;
          expect(qualityAt(hull, bits)).toBeGreaterThanOrEqual(quality - 1e-6);
        }
      }),
    );
  });

  it('do not depend on the order of a shot’s points', () => {
    fc.assert(
      fc.property(small, fc.double({ min: 0, max: 100, noNaN: true }), (title, target) => {
        const reversed = title.map((shot) => ({ ...shot, points: [...shot.points].reverse() }));
        const sums = (allocation: Allocation<number> | undefined) =>
          allocation && [
            allocation.bits,
            allocation.quality,
            ...allocation.choices.map((c) => [c.bits, c.quality]),
          ];
        expect(sums(allocateForQuality(reversed, target))).toEqual(sums(allocateForQuality(title, target)));
        expect(allocateForQuality(title, target)).toEqual(allocateForQuality(title, target));
      }),
    );
  });

  it('meet a target that is exactly what all shots have', () => {
    const title = [1, 3, 7].map((frames) => ({ frames, points: [{ bits: 10, quality: 91.3, payload: 0 }] }));
    expect(allocateForQuality(title, 91.3)?.bits).toBe(30);
    expect(allocateForQuality(title, 91.4)).toBeUndefined();
    expect(allocateForBits(title, 29)).toBeUndefined();
  });
});
