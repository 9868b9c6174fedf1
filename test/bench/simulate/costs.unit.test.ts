import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Costs } from '../../../bench/simulate/costs.js';
import { readMeasured } from '../../../bench/simulate/measured.js';
import { seeded } from '../../../bench/simulate/random.js';
import { regress } from '../../../bench/simulate/regression.js';

describe('a regression', () => {
  test('finds what the samples were made of', () => {
    const number = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(number, number),
        fc.tuple(number, number),
        fc.integer(),
        (levels, slopes, seed) => {
          const random = seeded(seed);
          const samples = Array.from({ length: 12 }, (_, i) => {
            const x = [random.normal(), random.normal()];
            const group = i % 2;
            return { group, x, y: levels[group]! + slopes[0] * x[0]! + slopes[1] * x[1]! };
          });
          const found = regress(samples);
          [...found.levels, ...found.slopes].forEach((value, i) =>
            expect(value).toBeCloseTo([...levels, ...slopes][i]!, 6),
          );
          for (const residual of found.residuals) expect(residual).toBeCloseTo(0, 6);
        },
      ),
    );
  });

  test('leaves residuals that add up to nothing in each group', () => {
    const random = seeded(3);
    const samples = Array.from({ length: 30 }, (_, i) => ({
      ...{ group: i % 3, x: [random.normal()], y: random.normal() },
    }));
    const { residuals } = regress(samples);
    for (const group of [0, 1, 2]) {
      const own = residuals.filter((_, i) => samples[i]!.group === group);
      expect(own.reduce((sum, r) => sum + r, 0)).toBeCloseTo(0, 9);
    }
  });

  test('refuses samples that say too little', () => {
    const same = { group: 0, x: [1], y: 2 };
    expect(() => regress([same, same])).toThrow(RangeError);
  });
});

describe('what was measured', async () => {
  const measured = await readMeasured();
  const costs = new Costs(measured);

  test('is replayed: the encodes of the measured title cost what they did', () => {
    const { encodes, ownShare } = measured;
    const real =
      encodes.reduce((sum, [, , , , , , encode, score]) => sum + encode + score, 0) * (1 + ownShare);
    const random = seeded(1);
    const replayed = Array.from({ length: 50 }, () =>
      encodes.reduce((sum, [kind, width, height, crf, frames]) => {
        return sum + costs.encodeSeconds({ kind, width, height, crf, frames }, random);
      }, 0),
    );
    for (const total of replayed) expect(Math.abs(total / real - 1)).toBeLessThan(0.08);
    expect(replayed.reduce((sum, r) => sum + r, 0) / replayed.length / real).toBeCloseTo(1, 2);
  });

  test('grows with size and falls with crf', () => {
    const cost = (height: number, crf: number): number => {
      const random = seeded(4); // the same draw
      return costs.encodeSeconds({ kind: 0, width: (height * 16) / 9, height, crf, frames: 100 }, random);
    };
    expect(cost(1080, 30)).toBeGreaterThan(1.3 * cost(540, 30));
    expect(cost(1080, 20)).toBeGreaterThan(cost(1080, 40));
  });

  test('comes to the stages’ own figures', () => {
    const of = (stage: string): number =>
      measured.stages.filter((run) => run.stage === stage).reduce((sum, run) => sum + run.cpuSeconds, 0) *
      (1 + measured.ownShare);
    const { master, rungs, stages } = measured;
    for (const stage of ['ingest', 'inspect', 'chunk'] as const) {
      expect(costs.perFrame(stage) * master.frames).toBeCloseTo(of(stage), 9);
    }
    expect(costs.audioPerFrame().reduce((sum, s) => sum + s, 0) * master.frames).toBeCloseTo(of('audio'), 9);
    const pixels = rungs.reduce((sum, { width, height }) => sum + width * height, 0);
    expect(costs.verifyPerPixel() * pixels * master.frames).toBeCloseTo(of('verify'), 9);
    const joined = stages
      .filter(({ stage }) => stage === 'assemble')
      .reduce((sum, { bytes }) => sum + bytes, 0);
    expect(costs.perByte('assemble') * joined).toBeCloseTo(of('assemble'), 9);
  });
});
