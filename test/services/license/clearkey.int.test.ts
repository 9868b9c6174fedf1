import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY_LABELS, LOCAL_POLICY } from '../../../src/services/license/policy.js';
import { localTokenKeys } from '../../../src/services/license/token-keys.js';
import { signLicenseToken } from '../../../src/services/license/token.js';
import { problemOf } from '../api/support.js';
import {
  DEVICE,
  FILM,
  KIDS,
  type LicenseServer,
  keysIn,
  secretsOf,
  startLicenses,
  titleOf,
} from './support.js';

describe('ClearKey licences', () => {
  let server: LicenseServer;
  beforeEach(async () => {
    server = await startLicenses();
    server.titles.set('film', FILM);
  });
  afterEach(async () => {
    const log = server.log.join('');
    for (const secret of secretsOf(server)) expect(log.includes(secret), 'a secret in the log').toBe(false);
    expect(log).not.toContain(DEVICE);
    await server.close();
  });

  it('hold the keys that were asked for, for the holder of a token', async () => {
    const token = await server.token({ session: 's-1' });
    const response = await server.clearKey([KIDS[2]!, KIDS[0]!], { token });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await keysIn(response)).toEqual({
      [KIDS[2]!]: server.keys.keyOf(KIDS[2]!),
      [KIDS[0]!]: server.keys.keyOf(KIDS[0]!),
    });
    expect(server.keys.requests).toEqual([
      {
        ...{ contentId: 'content-film', scheme: 'cbcs', systems: FILM.systems },
        keys: [FILM.keys[2], FILM.keys[0]],
        use: { purpose: 'license', subject: 's-1' },
      },
    ]);
    expect(server.outcomes).toEqual([['clearkey', 'granted']]);
    const lines = server.log
      .map((line) => JSON.parse(line) as { license?: object })
      .filter((line) => line.license);
    expect(lines.map((line) => line.license)).toEqual([
      {
        ...{ system: 'clearkey', outcome: 'granted', title: 'film', session: 's-1', retry: false },
        ...{ jti: decodeJwt(token).jti, kids: [KIDS[2], KIDS[0]] },
      },
    ]);
  });

  it('hold keys of every key period of a title, also of several at once', async () => {
    const keys = FILM.keys.flatMap(({ kid, label }) => [
      { kid, label, period: 0 },
      { kid: kid.replace(/^../, 'ee'), label, period: 1 },
    ]);
    server.titles.set('film', { ...FILM, keys });
    const token = await server.token();
    const first = keys.filter(({ period }) => period === 0).map(({ kid }) => kid);
    expect(Object.keys(await keysIn(await server.clearKey(first, { token }))).sort()).toEqual(first.sort());
    const second = keys.filter(({ period }) => period === 1).map(({ kid }) => kid);
    // The same token is good for the keys that come later.
    expect(Object.keys(await keysIn(await server.clearKey(second, { token }))).sort()).toEqual(second.sort());
    const all = keys.map(({ kid }) => kid);
    const whole = await keysIn(await server.clearKey(all, { token: await server.token() }));
    expect(Object.keys(whole).sort()).toEqual(all.sort());
    expect(server.keys.requests.at(-1)!.keys).toEqual(keys);
  });

  it('are given to the token in either header, under any type of body, for the title that the URL may name', async () => {
    const headers = { 'x-license-token': await server.token() };
    expect(await keysIn(await server.clearKey([KIDS[0]!], { headers }))).toHaveProperty(KIDS[0]!);
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded'])
      await keysIn(
        await server.clearKey([KIDS[0]!], {
          ...{ token: await server.token(), headers: { 'content-type': type }, query: '?title=film' },
        }),
      );
  });

  it('are not given without a token', async () => {
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: `Basic ${await server.token()}` },
      { 'x-license-token': '' },
    ]) {
      const response = await server.clearKey([KIDS[0]!], { headers });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="licenses"');
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'LICENSE_TOKEN_MISSING' });
    }
    const query = `?token=${await server.token()}&access_token=${await server.token()}`;
    expect((await problemOf(await server.clearKey([KIDS[0]!], { query }))).code).toBe(
      'LICENSE_TOKEN_MISSING',
    );
    expect(server.keys.requests).toEqual([]);
    expect(new Set(server.outcomes.map(([, outcome]) => outcome))).toEqual(new Set(['token']));
  });

  it('are not given to tokens that are wrong, expired, too early, of another device or title', async () => {
    const stranger = await signLicenseToken(
      localTokenKeys(),
      { title: 'film', device: DEVICE },
      LOCAL_POLICY.token,
    );
    const early = await signLicenseToken(
      ...([
        server.tokenKeys,
        { title: 'film', device: DEVICE },
        LOCAL_POLICY.token,
        Date.now() + 60_000,
      ] as const),
    );
    const late = await signLicenseToken(
      ...([
        server.tokenKeys,
        { title: 'film', device: DEVICE },
        LOCAL_POLICY.token,
        Date.now() - 700_000,
      ] as const),
    );
    server.tokens.push(stranger, early, late);
    server.titles.set('other', titleOf('other', KEY_LABELS, ['clearkey']));
    server.titles.set('plain', { ...titleOf('plain', KEY_LABELS, ['widevine']) });
    const good = await server.token();
    const cases: [Parameters<LicenseServer['clearKey']>[1], number, string][] = [
      [{ token: stranger }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: `${good}x` }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: early }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: late }, 401, 'LICENSE_TOKEN_EXPIRED'],
      [{ token: good, device: 'device-of-somebody-else' }, 403, 'LICENSE_WRONG_DEVICE'],
      [{ token: good, device: '' }, 403, 'LICENSE_WRONG_DEVICE'],
      [{ token: good, query: '?title=other' }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: good, query: '?title=film&title=film' }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: await server.token({ title: 'other' }) }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: await server.token({ title: 'gone' }) }, 404, 'LICENSE_NO_TITLE'],
      [{ token: await server.token({ title: 'plain' }) }, 404, 'LICENSE_SYSTEM'],
    ];
    for (const [options, status, code] of cases) {
      const response = await server.clearKey([KIDS[0]!], options);
      const problem = await problemOf(response);
      expect(problem, code).toMatchObject({ status, code });
      expect(JSON.stringify(problem)).not.toContain(DEVICE);
      if (status === 401) expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect(server.keys.requests).toEqual([]);
    // None of these used the good one.
    expect(
      await keysIn(await server.clearKey([KIDS[0]!], { token: good, query: '?title=film' })),
    ).toHaveProperty(KIDS[0]!);
  });

  it('are not given where one of the keys is of another title', async () => {
    server.titles.set('other', titleOf('other', KEY_LABELS, ['clearkey']));
    const foreign = server.titles.get('other')!.keys[0]!.kid;
    const token = await server.token();
    const response = await server.clearKey([KIDS[0]!, foreign], { token });
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'LICENSE_WRONG_TITLE' });
    expect(server.keys.requests).toEqual([]);
  });

  it('are given once for each key of a token: again at once for who lost the answer, not later', async () => {
    const token = await server.token();
    const ask = (kids: string[]) => server.clearKey(kids, { token });
    const first = await keysIn(await ask([KIDS[0]!]));
    expect(await keysIn(await ask([KIDS[0]!]))).toEqual(first);
    await keysIn(await ask([KIDS[1]!, KIDS[2]!]));
    expect(server.log.filter((line) => line.includes('"retry":true'))).toHaveLength(1);

    const strict = await startLicenses({ policy: { ...LOCAL_POLICY, retrySeconds: 0 } });
    strict.titles.set('film', FILM);
    try {
      const used = await strict.token();
      await keysIn(await strict.clearKey([KIDS[0]!], { token: used }));
      for (const kids of [[KIDS[0]!], [KIDS[1]!, KIDS[0]!]]) {
        const response = await strict.clearKey(kids, { token: used });
        expect(await problemOf(response)).toMatchObject({ status: 403, code: 'LICENSE_TOKEN_REPLAYED' });
      }
      expect(strict.keys.requests).toHaveLength(1);
      await keysIn(await strict.clearKey([KIDS[1]!], { token: used }));
      await keysIn(await strict.clearKey([KIDS[0]!], { token: await strict.token() }));
      expect(strict.outcomes.map(([, outcome]) => outcome)).toEqual([
        ...['granted', 'replayed', 'replayed', 'granted', 'granted'],
      ]);
    } finally {
      await strict.close();
    }
  });

  it('end with the token, also for who has it already', async () => {
    const token = await server.token({ seconds: 60 });
    await keysIn(await server.clearKey([KIDS[0]!], { token }));
    server.later = 64;
    await keysIn(await server.clearKey([KIDS[1]!], { token }));
    server.later = 66;
    expect((await problemOf(await server.clearKey([KIDS[2]!], { token }))).code).toBe(
      'LICENSE_TOKEN_EXPIRED',
    );
  });

  it.each([
    ['', 'it is no JSON'],
    ['{}', 'kids'],
    ['{"kids":["x"],"type":"temporary"}', 'kids.0'],
  ])('are not given for what is no request: %j', async (body, why) => {
    const problem = await problemOf(await server.ask('clearkey', { token: await server.token(), body }));
    expect(problem).toMatchObject({ status: 400, code: 'LICENSE_REQUEST' });
    expect(problem.detail).toContain(why);
    expect(server.outcomes).toEqual([['clearkey', 'malformed']]);
  });

  it('are not given for bodies of any size', async () => {
    const response = await server.ask('clearkey', {
      ...{ token: await server.token(), body: `{"kids":[],"x":"${'y'.repeat(70_000)}"}` },
    });
    expect(await problemOf(response)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('are not of what there is not: other paths, other methods', async () => {
    for (const [method, path] of [
      ['GET', '/license/clearkey'],
      ['POST', '/license/other'],
      ['POST', '/license'],
    ] as const) {
      const response = await fetch(server.url + path, { method });
      expect(await problemOf(response), path).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    }
    const certificate = await fetch(`${server.url}/license/fairplay/certificate`);
    expect(await problemOf(certificate)).toMatchObject({ status: 404, code: 'LICENSE_SYSTEM' });
  });
});
