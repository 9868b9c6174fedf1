import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { digestOf, makeToken, tokenIdOf } from '../../../src/services/tokens/index.js';

describe('makeToken', () => {
  it('makes a secret that holds its id and 256 bits', () => {
    const { id, secret, digest } = makeToken();
    expect(id).toMatch(/^[0-9a-f]{12}$/);
    expect(secret).toMatch(/^hc_[0-9a-f]{12}_[\w-]{43}$/);
    expect(secret.slice(0, 16)).toBe(`hc_${id}_`);
    expect(Buffer.from(secret.slice(16), 'base64url')).toHaveLength(32);
    expect(tokenIdOf(secret)).toBe(id);
    expect(digestOf(secret)).toBe(digest);
  });

  it('makes another one each time', () => {
    const made = Array.from({ length: 200 }, makeToken);
    for (const field of ['id', 'secret', 'digest'] as const)
      expect(new Set(made.map((token) => token[field])).size).toBe(200);
    expect(new Set(made.map(({ secret }) => secret.slice(16))).size).toBe(200);
  });
});

describe('digestOf', () => {
  it('is the SHA-256 of the whole secret, as sha256sum has it', () => {
    const { secret, digest } = makeToken();
    const sum = execFileSync('sha256sum', { input: secret, encoding: 'utf8' });
    expect(digest).toBe(sum.slice(0, 64));
  });
});

describe('tokenIdOf', () => {
  const { secret } = makeToken();
  it.each([
    '',
    'hc_',
    secret.slice(0, -1),
    `${secret}x`,
    `${secret}\n`,
    ` ${secret}`,
    secret.toUpperCase(),
    secret.replace('hc_', 'hd_'),
    secret.replace(/.$/, '+'),
    secret.slice(3),
  ])('%j has not the form of one', (text) => {
    expect(tokenIdOf(text)).toBeUndefined();
  });
});
