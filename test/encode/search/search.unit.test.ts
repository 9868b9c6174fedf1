import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { modelShot } from '../../../src/encode/search/model.js';
import { bdRate } from '../../../src/encode/curve/index.js';
import {
  type Measured,
  type Speed,
  type Wanted,
  chooseLadder,
  missesOf,
  repairOf,
  wantedIn,
  withRepairs,
} from '../../../src/encode/search/index.js';
import { ENLARGED } from './enlarged.js';
import { RESOLUTIONS, type SyntheticShot, inputOf, ladderOf, measure, search } from './synthetic.js';

const shot = fc.record({
  frames: fc.integer({ min: 1, max: 400 }),
  rate: fc.double({ min: 6, max: 15, noNaN: true }),
  half: fc.double({ min: 30, max: 55, noNaN: true }),
  detail: fc.double({ min: 0.1, max: 1.3, noNaN: true }),
});
const title = fc.array(shot, { minLength: 1, maxLength: 6 });

const ORDINARY: SyntheticShot[] = [
  { frames: 285, rate: 13.6, half: 43, detail: 0.6 },
  { frames: 93, rate: 13.8, half: 42, detail: 0.7 },
  { frames: 175, rate: 13.3, half: 45, detail: 0.5 },
  { frames: 167, rate: 13.9, half: 42.5, detail: 0.65 },
];

/** Totals of every crf at which all shots were measured at one size. */
function uniformOf(
  shots: readonly SyntheticShot[],
  measured: readonly Measured[],
  height: number,
): { bits: number; vmaf: number }[] {
  const here = measured.filter((m) => m.resolution.height === height);
  const frames = shots.reduce((sum, s) => sum + s.frames, 0);
  return [...new Set(here.map(({ crf }) => crf))].flatMap((crf) => {
    const same = here.filter((m) => m.crf === crf);
    const vmaf = same.reduce((sum, m) => sum + m.vmaf * shots[m.shot]!.frames, 0) / frames;
    return same.length === shots.length ? [{ bits: same.reduce((sum, m) => sum + m.bits, 0), vmaf }] : [];
  });
}

describe('the model of a shot', () => {
  test('passes through every point that was measured', () => {
    fc.assert(
      fc.property(
        shot,
        fc.uniqueArray(fc.integer({ min: 14, max: 46 }), { minLength: 1, maxLength: 4 }),
        (s, crfs) => {
          const points = crfs.map((crf, i) =>
            measure([s], { shot: 0, resolution: RESOLUTIONS[i % RESOLUTIONS.length]!, crf }),
          );
          const models = modelShot(inputOf([s]), points);
          for (const p of points) {
            const model = models[RESOLUTIONS.findIndex(({ height }) => height === p.resolution.height)]!;
            // As near as the noise that the model takes encodes to have.
            expect(Math.abs(Math.log(model.bits(p.crf) / p.bits))).toBeLessThan(0.02);
            // VMAF is clamped where the logistic has no value (0 and the ceiling).
            expect(Math.abs(model.vmaf(p.crf) - p.vmaf)).toBeLessThan(1.2);
          }
        },
      ),
    );
  });

  test('knows something before anything is measured', () => {
    const [full, , half] = modelShot(inputOf(ORDINARY), [
      measure(ORDINARY, { shot: 0, resolution: RESOLUTIONS[0]!, crf: 30 }),
    ]);
    expect(full!.vmaf(20)).toBeGreaterThan(full!.vmaf(30));
    expect(half!.bits(30)).toBeLessThan(full!.bits(30));
  });
});

/** A run plans a whole search: many of them on a busy machine. */
const timeout = 120_000;

