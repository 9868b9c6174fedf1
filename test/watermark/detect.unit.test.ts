import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variantSequence } from '../../src/watermark/code/index.js';
import { align } from '../../src/watermark/detect/align.js';
import { decide } from '../../src/watermark/detect/decide.js';
import { type Evidence, evidenceOf } from '../../src/watermark/detect/evidence.js';
import { pairsOf, segmentCells } from '../../src/watermark/detect/segments.js';
import { signaturesOf } from '../../src/watermark/detect/signature.js';
import { CELLS, type Cells, decoyOf, deriveKeys, patternOf } from '../../src/watermark/mark/index.js';

/** Deterministic normal numbers (Box and Muller over a linear congruential generator). */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

const KEYS = deriveKeys(Buffer.alloc(32, 5), 'title');
const DECOYS = Array.from({ length: 64 }, (_, i) => decoyOf(KEYS.pattern, i));

describe('patterns', () => {
  it('are ±1 in equal numbers, of the key and the segment alone, and unlike one another', () => {
    const pattern = patternOf(KEYS.pattern, 7);
    expect(pattern).toHaveLength(CELLS);
    expect(pattern.reduce((sum, cell) => sum + cell, 0)).toBe(0);
    expect(new Set(pattern)).toEqual(new Set([-1, 1]));
    expect(patternOf(KEYS.pattern, 7)).toEqual(pattern);
    const others = [
      patternOf(KEYS.pattern, 8),
      patternOf(deriveKeys(Buffer.alloc(32, 5), 'other').pattern, 7),
    ];
    for (const other of others) {
      const product = other.reduce((sum, cell, i) => sum + cell * pattern[i]!, 0);
      expect(Math.abs(product)).toBeLessThan(5 * Math.sqrt(CELLS));
    }
  });
});

describe('evidenceOf', () => {
  const random = normals(1);
  const cells = (make: (i: number) => number): Cells =>
    Float32Array.from({ length: CELLS }, (_, i) => make(i));
  const host = cells(() => 20_000 + 6000 * random());
  const pattern = patternOf(KEYS.pattern, 0);
  const [a, b] = [cells((i) => host[i]! + 200 * pattern[i]!), cells((i) => host[i]! - 200 * pattern[i]!)];

  it.each([
    ['a', 1],
    ['b', -1],
    ['half of a', 0.5],
    ['neither', 0],
  ])('measures %s, whatever brightness, contrast and noise the copy has', (_, left) => {
    const copy = cells((i) => 3000 + 0.8 * (host[i]! + 200 * left * pattern[i]!) + 40 * random());
    const { value, deviation } = evidenceOf({ segment: 0, copy, a, b }, pattern, DECOYS)!;
    expect(Math.abs(value - left)).toBeLessThan(5 * deviation);
    // 40 / (0.8 · 200) a cell, over 144 cells.
    expect(deviation).toBeGreaterThan(0.015);
    expect(deviation).toBeLessThan(0.03);
  });

  it('says nothing of patterns of another key, nor of black', () => {
    expect(evidenceOf({ segment: 0, copy: a, a, b }, patternOf(KEYS.pattern, 1), DECOYS)).toBeUndefined();
    const black = cells(() => 4096);
    expect(evidenceOf({ segment: 0, copy: black, a: black, b: black }, pattern, DECOYS)).toBeUndefined();
  });
});

