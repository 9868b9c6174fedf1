import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type KeyLabel, SecretKey, keyIdOf } from '../../src/keys/index.js';
import { holdsKey } from './secrets.js';

const label = fc.constantFrom<KeyLabel>('SD', 'HD', 'UHD', 'AUDIO', 'ALL');
const facts = fc.tuple(fc.string(), label, fc.nat());

describe('a key id', () => {
  it('is a UUID of version 8 that follows from content id, label and period', () => {
    fc.assert(
      fc.property(facts, (of) => {
        const kid = keyIdOf(...of);
        expect(kid).toMatch(/^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
        expect(keyIdOf(...of)).toBe(kid);
      }),
    );
  });

  it('differs where any of them does', () => {
    fc.assert(
      fc.property(facts, facts, (a, b) => {
        expect(keyIdOf(...a) === keyIdOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    // What is written the same in another order is another.
    expect(keyIdOf('film 1', 'HD', 1)).not.toBe(keyIdOf('film ', 'HD', 11));
  });

  it('never changes from one version to the next: titles are encrypted by it', () => {
    const digest = createHash('sha256').update('["hullcast key id","film-17","HD",0]').digest('hex');
    const kid = keyIdOf('film-17', 'HD', 0);
    const fixed = (text: string): string => text.slice(0, 12) + text.slice(13, 16) + text.slice(17, 32);
    expect(fixed(kid)).toBe(fixed(digest));
  });
});

describe('a secret key', () => {
  it('has 16 bytes, which only who asks for them gets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const key = new SecretKey(bytes);
        expect(key.reveal()).toEqual(Buffer.from(bytes));
        const printed = `${String(key)} ${JSON.stringify({ key })} ${inspect([key], { showHidden: true })}`;
        expect(printed).toBe('[secret] {"key":"[secret]"} [ [secret], [length]: 1 ]');
        expect(Object.keys(key)).toEqual([]);
        expect(holdsKey(JSON.stringify(structuredClone(key)), [Buffer.from(bytes)])).toBe(false);
      }),
    );
  });

  it('is its own: neither who made it nor who has it can change it', () => {
    const bytes = Buffer.alloc(16, 1);
    const key = new SecretKey(bytes);
    bytes.fill(2);
    key.reveal().fill(3);
    expect(key.reveal()).toEqual(Buffer.alloc(16, 1));
  });

  it.each([0, 15, 17, 32])('is refused with %i bytes, which are not repeated', (length) => {
    const bytes = Buffer.alloc(length, 0xab);
    let error: unknown;
    try {
      new SecretKey(bytes);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'KEY_SIZE' });
    expect(inspect(error)).not.toMatch(/abab|171|q6ur/i);
  });
});
