import { describe, expect, test } from 'vitest';
import { type Codec, bdRate, chooseLadder, profileOf, wantedIn } from '../../../src/encode/index.js';
import { crfDistance, fromX264, priorRate, toX264 } from '../../../src/encode/search/prior.js';
import type { Measured, SearchInput, Speed } from '../../../src/encode/search/index.js';
import { GRID_FRAMES, GRID_RESOLUTIONS, type GridCodec, gridPoint } from './grids.js';
import { inputOf } from './synthetic.js';

const CODECS: Codec[] = ['h264', 'hevc', 'av1', 'vp9'];

describe.each(CODECS)('the scale of %s', (codec) => {
  const { min, max, step } = profileOf(codec).crf;
  const values = Array.from({ length: (max - min) / step + 1 }, (_, i) => min + i * step);

  test('rises, and there and back is the same', () => {
    for (const crf of values) {
      expect(fromX264(codec, toX264(codec, crf))).toBeCloseTo(crf, 9);
      expect(toX264(codec, crf + step)).toBeGreaterThan(toX264(codec, crf));
    }
  });

  test('a step of crf is at most one of x264, and bits fall by less than 20% in it', () => {
    for (const crf of values.slice(1)) {
      expect(crfDistance(codec, crf - step, crf)).toBeLessThanOrEqual(1);
      const ratio = priorRate(codec, 1, crf - step) - priorRate(codec, 1, crf);
      expect(ratio).toBeGreaterThan(0);
      expect(ratio).toBeLessThan(0.2);
    }
  });

  test('the first round of every speed asks for values that the codec has', () => {
    for (const speed of ['draft', 'default', 'exhaustive'] as const) {
      const input = { ...inputOf([{ frames: 96, rate: 14, half: 40, detail: 1 }]), codec, speed };
      const wanted = wantedIn(0, { ...input, crf: profileOf(codec).crf }, [])!;
      expect(wanted.every(({ crf }) => values.includes(crf))).toBe(true);
    }
  });
});

test('x264 is its own scale, exactly', () => {
  for (const crf of [14, 18.5, 29, 45.5]) expect(toX264('h264', crf)).toBe(crf);
});

/** The search against a grid that was measured. */
function searched(
  codec: GridCodec,
  speed: Speed,
): { points: { rate: number; quality: number }[]; encodes: number } {
  const input: SearchInput = {
    ...inputOf([{ frames: GRID_FRAMES, rate: 0, half: 0, detail: 0 }]),
    ...{ codec, speed, crf: profileOf(codec).crf, resolutions: GRID_RESOLUTIONS, referenceHeight: 720 },
  };
  const measured: Measured[] = [];
  for (let round = 0; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (!wanted) break;
    measured.push(...wanted.map((want) => gridPoint(codec, want)));
  }
  const points = chooseLadder(input, measured).map(({ bits, vmaf }) => ({ rate: bits, quality: vmaf }));
  return { points, encodes: measured.length };
}

test.each(['hevc', 'av1'] as const)(
  'on a real shot in %s the default search comes within 3%% of the whole grid for a quarter of its encodes',
  (codec) => {
    const grid = searched(codec, 'exhaustive');
    const found = searched(codec, 'default');
    expect(bdRate(grid.points, found.points)).toBeLessThan(3);
    expect(found.encodes).toBeLessThan(grid.encodes / 4);
  },
);
