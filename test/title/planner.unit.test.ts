import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { type FilmShot, filmInput, filmProbe, generatedFilm } from '../../bench/film.js';
import type * as encode from '../../src/encode/index.js';
import type { Measured, SearchInput } from '../../src/encode/index.js';
import type { Choice } from '../../src/title/planner.js';

vi.mock('../../src/encode/index.js', async (original) => {
  const real = await original<typeof encode>();
  return {
    ...real,
    wantedIn: vi.fn(real.wantedIn),
    chooseLadder: vi.fn(real.chooseLadder),
    repairsOf: vi.fn(real.repairsOf),
  };
});
// Unit tests share their modules: these are loaded anew for this file, and again for the next.
vi.resetModules();
const { chooseLadder, repairsOf, wantedIn } = await import('../../src/encode/index.js');
const { Planner } = await import('../../src/title/planner.js');
afterEach(() => vi.clearAllMocks());
afterAll(() => {
  vi.doUnmock('../../src/encode/index.js');
  vi.resetModules();
});

interface Planned {
  choice: Choice<Measured>;
  measured: Measured[];
}

/** A search as a run of the flow does it; what was measured is measured anew each time, so no object is the same. */
function plan(film: readonly FilmShot[], input: SearchInput): Planned {
  const planner = new Planner(input);
  const measured: Measured[] = [];
  for (let round = 0; ; round++) {
    const wanted = planner.wanted(round);
    if (!wanted) return { choice: planner.choice(), measured };
    const more = wanted.map((want) => filmProbe(input, film, want));
    planner.learn(more);
    measured.push(...more);
  }
}

const ladder = { ...filmInput([]).ladder, peakRatio: 1.4, floorDrop: 6, maxBitrate: 4_000_000 };
const CASES: [string, Partial<SearchInput>][] = [
  ['a ladder by quality', {}],
  ['rungs that were asked for', { rungs: [{ vmaf: 92 }, { bitrate: 2_000_000 }] }],
  ['a ladder below a bit rate', { ladder }],
];

describe.each(CASES)('planning %s', (_name, overrides) => {
  const film = generatedFilm(8, 4);
  const input = (): SearchInput => filmInput(film, structuredClone(overrides));

  test('is the search itself, and is done once however often the flow begins anew', () => {
    const first = plan(film, input());
    const rounds = vi.mocked(wantedIn).mock.calls.length;
    expect(rounds).toBeGreaterThan(2);

    const again = plan(film, input());
    expect(vi.mocked(wantedIn).mock.calls.length).toBe(rounds);
    expect(vi.mocked(chooseLadder).mock.calls.length).toBe(1);
    expect(again.choice).toEqual(first.choice);

    const own = input();
    const found = chooseLadder(own, again.measured);
    expect(again.choice.rungs).toEqual(found);
    expect(again.choice.tries).toEqual(repairsOf(own, found, again.measured));
    // What ships are the probes of this run, not those of the one that was remembered.
    for (const { chosen } of again.choice.rungs) {
      for (const probe of chosen) expect(again.measured.includes(probe)).toBe(true);
    }
  });

  test('targets are those of this run’s input', () => {
    const own = input();
    for (const { target } of plan(film, own).choice.rungs) {
      if (target) expect(own.rungs!.includes(target)).toBe(true);
    }
  });

  test('is done again where anything else was measured, or asked for', () => {
    plan(film, input());
    const before = vi.mocked(wantedIn).mock.calls.length;
    plan(film, { ...input(), referenceHeight: 1081 });
    const other = vi.mocked(wantedIn).mock.calls.length;
    expect(other).toBeGreaterThan(before);
    const louder = film.map((shot, i) => (i === 3 ? { ...shot, rate: shot.rate + 0.01 } : shot));
    plan(louder, input());
    expect(vi.mocked(wantedIn).mock.calls.length).toBeGreaterThan(other);
  });
});
