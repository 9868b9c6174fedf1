import { describe, expect, it } from 'vitest';
import { readKid, readSince } from '../../src/cli/keys/since.js';

const NOW = Date.parse('2026-08-09T12:00:00Z');

describe('--since', () => {
  it.each([
    ['7d', '2026-08-02T12:00:00.000Z'],
    ['36h', '2026-08-08T00:00:00.000Z'],
    ['30m', '2026-08-09T11:30:00.000Z'],
    ['0m', '2026-08-09T12:00:00.000Z'],
    ['2026-08-01', '2026-08-01T00:00:00.000Z'],
    ['2026-08-01T10:30Z', '2026-08-01T10:30:00.000Z'],
    ['2026-08-01T10:30:15.5Z', '2026-08-01T10:30:15.500Z'],
  ])('%s is %s', (text, time) => {
    expect(new Date(readSince(text, NOW)).toISOString()).toBe(time);
  });

  // A time without a zone would mean another one on every machine.
  it.each(['', '7', 'd', '7w', '-1d', '2026', '2026-13-01', '2026-08-01T10:30', 'Aug 1', '1e3d'])(
    '%j is refused',
    (text) => expect(() => readSince(text, NOW)).toThrow(/Allowed is a number of days/),
  );
});

describe('--kid', () => {
  it('is a UUID or its digits', () => {
    const kid = '0f3a5c7e9b1d8f008a2b4c6d8e0f1a3b';
    for (const text of [kid, kid.toUpperCase(), '0F3A5C7E-9B1D-8F00-8A2B-4C6D8E0F1A3B'])
      expect(readKid(text)).toBe(kid);
    for (const text of ['', 'abc', `${kid}0`, kid.replace('f', 'g')])
      expect(() => readKid(text)).toThrow(/Allowed are 32/);
  });
});
