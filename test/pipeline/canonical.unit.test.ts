import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/pipeline/index.js';

/** The same value with the properties of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]) => [key, reversed(item)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonicalJson', () => {
  it('sorts keys at every depth and writes no white space', () => {
    expect(canonicalJson({ b: [{ z: 1, a: null }], a: 'é"\n', A: true })).toBe(
      '{"A":true,"a":"é\\"\\n","b":[{"a":null,"z":1}]}',
    );
  });

  it('leaves out undefined properties', () => {
    expect(canonicalJson({ a: undefined, b: { c: undefined } })).toBe('{"b":{}}');
  });

  it('is valid JSON of the same value, whatever the order of the keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it('writes texts, numbers and names as JSON does, so that keys of old artifacts stay', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.oneof(text, number, fc.boolean()), text, (value, name) => {
        expect(canonicalJson(value)).toBe(JSON.stringify(value));
        expect(canonicalJson({ [name]: 1 })).toBe(JSON.stringify({ [name]: 1 }));
      }),
    );
    const odd = [-0, 1e21, 1e-7, 5e-324, '\ud800', '\u2028', '"\\\u007f'];
    expect(canonicalJson(odd)).toBe(JSON.stringify(odd));
  });

  it('gives different values different text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.stringify(reversed(reversed(a))) === JSON.stringify(b);
        if (canonicalJson(a) === canonicalJson(b))
          expect(JSON.parse(canonicalJson(a))).toEqual(JSON.parse(JSON.stringify(b)));
        else expect(same).toBe(false);
      }),
    );
  });

  it.each([
    ['NaN', { a: [1, Number.NaN] }, 'NaN at a[1] is not JSON'],
    ['infinity', { a: { b: Infinity } }, 'Infinity at a.b is not JSON'],
    ['undefined in an array', [undefined], 'undefined at [0] is not JSON'],
    ['undefined itself', undefined, 'undefined at the top is not JSON'],
    ['a function', { a: () => 1 }, 'function at a is not JSON'],
    ['a bigint', { a: 1n }, 'bigint at a is not JSON'],
    ['a date', { a: new Date(0) }, 'a Date at a is not JSON'],
    ['a map', new Map(), 'a Map at the top is not JSON'],
    ['bytes', { a: new Uint8Array(1) }, 'a Uint8Array at a is not JSON'],
  ])('refuses %s', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'NOT_JSON', message }));
  });
});