describe('the ladder', { timeout }, () => {
  test('is never empty; bits fall by half a step at least and quality with them', () => {
    fc.assert(
      fc.property(
        title,
        fc.constantFrom('draft' as const, 'default' as const, 'thorough' as const),
        (shots, speed) => {
          const input = inputOf(shots, { speed });
          const { measured } = search(shots, input);
          const ladder = chooseLadder(input, measured);
          expect(ladder.length).toBeGreaterThan(0);
          ladder.forEach((rung, i) => {
            expect(rung.chosen.map((m) => m.shot)).toEqual(input.shots.map((s) => s.index));
            expect(new Set(rung.chosen.map((m) => m.resolution.height)).size).toBe(1);
            expect(rung.bits).toBe(rung.chosen.reduce((sum, m) => sum + m.bits, 0));
            const above = ladder[i - 1];
            if (!above) return;
            expect(rung.bits * Math.sqrt(input.ladder.stepRatio)).toBeLessThanOrEqual(above.bits);
            expect(rung.vmaf).toBeLessThan(above.vmaf);
          });
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('rungs lie as far apart as they should: hardly two share an encode or leave out one between them', () => {
    const usual = fc.record({
      frames: fc.integer({ min: 50, max: 350 }),
      rate: fc.double({ min: 12.5, max: 14.5, noNaN: true }),
      half: fc.double({ min: 40, max: 48, noNaN: true }),
      detail: fc.double({ min: 0.4, max: 0.9, noNaN: true }),
    });
    let shipped = 0;
    let shared = 0;
    let steps = 0;
    let wide = 0;
    for (const shots of fc.sample(fc.array(usual, { minLength: 4, maxLength: 4 }), {
      numRuns: 50,
      seed: 1,
    })) {
      const input = inputOf(shots);
      const ladder = chooseLadder(input, search(shots, input).measured);
      const chosen = ladder.flatMap((rung) => rung.chosen);
      shipped += chosen.length;
      shared += chosen.length - new Set(chosen).size;
      steps += ladder.length - 1;
      wide += ladder.filter((rung, i) => i > 0 && ladder[i - 1]!.vmaf - rung.vmaf > 15).length;
    }
    expect(shipped).toBeGreaterThan(1000);
    expect(shared / shipped).toBeLessThan(0.03);
    expect(wide / steps).toBeLessThan(0.03);
  });

  test('of ordinary content gets no larger downwards', () => {
    const input = inputOf(ORDINARY);
    const heights = chooseLadder(input, search(ORDINARY, input).measured).map(
      (rung) => rung.resolution.height,
    );
    expect(heights).toEqual(heights.toSorted((a, b) => b - a));
    expect(new Set(heights).size).toBeGreaterThan(2);
  });

  test('costs less than the best single crf for all shots, at equal quality', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    const frames = ORDINARY.reduce((sum, s) => sum + s.frames, 0);
    for (const rung of chooseLadder(input, measured)) {
      const uniform = RESOLUTIONS.flatMap((resolution) =>
        Array.from({ length: 321 }, (_, i) => 14 + i / 10).map((crf) => {
          const points = ORDINARY.map((_, index) => measure(ORDINARY, { shot: index, resolution, crf }));
          const quality = points.reduce((sum, p, s) => sum + p.vmaf * ORDINARY[s]!.frames, 0) / frames;
          return { bits: points.reduce((sum, p) => sum + p.bits, 0), quality };
        }),
      ).filter(({ quality }) => quality >= rung.vmaf);
      const cheapest = Math.min(...uniform.map(({ bits }) => bits));
      // Plans are measured within the search's tolerance, so a rung may miss its optimum by a little.
      expect(rung.bits).toBeLessThan(cheapest * 1.03);
    }
  });

  test('spends few encodes: at most three a shot and rung at the default speed', () => {
    const input = inputOf(ORDINARY);
    const { measured, rounds } = search(ORDINARY, input);
    const rungs = chooseLadder(input, measured).length;
    expect(rounds).toHaveLength(4);
    expect(measured.length).toBeLessThanOrEqual(ORDINARY.length * (2 + 2 * rungs));
    expect(new Set(measured.map((m) => `${m.shot} ${m.resolution.height} ${m.crf}`)).size).toBe(
      measured.length,
    );
  });

  test('keeps to a cap on the bit rate', () => {
    const base = inputOf(ORDINARY);
    const input = { ...base, ladder: { ...base.ladder, maxBitrate: 1_000_000 } };
    const { measured } = search(ORDINARY, input);
    const [top] = chooseLadder(input, measured);
    expect((top!.bits * 24) / 720).toBeLessThan(1_030_000);
  });

  test('asks for the same encodes whenever it has the same measurements', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    for (const round of [0, 1, 2, 3, 4]) {
      expect(wantedIn(round, input, [...measured])).toEqual(wantedIn(round, input, measured));
    }
    expect(wantedIn(4, input, measured)).toBeUndefined();
  });

  test.each([
    ['one colour throughout', { frames: 100, rate: -2, half: 200, detail: 0 }],
    ['pure noise', { frames: 100, rate: 18, half: 16, detail: 1.4 }],
    ['one frame', { frames: 1, rate: 13, half: 42, detail: 0.5 }],
  ])('%s still gives a ladder', (_, only) => {
    const input = inputOf([only]);
    const ladder = chooseLadder(input, search([only], input).measured);
    expect(ladder.length).toBeGreaterThanOrEqual(1);
  });

  test('an enlarged master gets no rung at full size, and pays at most a tenth more than it must', () => {
    const resolutions = Object.keys(ENLARGED)
      .map((height) => ({ width: 2 * Math.round((Number(height) * 8) / 9), height: Number(height) }))
      .sort((a, b) => b.height - a.height);
    /** Interpolated between the two nearest encodes: ln(bits) and VMAF are nearly straight over two crf. */
    const measured = (wanted: Wanted): Measured => {
      const at = Math.min((wanted.crf - 14) / 2, 15.999);
      const [left, right] = ENLARGED[wanted.resolution.height]!.slice(Math.floor(at), Math.floor(at) + 2);
      const t = at % 1;
      const bits = 1000 * left![0] ** (1 - t) * right![0] ** t;
      return { ...wanted, bits, vmaf: left![1] * (1 - t) + right![1] * t, peakBitrate: 2 * bits };
    };
    const input = inputOf([{ frames: 12, rate: 0, half: 0, detail: 0 }], {
      resolutions,
      referenceHeight: 720,
    });
    const points: Measured[] = [];
    for (let round = 0; ; round++) {
      const wanted = wantedIn(round, input, points);
      if (!wanted) break;
      points.push(...wanted.map(measured));
    }
    const all = resolutions.flatMap((resolution) =>
      Array.from({ length: 321 }, (_, i) => measured({ shot: 0, resolution, crf: 14 + i / 10 })),
    );
    const ladder = chooseLadder(input, points);
    expect(ladder[0]!.vmaf).toBeGreaterThan(94);
    for (const rung of ladder) {
      expect(rung.resolution.height).toBeLessThan(720);
      const cheapest = Math.min(...all.filter(({ vmaf }) => vmaf >= rung.vmaf).map(({ bits }) => bits));
      expect(rung.bits / cheapest).toBeLessThan(1.1);
    }
  });

  test('a master of one small size has one resolution and still several rungs', () => {
    const input = inputOf(ORDINARY, { resolutions: [RESOLUTIONS[5]!], referenceHeight: 234 });
    const atOwnSize = (wanted: Parameters<typeof measure>[1]): ReturnType<typeof measure> => ({
      ...measure(ORDINARY, { ...wanted, resolution: RESOLUTIONS[0]! }),
      ...wanted,
    });
    const measured: ReturnType<typeof measure>[] = [];
    for (let round = 0; ; round++) {
      const wanted = wantedIn(round, input, measured);
      if (!wanted) break;
      measured.push(...wanted.map(atOwnSize));
    }
    expect(chooseLadder(input, measured).length).toBeGreaterThan(3);
  });
});

describe('one crf for all shots', { timeout }, () => {
  const speeds = fc.constantFrom<Speed>('draft', 'default', 'thorough', 'exhaustive');

  test('every rung has one, and is the best measured of its bits at its size', () => {
    fc.assert(
      fc.property(title, speeds, (shots, speed) => {
        const input = inputOf(shots, { speed, allocate: 'title' });
        const { measured } = search(shots, input);
        const ladder = chooseLadder(input, measured);
        expect(ladder.length).toBeGreaterThan(0);
        for (const rung of ladder) {
          expect(new Set(rung.chosen.map(({ crf }) => crf)).size).toBe(1);
          for (const other of uniformOf(shots, measured, rung.resolution.height)) {
            if (other.bits <= rung.bits) expect(other.vmaf).toBeLessThanOrEqual(rung.vmaf + 1e-9);
          }
        }
        for (const miss of missesOf(input, ladder)) {
          expect(repairOf(input, ladder, measured, miss)).toBeUndefined();
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('also where alike shots had no seeds of their own', () => {
    const cap = fc.option(fc.integer({ min: 100_000, max: 4_000_000 }), { nil: undefined });
    fc.assert(
      fc.property(title, speeds, cap, fc.boolean(), (shots, speed, maxBitrate, asked) => {
        const base = inputOf(shots, { speed, allocate: 'title' });
        const input = {
          ...base,
          shots: base.shots.map((s) => ({ ...s, complexity: { spatial: 40, temporal: 5 } })),
          ladder: { ...base.ladder, ...(maxBitrate === undefined ? {} : { maxBitrate }) },
          ...(asked ? { rungs: [{ vmaf: 80 }, { bitrate: 800_000 }] } : {}),
        };
        const { measured } = search(shots, input);
        const ladder = chooseLadder(input, measured);
        expect(ladder.length).toBeGreaterThan(0);
        for (const { chosen } of ladder) expect(new Set(chosen.map(({ crf }) => crf)).size).toBe(1);
        const points = measured.map((m) => `${m.shot} ${m.resolution.height} ${m.crf}`);
        expect(new Set(points).size).toBe(points.length);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('on a whole grid no rung is beaten by any size and crf, and the top one is the cheapest of its quality', () => {
    const input = inputOf(ORDINARY, { speed: 'exhaustive', allocate: 'title' });
    const { measured } = search(ORDINARY, input);
    const all = RESOLUTIONS.flatMap(({ height }) => uniformOf(ORDINARY, measured, height));
    const ladder = chooseLadder(input, measured);
    expect(all).toHaveLength(RESOLUTIONS.length * 17);
    expect(ladder.length).toBeGreaterThan(5);
    for (const rung of ladder) {
      const better = all.filter(({ bits, vmaf }) => bits <= rung.bits && vmaf > rung.vmaf + 1e-9);
      expect(better).toEqual([]);
    }
    const reaching = all.filter(({ vmaf }) => vmaf >= input.ladder.topVmaf);
    expect(ladder[0]!.bits).toBe(Math.min(...reaching.map(({ bits }) => bits)));
  });

  test('costs more than one slope for all shots where they differ', () => {
    const shots = ORDINARY.map((s, i) => ({ ...s, half: s.half + [6, -5, 3, -4][i]! }));
    const ladderOf = (allocate: 'shot' | 'title'): { rate: number; quality: number }[] => {
      const input = inputOf(shots, { speed: 'exhaustive', allocate });
      return chooseLadder(input, search(shots, input).measured).map(({ bits, vmaf }) => ({
        rate: bits,
        quality: vmaf,
      }));
    };
    expect(bdRate(ladderOf('shot'), ladderOf('title'))).toBeGreaterThan(2);
  });
});

describe('repair', () => {
  test('a chunk far below its rung is asked for once more at a lower crf, and counts when it comes', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    const ladder = chooseLadder(input, measured).slice(0, 1);
    expect(missesOf(input, ladder)).toEqual([]);
    const worse = ladder.map((rung) => ({
      ...rung,
      chosen: rung.chosen.map((m, s) => (s === 1 ? { ...m, vmaf: rung.vmaf - 16 } : m)),
    }));
    const [miss, ...others] = missesOf(input, worse);
    expect(others).toEqual([]);
    expect(miss).toEqual({ rung: 0, position: 1, kind: 'floor' });
    const low = worse[0]!.chosen[1]!;
    const want = repairOf(input, worse, [...measured.filter((m) => m.shot !== 1), low], miss!)!;
    expect(want.crf).toBeLessThan(low.crf);
    const better = { ...low, crf: want.crf, bits: low.bits * 2, vmaf: low.vmaf + 10 };
    const [fixed] = withRepairs(input, worse, [{ miss: miss!, measured: better }]);
    expect(fixed!.bits).toBe(worse[0]!.bits + low.bits);
    expect(missesOf(input, [fixed!])).toEqual([]);
  });

  test('a floor that only a higher peak would reach is approached as far as the peak allows', () => {
    // Three plain shots, and noise that costs ten times their bits.
    const shots = [...ORDINARY.slice(0, 3), { frames: 72, rate: 15.5, half: 34, detail: 1 }];
    const input = inputOf(shots);
    const { ladder } = ladderOf(shots, input);
    const seconds = shots.reduce((sum, { frames }) => sum + frames, 0) / 24;
    const missed = missesOf(input, ladder).filter(({ kind }) => kind === 'floor');
    expect(missed.length).toBeGreaterThan(0);
    for (const { rung } of missed) {
      const { bits, chosen } = ladder[rung]!;
      const noise = chosen[3]!;
      const ratio = noise.peakBitrate / (bits / seconds);
      expect(ratio).toBeGreaterThan(1.8);
      // Above twice the average only where nothing is smaller.
      if (noise.crf < input.crf.max) expect(ratio).toBeLessThanOrEqual(2);
    }
  });

  test('a floor that the size cannot reach is not paid for', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    const rung = chooseLadder(input, measured)[1]!;
    const { resolution } = rung.chosen[1]!;
    // A shot of which scaling leaves VMAF 30, whatever is spent on it.
    const flat = [14, 22, 30, 38].map((crf): Measured => {
      const bits = 4e6 * Math.exp(-0.13 * crf);
      return { shot: 1, resolution, crf, bits, vmaf: 30 - crf / 20, peakBitrate: (bits * 24) / 93 };
    });
    const broken = [{ ...rung, chosen: rung.chosen.with(1, flat[2]!) }];
    const [miss] = missesOf(input, broken);
    expect(miss).toEqual({ rung: 0, position: 1, kind: 'floor' });
    expect(repairOf(input, broken, flat, miss!)).toBeUndefined();
  });

  test('a chunk beyond both promises is lowered, and named twice', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    const [rung] = chooseLadder(input, measured);
    const average = (rung!.bits * 24) / 720;
    const bad = { ...rung!.chosen[3]!, peakBitrate: 2.4 * average, vmaf: rung!.vmaf - 16 };
    const broken = [{ ...rung!, chosen: rung!.chosen.with(3, bad) }];
    const misses = missesOf(input, broken);
    expect(misses.map(({ kind }) => kind)).toEqual(['peak', 'floor']);
    const others = measured.filter((m) => m.shot !== 3);
    const [peak, floor] = misses.map((miss) => repairOf(input, broken, [...others, bad], miss));
    expect(peak!.crf).toBeGreaterThan(bad.crf);
    expect(floor).toBeUndefined();
  });

  test('a segment above twice the average asks for a higher crf', () => {
    const input = inputOf(ORDINARY);
    const { measured } = search(ORDINARY, input);
    const ladder = chooseLadder(input, measured);
    const average = (ladder[0]!.bits * 24) / 720;
    const high = { ...ladder[0]!.chosen[3]!, peakBitrate: 2.4 * average };
    const peaky = [{ ...ladder[0]!, chosen: [...ladder[0]!.chosen.slice(0, 3), high] }];
    const [miss] = missesOf(input, peaky);
    expect(miss).toEqual({ rung: 0, position: 3, kind: 'peak' });
    const others = measured.filter((m) => m.shot !== 3);
    expect(repairOf(input, peaky, [...others, high], miss!)!.crf).toBeGreaterThan(high.crf);
  });
});
