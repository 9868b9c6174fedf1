import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODES, SESSION_BITS, WORD_BITS, valueOf, wordOf } from '../../src/watermark/code/code.js';
import { decodeWord } from '../../src/watermark/code/decode.js';
import { bchGenerator } from '../../src/watermark/code/field.js';
import { scramble, unscramble } from '../../src/watermark/code/scramble.js';
import { checkSession, sessionOf, variantSequence } from '../../src/watermark/code/sequence.js';

const bitsArbitrary = fc.constantFrom(...SESSION_BITS);
const sessionArbitrary = bitsArbitrary.chain((bits) =>
  fc.record({ bits: fc.constant(bits), session: fc.integer({ min: 1, max: 2 ** bits - 1 }) }),
);
const keyArbitrary = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

describe('the BCH codes', () => {
  it.each([
    // Octal, as tables of BCH codes of length 63 give them (Lin & Costello, appendix C).
    [1, '103'],
    [2, '12471'],
    [5, '1033500423'],
    [7, '17323260404441'],
    [11, '6331141367235453'],
  ])('for %i errors has the generator of the tables', (errors, octal) => {
    const bits = bchGenerator(errors).toReversed().join('');
    expect(BigInt(`0b${bits}`).toString(8)).toBe(octal);
  });

  it.each(SESSION_BITS)('of %i bits has words at least 2·errors + 1 apart', (bits) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** bits - 1 }), (value) => {
        const weight = wordOf(value, bits).reduce((sum, bit) => sum + bit, 0);
        expect(weight).toBeGreaterThanOrEqual(2 * CODES[bits].errors + 1);
      }),
    );
  });

  it('carries a value', () => {
    fc.assert(
      fc.property(sessionArbitrary, ({ bits, session }) => {
        expect(valueOf(wordOf(session, bits), bits)).toBe(session);
        expect(wordOf(session, bits)).toHaveLength(WORD_BITS);
      }),
    );
  });
});

describe('decodeWord', () => {
  const places = fc.shuffledSubarray(
    Array.from({ length: WORD_BITS }, (_, i) => i),
    { minLength: WORD_BITS },
  );

  it('corrects e errors and m missing positions where 2e + m is at most twice what is promised', () => {
    fc.assert(
      fc.property(sessionArbitrary, places, fc.nat(), ({ bits, session }, order, seed) => {
        const { errors } = CODES[bits];
        const wrong = seed % (errors + 1);
        const missing = 2 * (errors - wrong);
        const word = wordOf(session, bits);
        const ratios = Array.from(word, (bit): number => (bit === 0 ? 4 : -4));
        for (const i of order.slice(0, wrong)) ratios[i]! *= -1;
        for (const i of order.slice(wrong, wrong + missing)) ratios[i] = 0;
        const decoded = decodeWord(ratios, bits)!;
        expect(decoded.word).toEqual(word);
        expect(decoded.doubt).toBeLessThan(0.5);
      }),
      { numRuns: 20 },
    );
  });

  it('corrects more where the wrong ones are the unsure ones', () => {
    fc.assert(
      fc.property(sessionArbitrary, places, ({ bits, session }, order) => {
        const word = wordOf(session, bits);
        const ratios = Array.from(word, (bit) => (bit === 0 ? 8 : -8));
        for (const i of order.slice(0, CODES[bits].errors + 4)) ratios[i]! *= -0.05;
        expect(decodeWord(ratios, bits)!.word).toEqual(word);
      }),
      { numRuns: 20 },
    );
  });

  it('says nothing where too little is known, and is in doubt where two words are as likely', () => {
    const word = wordOf(77, 24);
    const known = (count: number): number[] =>
      Array.from(word, (bit, i) => (i >= count ? 0 : bit === 0 ? 4 : -4));
    expect(decodeWord(known(23), 24)).toBeUndefined();
    expect(decodeWord(known(24), 24)!.word).toEqual(word);
    const other = wordOf(78, 24);
    const between = Array.from(word, (bit, i) => (bit !== other[i] ? 0 : bit === 0 ? 4 : -4));
    expect(decodeWord(between, 24)?.doubt ?? 1).toBeGreaterThanOrEqual(0.5 - 1e-9);
  });
});

describe('sessions', () => {
  it('are scrambled and found again, all but 0', () => {
    fc.assert(
      fc.property(keyArbitrary, sessionArbitrary, (key, { bits, session }) => {
        const value = scramble(key, bits, session);
        expect(value).toBeGreaterThan(0);
        expect(value).toBeLessThan(2 ** bits);
        expect(unscramble(key, bits, value)).toBe(session);
      }),
      { numRuns: 50 },
    );
    expect(scramble(Buffer.alloc(32), 16, 0)).toBe(0);
  });

  it('have sequences that repeat, depend on the key, and give the session back', () => {
    const code = { key: Buffer.alloc(32, 1), bits: 32 } as const;
    const sequence = variantSequence(code, 123456, 150);
    expect(sequence.slice(0, 87)).toEqual(sequence.slice(63));
    expect(variantSequence({ ...code, key: Buffer.alloc(32, 2) }, 123456, 63)).not.toEqual(
      sequence.slice(0, 63),
    );
    expect(new Set(variantSequence(code, 0, 63))).toEqual(new Set(['a']));
    const word = Uint8Array.from(sequence.slice(0, 63), (variant) => (variant === 'a' ? 0 : 1));
    expect(sessionOf(code, word)).toBe(123456);
  });

  it.each([0, -1, 1.5, 2 ** 16, Number.NaN])('refuses %d', (session) => {
    expect(() => checkSession(session, 16)).toThrow(expect.objectContaining({ code: 'WATERMARK_SESSION' }));
  });
});
