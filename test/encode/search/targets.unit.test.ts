import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type FoundRung,
  type RungTarget,
  type SearchInput,
  type Speed,
  chooseLadder,
  missesOf,
  repairOf,
  wantedIn,
} from '../../../src/encode/search/index.js';
import { RESOLUTIONS, type SyntheticShot, inputOf, ladderOf, measure, search } from './synthetic.js';

const shot = fc.record({
  frames: fc.integer({ min: 1, max: 400 }),
  rate: fc.double({ min: 6, max: 15, noNaN: true }),
  half: fc.double({ min: 30, max: 55, noNaN: true }),
  detail: fc.double({ min: 0.1, max: 1.3, noNaN: true }),
});
const title = fc.array(shot, { minLength: 1, maxLength: 6 });
const speed = fc.constantFrom<Speed>('draft', 'default', 'thorough', 'exhaustive');
const allocate = fc.constantFrom<'shot' | 'title'>('shot', 'title');
const resolution = fc.option(fc.constantFrom(...RESOLUTIONS), { nil: undefined });
const target: fc.Arbitrary<RungTarget> = fc
  .tuple(
    resolution,
    fc.oneof(
      fc.record({ vmaf: fc.integer({ min: 20, max: 99 }) }),
      fc.record({
        bitrate: fc.double({ min: 10, max: 16, noNaN: true }).map((ln) => Math.round(Math.exp(ln))),
      }),
    ),
  )
  .map(([size, goal]) => ({ ...goal, ...(size ? { resolution: size } : {}) }));
const rungs = fc.array(target, { minLength: 1, maxLength: 5 });
const maxBitrate = fc.option(fc.integer({ min: 30_000, max: 8_000_000 }), { nil: undefined });

/** Shots as films have them: several, none far off, so that rungs can be met closely. */
const usual = fc.record({
  frames: fc.integer({ min: 50, max: 350 }),
  rate: fc.double({ min: 12.5, max: 14.5, noNaN: true }),
  half: fc.double({ min: 40, max: 48, noNaN: true }),
  detail: fc.double({ min: 0.4, max: 0.9, noNaN: true }),
});
const film = fc.array(usual, { minLength: 4, maxLength: 8 });

const secondsOf = (shots: readonly SyntheticShot[]): number =>
  shots.reduce((sum, { frames }) => sum + frames, 0) / 24;

function withCap(input: SearchInput, cap: number | undefined): SearchInput {
  return cap === undefined ? input : { ...input, ladder: { ...input.ladder, maxBitrate: cap } };
}

/** The fewest bits that the title can take at a size: all shots at the highest crf. */
function cheapest(
  shots: readonly SyntheticShot[],
  { height, width }: { height: number; width: number },
): number {
  return shots
    .map((_, index) => measure(shots, { shot: index, resolution: { width, height }, crf: 46 }).bits)
    .reduce((sum, bits) => sum + bits, 0);
}

/** What every ladder keeps, whatever was asked for. */
function checkLadder(input: SearchInput, ladder: readonly FoundRung[]): void {
  expect(ladder.length).toBeGreaterThan(0);
  ladder.forEach((rung, i) => {
    expect(input.resolutions).toContainEqual(rung.resolution);
    expect(rung.chosen.map((m) => m.shot)).toEqual(input.shots.map((s) => s.index));
    for (const chunk of rung.chosen) expect(chunk.resolution).toEqual(rung.resolution);
    expect(rung.bits).toBe(rung.chosen.reduce((sum, m) => sum + m.bits, 0));
    const above = ladder[i - 1];
    if (!above) return;
    expect(rung.bits).toBeLessThan(above.bits);
    expect(rung.vmaf).toBeLessThan(above.vmaf);
  });
}

/** Room for a busy machine: whole searches are simulated. */
const timeout = 120_000;