describe('decide', () => {
  const evidenceFor = (
    session: number,
    {
      bits,
      count,
      first,
      left,
      deviation,
      seed,
    }: Record<'count' | 'first' | 'left' | 'deviation' | 'seed', number> & {
      bits: 16 | 24 | 32;
    },
  ): Evidence[] => {
    const random = normals(seed);
    const sequence = variantSequence({ key: KEYS.sequence, bits }, session, first + count);
    return sequence.slice(first).map((variant, i) => ({
      segment: first + i,
      value: (variant === 'a' ? left : -left) + deviation * random(),
      deviation,
    }));
  };

  it('finds the session from anywhere in the title', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16, 24, 32),
        fc.integer({ min: 1, max: 65_535 }),
        fc.nat(1000),
        fc.nat(),
        (bits, session, first, seed) => {
          const evidence = evidenceFor(session, { bits, count: 60, first, left: 0.5, deviation: 0.15, seed });
          expect(decide(evidence, { key: KEYS.sequence, bits }, 1)).toMatchObject({
            found: 'session',
            session,
          });
        },
      ),
      { numRuns: 30 },
    );
  });

  it('finds nothing where there is nothing, never the wrong session where there is little', () => {
    const code = { key: KEYS.sequence, bits: 32 } as const;
    for (let seed = 1; seed <= 300; seed++) {
      const none = evidenceFor(99, { bits: 32, count: 60, first: 0, left: 0, deviation: 0.15, seed });
      expect(decide(none, code, 4).found).toBe('none');
    }
    for (let seed = 1; seed <= 40; seed++) {
      const little = evidenceFor(99, { bits: 32, count: 60, first: 0, left: 0.2, deviation: 0.15, seed });
      const { found, session } = decide(little, code, 1);
      if (found === 'session') expect(session).toBe(99);
      else expect(['marked', 'none']).toContain(found);
    }
  });

  it('says that too short a copy is marked, and of an unsequenced one that it is the title', () => {
    const short = evidenceFor(99, { bits: 32, count: 20, first: 5, left: 0.8, deviation: 0.1, seed: 3 });
    expect(decide(short, { key: KEYS.sequence, bits: 32 }, 1)).toMatchObject({ found: 'marked' });
    const title = evidenceFor(0, { bits: 32, count: 60, first: 5, left: 0.8, deviation: 0.1, seed: 3 });
    expect(decide(title, { key: KEYS.sequence, bits: 32 }, 1)).toMatchObject({ found: 'title', errors: 0 });
  });
});

/** Frames of pictures that drift and change at cuts. */
function video(frames: number, seed: number): { frames: number; values: Uint16Array } {
  const random = normals(seed);
  const values = new Uint16Array(frames * CELLS);
  const picture = Float32Array.from({ length: CELLS }, () => 0);
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < CELLS; i++) {
      picture[i] = frame % 40 === 0 ? 30_000 + 6000 * random() : picture[i]! + 900 * random();
      values[frame * CELLS + i] = Math.max(0, Math.min(65_535, picture[i]!));
    }
  }
  return { frames, values };
}

describe('align', () => {
  const whole = video(400, 11);
  const title = signaturesOf(whole);
  const shown = (frames: readonly number[]): { frames: number; values: Uint16Array } => ({
    frames: frames.length,
    values: Uint16Array.from(frames.flatMap((f) => [...whole.values.subarray(f * CELLS, (f + 1) * CELLS)])),
  });

  it.each([0, 1, 77, 240])('finds a copy that begins at frame %i', (start) => {
    const copy = shown(Array.from({ length: 150 }, (_, i) => start + i));
    const [best, ...more] = align(title, signaturesOf(copy));
    expect(best).toMatchObject({ speed: 1, offset: start });
    expect(best!.score).toBeCloseTo(1, 5);
    expect(more).toEqual([]);
  });

  it('finds one that runs from 24 at 25 frames a second, and one with frames before the title', () => {
    const fast = shown(Array.from({ length: 150 }, (_, i) => 60 + Math.round((25 * i) / 24)));
    expect(align(title, signaturesOf(fast))[0]).toMatchObject({ speed: 25 / 24, offset: 60 });
    const other = video(40, 99);
    const own = shown(Array.from({ length: 120 }, (_, i) => i));
    const both = { frames: 160, values: Uint16Array.from([...other.values, ...own.values]) };
    expect(align(title, signaturesOf(both))[0]).toMatchObject({ speed: 1, offset: -40 });
  });

  it('finds nothing of another video, nor of a black one, and all places of a title that repeats itself', () => {
    expect(align(title, signaturesOf(video(150, 12)))).toEqual([]);
    expect(align(title, signaturesOf({ frames: 50, values: new Uint16Array(50 * CELLS) }))).toEqual([]);
    const twice = signaturesOf({ frames: 800, values: Uint16Array.from([...whole.values, ...whole.values]) });
    const copy = signaturesOf(shown(Array.from({ length: 100 }, (_, i) => 30 + i)));
    expect(align(twice, copy).map(({ offset }) => offset)).toEqual(expect.arrayContaining([30, 430]));
  });

  it('takes the frames of a segment, also where the copy left some out', () => {
    const at = { speed: 1, offset: 30, score: 1 };
    expect(pairsOf(100, at, 40, 44, 0)).toEqual([
      [10, 40],
      [11, 41],
      [12, 42],
      [13, 43],
    ]);
    const late = shown(Array.from({ length: 100 }, (_, i) => 32 + i));
    const both = { start: 0, a: whole, b: whole };
    const cells = segmentCells(late, at, both, { segment: 3, from: 60, to: 90 })!;
    expect(cells.copy).toEqual(cells.a);
    expect(segmentCells(late, at, both, { segment: 3, from: 300, to: 330 })).toBeUndefined();
  });
});
