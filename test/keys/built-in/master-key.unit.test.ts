import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, sealedSchema, unseal } from '../../../src/keys/built-in/gcm.js';
import { MasterKey, newMasterLine, parseMasterKeys } from '../../../src/keys/built-in/master-key.js';
import { holdsKey } from '../secrets.js';

const A = Buffer.alloc(32, 7);
const B = Buffer.alloc(32, 8);
const line = (name: string, key: Buffer): string => `${name}:${key.toString('base64')}`;

describe('a sealed secret', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 });

  it('opens by the same key and context, to the same bytes', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (secret, context) => {
        expect(unseal(A, seal(A, secret, context), context)).toEqual(Buffer.from(secret));
      }),
    );
  });

  it('does not open by another key or context, or with any bit of it changed', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (secret, at, bit) => {
        const sealed = seal(A, secret, 'film');
        expect(unseal(B, sealed, 'film')).toBeUndefined();
        expect(unseal(A, sealed, 'film ')).toBeUndefined();
        for (const part of ['nonce', 'data', 'tag'] as const) {
          const changed = Buffer.from(sealed[part], 'base64');
          changed[at % changed.length]! ^= 1 << bit;
          expect(unseal(A, { ...sealed, [part]: changed.toString('base64') }, 'film')).toBeUndefined();
        }
      }),
    );
  });

  it('never has a nonce twice, nor what it seals in it', () => {
    const secret = randomBytes(16);
    const sealed = Array.from({ length: 1000 }, () => seal(A, secret, ''));
    expect(new Set(sealed.map(({ nonce }) => nonce)).size).toBe(1000);
    expect(holdsKey(JSON.stringify(sealed), [secret])).toBe(false);
  });

  it('has a form of its own length only', () => {
    const sealed = seal(A, randomBytes(16), '');
    expect(sealedSchema(16).safeParse(sealed).success).toBe(true);
    expect(sealedSchema(32).safeParse(sealed).success).toBe(false);
    for (const wrong of [{ tag: 'AAAA' }, { nonce: 'AAAA' }, { data: 'not base64' }, { more: 1 }])
      expect(sealedSchema(16).safeParse({ ...sealed, ...wrong }).success).toBe(false);
  });
});

describe('master keys in a text', () => {
  it('are one a line, the current one first, whatever is between', () => {
    const keys = parseMasterKeys(
      `# a comment\n\n${line('2026', A)}\r\n${line('2025.old_1-x', B)} \n`,
      'file',
    );
    expect(keys.map(({ name }) => name)).toEqual(['2026', '2025.old_1-x']);
    expect(keys.map(({ id }) => id)).toEqual([new MasterKey('x', A).id, new MasterKey('y', B).id]);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(2);
    expect(keys[0]!.id).toMatch(/^[0-9a-f]{12}$/);
  });

  it.each([
    ['nothing', '', 'file holds no master key'],
    ['comments only', '# nothing\n', 'file holds no master key'],
    ['no name', `:${A.toString('base64')}`, 'line 1 of file is no master key'],
    ['no colon', A.toString('base64'), 'line 1 of file is no master key'],
    ['a name with a space', line('a b', A), 'line 1 of file is no master key'],
    ['a key of 16 bytes', `x\n${line('a', A.subarray(16))}`, 'line 1 of file is no master key'],
    ['half a key', `${line('a', A)}\n${line('b', B.subarray(1))}`, 'line 2 of file is no master key'],
    ['base64 without its end', line('a', A).slice(0, -1), 'line 1 of file is no master key'],
    ['hexadecimal digits', `a:${A.toString('hex')}`, 'line 1 of file is no master key'],
    [
      'a name twice',
      `${line('a', A)}\n${line('a', B)}`,
      'line 2 of file has the name or the key of another line',
    ],
    [
      'a key twice',
      `${line('a', A)}\n\n${line('b', A)}`,
      'line 3 of file has the name or the key of another line',
    ],
  ])('are refused with %s, and nothing of them is told', (_, text, message) => {
    const error: unknown = (() => {
      try {
        return parseMasterKeys(text, 'file');
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'KEY_MASTER_FILE', message, exitCode: 2 });
    expect(holdsKey(inspect(error), [A, B])).toBe(false);
  });

  it('are made at random, and named by their fingerprint', () => {
    const made = [newMasterLine(), newMasterLine()];
    const keys = parseMasterKeys(made.map((one) => one.line).join('\n'), 'file');
    expect(keys.map(({ id, name }) => [id, name])).toEqual(made.map(({ id }) => [id, id]));
    expect(made[0]!.id).not.toBe(made[1]!.id);
  });

  it('print their name only', () => {
    const key = new MasterKey('2026', A);
    const printed = [
      inspect(key, { showHidden: true, depth: null }),
      JSON.stringify(key),
      String(key),
    ].join();
    expect(printed).toContain(`master key 2026 (${key.id})`);
    expect(holdsKey(printed, [A])).toBe(false);
  });
});