describe('every ladder', { timeout }, () => {
  test('rises strictly in bits and quality, is never empty, and keeps to the cap where any choice does', () => {
    fc.assert(
      fc.property(
        title,
        speed,
        allocate,
        maxBitrate,
        fc.option(rungs, { nil: undefined }),
        (shots, pace, mode, cap, asked) => {
          const base = inputOf(shots, { speed: pace, allocate: mode, ...(asked ? { rungs: asked } : {}) });
          const input = withCap(base, cap);
          const { ladder } = ladderOf(shots, input);
          checkLadder(input, ladder);
          for (const rung of ladder) {
            const ceiling = (cap ?? Infinity) * secondsOf(shots);
            if (rung.bits > ceiling) {
              const sizes = asked ? [rung.resolution] : RESOLUTIONS;
              for (const size of sizes) expect(cheapest(shots, size)).toBeGreaterThan(0.9 * ceiling);
            }
          }
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
  });
});

describe('rungs that are asked for', { timeout }, () => {
  test('a bit rate is a ceiling, and is used to a step of crf; a VMAF is reached, and exceeded by a step at most', () => {
    let rates = 0;
    let qualities = 0;
    fc.assert(
      fc.property(film, speed, target, (shots, pace, wish) => {
        const input = inputOf(shots, { speed: pace, rungs: [wish] });
        const { measured } = search(shots, input);
        const [rung] = chooseLadder(input, measured);
        const size = rung!.resolution;
        const best = (crf: number): { bits: number; vmaf: number } =>
          uniform(shots, wish.resolution ?? size, crf);
        if ('bitrate' in wish) {
          const budget = wish.bitrate * secondsOf(shots);
          if (best(46).bits > budget * 0.9) return;
          expect(rung!.bits).toBeLessThanOrEqual(budget);
          // Where floors or peaks decide, or a shot is at its best crf, bits may be left that nothing may take.
          if (best(14).bits < budget * 1.2 || rung!.vmaf < 40 || rung!.chosen.some(({ crf }) => crf < 15))
            return;
          rates++;
          expect(rung!.bits).toBeGreaterThan(budget * 0.92);
        } else {
          if (best(14).vmaf < wish.vmaf + 2) return;
          expect(rung!.vmaf).toBeGreaterThanOrEqual(wish.vmaf - 0.1);
          if (best(46).vmaf > wish.vmaf - 2) return;
          qualities++;
          // A step of half a crf is worth up to 2 VMAF where a title is one shot.
          expect(rung!.vmaf).toBeLessThan(wish.vmaf + 2);
        }
      }),
      { seed: 1, numRuns: 25, endOnFailure: true },
    );
    expect(rates).toBeGreaterThan(2);
    expect(qualities).toBeGreaterThan(2);
  });

  test('stand at the size that was asked for, in any order of asking', () => {
    fc.assert(
      fc.property(film, rungs, (shots, asked) => {
        const input = inputOf(shots, { rungs: asked });
        const { ladder } = ladderOf(shots, input);
        for (const { target: wish, resolution: size } of ladder) {
          expect(asked).toContain(wish);
          if (wish!.resolution) expect(size).toEqual(wish!.resolution);
        }
        const sums = (items: readonly FoundRung[]): number[][] => items.map(({ bits, vmaf }) => [bits, vmaf]);
        const reversed = { ...input, rungs: [...asked].reverse() };
        const again = chooseLadder(reversed, search(shots, reversed).measured);
        expect(sums(again)).toEqual(sums(chooseLadder(input, search(shots, input).measured)));
      }),
      { numRuns: 20, endOnFailure: true },
    );
  });

  test('cost about what the best single crf costs, or less', () => {
    fc.assert(
      fc.property(
        film,
        fc.constantFrom(...RESOLUTIONS),
        fc.integer({ min: 50, max: 90 }),
        (shots, size, vmaf) => {
          const input = inputOf(shots, { rungs: [{ resolution: size, vmaf }] });
          const [rung] = ladderOf(shots, input).ladder;
          const grid = Array.from({ length: 65 }, (_, i) => uniform(shots, size, 14 + i / 2));
          const same = grid.filter((point) => point.vmaf >= rung!.vmaf).at(-1);
          if (same && rung!.vmaf >= vmaf) expect(rung!.bits).toBeLessThan(same.bits * 1.02);
        },
      ),
      { seed: 1, numRuns: 20, endOnFailure: true },
    );
  });

  test('without a size take the cheapest', () => {
    const shots = fc.sample(film, { numRuns: 1, seed: 3 })[0]!;
    const bitsAt = (wish: RungTarget): number =>
      ladderOf(shots, inputOf(shots, { rungs: [wish] })).ladder[0]!.bits;
    const free = bitsAt({ vmaf: 60 });
    for (const size of RESOLUTIONS) {
      const [rung] = ladderOf(shots, inputOf(shots, { rungs: [{ resolution: size, vmaf: 60 }] })).ladder;
      if (rung!.vmaf >= 60) expect(free).toBeLessThan(rung!.bits * 1.03);
    }
  });

  test('that a cheaper one matches are left out', () => {
    const [shots] = fc.sample(film, { numRuns: 1, seed: 4 });
    const [large, , , , small] = RESOLUTIONS;
    const wishes: RungTarget[] = [
      { resolution: large!, vmaf: 45 },
      { resolution: large!, bitrate: 3_000_000 },
      { resolution: small!, vmaf: 53 },
      { resolution: large!, bitrate: 2_999_900 },
    ];
    const input = inputOf(shots!, { rungs: wishes });
    expect(ladderOf(shots!, input).ladder.map(({ target: wish }) => wish)).toEqual([wishes[1], wishes[2]]);
    const [alone] = ladderOf(shots!, { ...input, rungs: [wishes[0]!] }).ladder;
    const [better] = ladderOf(shots!, { ...input, rungs: [wishes[2]!] }).ladder;
    expect(alone!.bits).toBeGreaterThan(better!.bits);
    expect(alone!.vmaf).toBeLessThan(better!.vmaf);
  });

  test('take few encodes: what one rung needs, not what a ladder needs', () => {
    const shots = fc.sample(film, { numRuns: 20, seed: 5 });
    const encodes = shots.map((items) => {
      const input = inputOf(items, { rungs: [{ resolution: RESOLUTIONS[1]!, vmaf: 80 }] });
      return search(items, input).measured.length / items.length;
    });
    expect(encodes.reduce((sum, n) => sum + n, 0) / encodes.length).toBeLessThan(5);
  });

  test('ask for the same encodes whenever they have the same measurements, and end', () => {
    const [shots] = fc.sample(film, { numRuns: 1, seed: 6 });
    const input = inputOf(shots!, { rungs: [{ vmaf: 80 }, { bitrate: 900_000 }] });
    const { measured, rounds } = search(shots!, input);
    expect(rounds.length).toBeLessThanOrEqual(8);
    for (const wanted of rounds.slice(2)) expect(wanted).toBeGreaterThan(0);
    for (const round of rounds.keys())
      expect(wantedIn(round, input, [...measured])).toEqual(wantedIn(round, input, measured));
    expect(wantedIn(9, input, measured)).toBeUndefined();
  });
});

describe('a cap on segments', () => {
  test('makes a chunk above it a miss, and asks for a higher crf; what the plan ships stays below', () => {
    const [shots] = fc.sample(film, { numRuns: 1, seed: 7 });
    const free = inputOf(shots!);
    const { ladder, measured } = ladderOf(shots!, free);
    const highest = Math.max(...ladder[0]!.chosen.map(({ peakBitrate }) => peakBitrate));
    const height = ladder[0]!.resolution.height;
    const input = { ...free, peakCaps: [{ height, bitrate: 0.8 * highest }] };
    const [miss] = missesOf(input, ladder);
    expect(miss).toMatchObject({ rung: 0, kind: 'peak' });
    const chunk = ladder[0]!.chosen[miss!.position]!;
    expect(repairOf(input, ladder, measured, miss!)!.crf).toBeGreaterThan(chunk.crf);
    for (const rung of ladderOf(shots!, input).ladder) {
      if (rung.resolution.height !== height) continue;
      for (const { peakBitrate } of rung.chosen) expect(peakBitrate).toBeLessThanOrEqual(0.8 * highest);
    }
  });
});

/** Totals of the title at one size and crf. */
function uniform(
  shots: readonly SyntheticShot[],
  size: { width: number; height: number },
  crf: number,
): { bits: number; vmaf: number } {
  const points = shots.map((_, index) => measure(shots, { shot: index, resolution: size, crf }));
  const frames = shots.reduce((sum, s) => sum + s.frames, 0);
  return {
    bits: points.reduce((sum, p) => sum + p.bits, 0),
    vmaf: points.reduce((sum, p, s) => sum + p.vmaf * shots[s]!.frames, 0) / frames,
  };
}
