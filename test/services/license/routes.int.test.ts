import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { parsePolicy } from '../../../src/services/license/policy.js';
import { memoryKeys } from '../../support/keys.js';
import { problemOf } from '../api/support.js';
import { FILM, KIDS, keysIn, startLicenses } from './support.js';

describe('the policy', () => {
  it('withholds keys from a licence, and refuses one that would hold none', async () => {
    const server = await startLicenses({ policy: parsePolicy('clearkey: [SD, AUDIO]', 'p') });
    server.titles.set('film', FILM);
    try {
      const given = await keysIn(
        await server.clearKey(KIDS, { token: await server.token({ security: 'hardware', hdcp: '2.3' }) }),
      );
      expect(Object.keys(given)).toEqual([KIDS[0], KIDS[3]]);
      expect(server.keys.requests[0]?.keys).toEqual([FILM.keys[0], FILM.keys[3]]);
      const token = await server.token();
      const refused = await problemOf(await server.clearKey([KIDS[1]!, KIDS[2]!], { token }));
      expect(refused).toMatchObject({ status: 403, code: 'LICENSE_REFUSED' });
      expect(refused.detail).toContain('HD: ClearKey may not open it; UHD: ClearKey may not open it');
      const kept = await problemOf(await server.clearKey([KIDS[0]!], { token, type: 'persistent-license' }));
      expect(kept).toMatchObject({ status: 403, code: 'LICENSE_REFUSED' });
      // A refusal uses nothing up.
      await keysIn(await server.clearKey([KIDS[0]!], { token }));
      const over = await server.token({ until: Math.floor(Date.now() / 1000) });
      const late = await problemOf(await server.clearKey([KIDS[0]!], { token: over }));
      expect(late.detail).toContain('the time for licences is over');
    } finally {
      await server.close();
    }
  });

  it('may allow licences that are kept', async () => {
    const server = await startLicenses({ policy: parsePolicy('license: { persistent: true }', 'p') });
    server.titles.set('film', FILM);
    try {
      const response = await server.clearKey([KIDS[0]!], {
        ...{ token: await server.token(), type: 'persistent-license' },
      });
      expect(await response.json()).toMatchObject({ type: 'persistent-license' });
    } finally {
      await server.close();
    }
  });
});

describe('failures behind licences', () => {
  const down = new HullcastError('KEY_SERVICE_DOWN', 'https://keys.internal/secret does not answer', {
    transient: true,
  });

  it.each([
    [
      'the key service is down',
      { keys: { name: 'x', obtain: () => Promise.reject(down) } },
      503,
      'LICENSE_KEYS_DOWN',
    ],
    [
      'the key service refuses',
      {
        keys: { name: 'x', obtain: () => Promise.reject(new HullcastError('KEY_SERVICE_REFUSED', 'secret')) },
      },
      ...([500, 'INTERNAL'] as const),
    ],
    ['there is no key service', { keys: undefined }, 404, 'LICENSE_SYSTEM'],
    [
      'used tokens are not known',
      {
        uses: {
          use: () => Promise.reject(new HullcastError('LICENSE_UNAVAILABLE', 'secret', { transient: true })),
        },
      },
      ...([503, 'LICENSE_UNAVAILABLE'] as const),
    ],
    [
      'the store is away',
      {
        titleKeys: () =>
          Promise.reject(new HullcastError('STORE_UNREACHABLE', 'secret', { transient: true })),
      },
      ...([503, 'STORE_UNREACHABLE'] as const),
    ],
  ])('are told without the inside: %s', async (_what, deps, status, code) => {
    const keys = memoryKeys();
    const server = await startLicenses({ keys, ...deps });
    server.titles.set('film', FILM);
    try {
      const response = await server.clearKey([KIDS[0]!], { token: await server.token() });
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ status, code });
      expect(JSON.stringify(problem)).not.toMatch(/secret|internal\//);
      if (status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      // Nothing was handed out, and the log says why.
      expect(keys.requests).toEqual([]);
      expect(server.log.join('')).toContain(`"code":"${code}"`);
      expect(server.outcomes).toEqual([['clearkey', status === 404 ? 'refused' : 'failed']]);
    } finally {
      await server.close();
    }
  });
});

describe('requests from many places', () => {
  it('are limited by address, wrong tokens more than others', async () => {
    const server = await startLicenses({ limits: { addressPerMinute: 12, failuresPerMinute: 3 } });
    server.titles.set('film', FILM);
    const token = await server.token();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    try {
      const wrong: number[] = [];
      for (let i = 0; i < 3; i++)
        wrong.push(
          (await server.clearKey([KIDS[0]!], { token: `x${i}`, headers: from('198.51.100.1') })).status,
        );
      expect(wrong).toEqual([401, 401, 401]);
      const blocked = await server.clearKey([KIDS[0]!], { token, headers: from('198.51.100.1') });
      expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await problemOf(blocked)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
      const many: number[] = [];
      for (let i = 0; i < 13; i++)
        many.push((await server.clearKey([KIDS[0]!], { token, headers: from('198.51.100.2') })).status);
      expect(many).toEqual([...Array<number>(12).fill(200), 429]);
    } finally {
      await server.close();
    }
  });

  it('may come from pages of the origins that are allowed', async () => {
    const server = await startLicenses({ corsOrigins: ['https://player.example'] });
    server.titles.set('film', FILM);
    try {
      const preflight = (origin: string) =>
        fetch(`${server.url}/license/clearkey`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        });
      const allowed = await preflight('https://player.example');
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://player.example');
      expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS');
      const sent = allowed.headers.get('access-control-allow-headers')!.toLowerCase().split(', ');
      expect(sent).toEqual(
        expect.arrayContaining([
          'authorization',
          'x-license-token',
          'x-license-device',
          'content-type',
          'soapaction',
        ]),
      );
      expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
      const other = await preflight('https://evil.example');
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const headers = { origin: 'https://player.example' };
      for (const token of [await server.token(), undefined]) {
        const answer = await server.clearKey([KIDS[0]!], { token, headers });
        expect(answer.headers.get('access-control-allow-origin')).toBe('https://player.example');
        expect(answer.headers.get('vary')).toBe('Origin');
      }
    } finally {
      await server.close();
    }
  });
});
