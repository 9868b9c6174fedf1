import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { filmInput, filmProbe, generatedFilm } from '../../../bench/film.js';
import {
  type Measured,
  type SearchInput,
  chooseLadder,
  missesOf,
  profileOf,
  properLadder,
  repairOf,
  repairsOf,
  wantedIn,
  withRepairs,
} from '../../../src/encode/index.js';
import { GrowingModels, modelShots } from '../../../src/encode/search/model.js';
import { lendersOf } from '../../../src/encode/search/similar.js';

const { ladder } = filmInput([]);
const half = { width: 960, height: 540 };

/**
 * Digests of whole plans, as the search made them before it was made faster: what to encode in every round, the repairs,
 * and which encodes ship. What only makes planning cheaper changes none of them; what is meant to change plans, does.
 */
const PLANS: [name: string, shots: number, overrides: Partial<SearchInput>, digest: string][] = [
  ['at default speed', 24, {}, '1e6b56c0e58cff23'],
  ['of a longer film', 60, {}, '454af8ada89dae9c'],
  ['as a draft', 24, { speed: 'draft' }, 'cebcdf22a78930f7'],
  ['thorough', 16, { speed: 'thorough' }, '012a68abed9c7197'],
  ['of HEVC', 16, { codec: 'hevc', crf: profileOf('hevc').crf }, '426801fedfd502ef'],
  ['of AV1', 16, { codec: 'av1', crf: profileOf('av1').crf }, 'e55a02beed39bdc6'],
  ['with one crf for all shots', 12, { allocate: 'title' }, '7d0bdec6adf20edc'],
  [
    'for rungs',
    12,
    { rungs: [{ vmaf: 93 }, { bitrate: 2e6 }, { vmaf: 70, resolution: half }] },
    '47990860a3f8dd81',
  ],
  [
    'below a bit rate',
    16,
    { ladder: { ...ladder, peakRatio: 1.5, floorDrop: 6, maxBitrate: 2.5e6 } },
    '50fab34a52a47935',
  ],
  ['of one shot', 1, {}, '6a6c85c402e9d9ab'],
];

function planned(shots: number, overrides: Partial<SearchInput>): { text: string; misses: number } {
  const film = generatedFilm(shots, shots);
  const input = filmInput(film, overrides);
  const measured: Measured[] = [];
  const rounds: unknown[] = [];
  for (let round = 0; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (!wanted) break;
    rounds.push(wanted.map(({ shot, resolution, crf }) => [shot, resolution.height, crf]));
    measured.push(...wanted.map((want) => filmProbe(input, film, want)));
  }
  const found = chooseLadder(input, measured);
  const repairs = repairsOf(input, found, measured);
  const oneByOne = missesOf(input, found).flatMap((miss) => {
    const want = repairOf(input, found, measured, miss);
    return want ? [{ miss, want }] : [];
  });
  expect(repairs).toEqual(oneByOne);
  const rungs = properLadder(
    withRepairs(
      input,
      found,
      repairs.map(({ miss, want }) => ({ miss, measured: filmProbe(input, film, want) })),
    ),
  );
  const ships = rungs.map(({ resolution, chosen }) => [resolution.height, chosen.map(({ crf }) => crf)]);
  const misses = repairs.map(({ miss, want }) => [miss, want.shot, want.crf]);
  return { text: JSON.stringify([rounds, misses, ships]), misses: misses.length };
}

describe('plans are what they were', { timeout: 60_000 }, () => {
  test.each(PLANS)('%s', (_name, shots, overrides, digest) => {
    const { text } = planned(shots, overrides);
    expect(createHash('sha256').update(text).digest('hex').slice(0, 16)).toBe(digest);
  });

  test('some of these have repairs', () => {
    expect(planned(...(PLANS[8]!.slice(1, 3) as [number, Partial<SearchInput>])).misses).toBeGreaterThan(5);
  });
});

test('models that grow are those that are made of everything at once', () => {
  const film = generatedFilm(12, 3);
  const input = filmInput(film);
  expect(new Set(lendersOf(input)).size).toBeLessThan(12); // some learn from others
  const probe = (shot: number, r: number, crf: number): Measured =>
    filmProbe(input, film, { shot, resolution: input.resolutions[r]!, crf });
  const first = film.map((_, shot) => probe(shot, shot % 2, 28));
  const more = [probe(0, 2, 33), probe(5, 3, 24.5), probe(5, 0, 40)];
  const growing = new GrowingModels(input, first);
  const before = growing.models;
  growing.add(more);
  const values = (models: typeof before): number[] =>
    models.flatMap((sizes) =>
      sizes.flatMap(({ bits, vmaf, spread, peakFactor }) => [
        ...[20, 31.5].flatMap((crf) => [bits(crf), vmaf(crf), spread(crf)]),
        peakFactor,
      ]),
    );
  expect(values(growing.models)).toEqual(values(modelShots(input, [...first, ...more])));
  expect(values(before)).toEqual(values(modelShots(input, first)));
});
