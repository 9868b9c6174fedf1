import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { SignJWT, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { deviceDigest } from '../../../src/services/license/claims.js';
import { DEFAULT_POLICY } from '../../../src/services/license/policy.js';
import { signLicenseToken, verifyLicenseToken } from '../../../src/services/license/token.js';
import {
  type TokenKeys,
  localTokenKeys,
  parsePublicKeys,
  parseTokenSecrets,
  tokenKeys,
} from '../../../src/services/license/token-keys.js';

const NOW = 1_800_000_000;
const NOW_MS = NOW * 1000;
const RULES = DEFAULT_POLICY.token;
const NEW = 'a new secret of more than 32 characters'.replaceAll(' ', '-');
const OLD = 'an old secret of more than 32 characters'.replaceAll(' ', '-');

const CLAIMS = {
  ...{ iss: 'hullcast', aud: 'hullcast-license', jti: 'token-1', nbf: NOW - 10, exp: NOW + 300 },
  ...{ title: 'film-1', device: deviceDigest('tv-1') },
};

let pairs: Record<'EdDSA' | 'ES256', Awaited<ReturnType<typeof generateKeyPair>>>;
let publicJwks: Record<string, object>;
let keys: TokenKeys;
beforeAll(async () => {
  pairs = {
    EdDSA: await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true }),
    ES256: await generateKeyPair('ES256', { extractable: true }),
  };
  publicJwks = {
    EdDSA: { ...(await exportJWK(pairs.EdDSA.publicKey)), kid: 'ed' },
    ES256: { ...(await exportJWK(pairs.ES256.publicKey)), kid: 'ec', alg: 'ES256', use: 'sig' },
  };
  const others = await parsePublicKeys(JSON.stringify({ keys: Object.values(publicJwks) }), 'keys.json');
  keys = tokenKeys(parseTokenSecrets(`new: ${NEW}\nold: ${OLD}\n`, 'secrets'), others);
});

const secretKey = (secret: string) => createSecretKey(Buffer.from(secret));
type Key = Parameters<SignJWT['sign']>[0];

/** A token by the library itself, whatever it says. */
function sign(
  claims: object,
  { alg = 'HS256', kid = 'new', key = secretKey(NEW) }: { alg?: string; kid?: string; key?: Key } = {},
) {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg, kid }).sign(key);
}

/** A token by hand, which no library would make. */
function forge(header: object, claims: object, secret: string | Buffer): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const verify = (token: string, now = NOW_MS) => verifyLicenseToken(keys, token, RULES, now);

/** The code and message with which a token is refused. */
async function refusal(token: string, now = NOW_MS): Promise<string> {
  const error: unknown = await verify(token, now).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HullcastError)) throw new Error(`not refused: ${String(error)}`);
  // The token itself must not come back in an error, which may be logged.
  const [, claims = ''] = token.split('.');
  if (claims.length > 20) expect(`${error.message} ${error.stack}`).not.toContain(claims);
  expect(error.cause).toBeUndefined();
  return `${error.code}: ${error.message}`;
}
const INVALID = 'LICENSE_TOKEN_INVALID: the licence token is not valid: ';

describe('licence tokens', () => {
  it('say what they were signed for, and hold a digest of the device', async () => {
    const token = await signLicenseToken(
      keys,
      {
        ...{ title: 'film-1', device: 'tv-1', security: 'hardware', hdcp: '2.2' },
        ...{ session: 's-1', until: NOW + 3600, seconds: 120 },
      },
      RULES,
      NOW_MS + 999,
    );
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'HS256', typ: 'JWT', kid: 'new' });
    const { jti, ...claims } = decodeJwt(token);
    expect(jti).toMatch(/^[0-9a-f-]{36}$/);
    expect(claims).toEqual({
      ...{ iss: 'hullcast', aud: 'hullcast-license', nbf: NOW, exp: NOW + 120 },
      ...{ title: 'film-1', device: deviceDigest('tv-1'), security: 'hardware', hdcp: '2.2' },
      ...{ session: 's-1', until: NOW + 3600 },
    });
    const { aud: _aud, ...verified } = claims;
    expect(await verify(token)).toEqual({ jti, ...verified });
    expect(Buffer.from(token.split('.')[1]!, 'base64url').toString()).not.toContain('tv-1');
  });

  it('live as long as the rules allow unless told, each with a name of its own', async () => {
    const make = () => signLicenseToken(keys, { title: 'a', device: 'd' }, RULES, NOW_MS);
    const [a, b] = [decodeJwt(await make()), decodeJwt(await make())];
    expect(a.exp! - a.nbf!).toBe(600);
    expect(a.jti).not.toBe(b.jti);
  });

  it.each([
    [{ title: '../x', device: 'd' }, 'claim title'],
    [{ title: '', device: 'd' }, 'claim title'],
    [{ title: 'a', device: 'd', session: 'two words' }, 'claim session'],
    [{ title: 'a', device: 'd', seconds: 601 }, 'it lives 601 s, and 600 s are allowed'],
  ])('are not signed where nobody would accept them: %j', async (token, why) => {
    await expect(signLicenseToken(keys, token, RULES, NOW_MS)).rejects.toThrow(why);
  });

  it('are not signed where only others sign', async () => {
    const others = tokenKeys([], keys.verifying);
    await expect(signLicenseToken(others, { title: 'a', device: 'd' }, RULES)).rejects.toMatchObject({
      ...{ code: 'LICENSE_CONFIG', exitCode: 2 },
    });
  });

  it('are accepted from every key that is known, each by its own algorithm', async () => {
    for (const options of [
      { kid: 'new', key: secretKey(NEW) },
      { kid: 'old', key: secretKey(OLD) },
      { alg: 'EdDSA', kid: 'ed', key: pairs.EdDSA.privateKey },
      { alg: 'ES256', kid: 'ec', key: pairs.ES256.privateKey },
    ])
      expect((await verify(await sign(CLAIMS, options))).jti).toBe('token-1');
  });

  it('have an audience of their own', async () => {
    expect((await verify(await sign({ ...CLAIMS, aud: ['x', 'hullcast-license'] }))).jti).toBe('token-1');
  });

  it('are refused when their key is another than its name says', async () => {
    expect(await refusal(await sign(CLAIMS, { key: secretKey(OLD) }))).toBe(
      `${INVALID}its signature is wrong`,
    );
    expect(await refusal(await sign(CLAIMS, { kid: 'gone' }))).toContain('nobody here knows the key');
    expect(await refusal(forge({ alg: 'HS256' }, CLAIMS, NEW))).toContain('nobody here knows the key');
    const stranger = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const forged = await sign(CLAIMS, { alg: 'EdDSA', kid: 'ed', key: stranger.privateKey });
    expect(await refusal(forged)).toContain('its signature is wrong');
    await expect(
      verifyLicenseToken(localTokenKeys(), await sign(CLAIMS, { kid: 'local' }), RULES, NOW_MS),
    ).rejects.toThrow('its signature is wrong');
  });

  it('are refused under another algorithm than that of the key: none, other hashes, a public key taken for a secret', async () => {
    const none = forge({ alg: 'none', kid: 'new' }, CLAIMS, NEW).replace(/[^.]*$/, '');
    expect(await refusal(none)).toContain(INVALID);
    expect(await refusal(forge({ alg: 'none', kid: 'new' }, CLAIMS, NEW))).toContain(INVALID);
    for (const alg of ['HS384', 'HS512', 'RS256', 'PS256', 'ES384', 'hs256', ''])
      expect(await refusal(forge({ alg, kid: 'new' }, CLAIMS, NEW)), alg).toContain(INVALID);
    const long = secretKey(NEW + NEW);
    const other = await sign(CLAIMS, { alg: 'HS512', key: long });
    expect(await refusal(other)).toContain('no signed token that is accepted');
    for (const secret of [
      JSON.stringify(publicJwks['EdDSA']),
      Buffer.from((publicJwks['EdDSA'] as { x: string }).x, 'base64url'),
    ])
      expect(await refusal(forge({ alg: 'HS256', kid: 'ed' }, CLAIMS, secret))).toContain(
        'its algorithm is not that of its key',
      );
    expect(
      await refusal(await sign(CLAIMS, { alg: 'EdDSA', kid: 'new', key: pairs.EdDSA.privateKey })),
    ).toContain('its algorithm is not that of its key');
    // The forgery itself is a good one: with the right header it would be taken.
    expect((await verify(forge({ alg: 'HS256', kid: 'new' }, CLAIMS, NEW))).title).toBe('film-1');
    expect(await refusal(forge({ alg: 'HS256', kid: 'new', crit: ['x'], x: 1 }, CLAIMS, NEW))).toContain(
      INVALID,
    );
  });

  it('are refused before and after their time, with some seconds for clocks that differ', async () => {
    const at = (nbf: number, exp: number) => sign({ ...CLAIMS, nbf: NOW + nbf, exp: NOW + exp });
    expect(await refusal(await at(-300, -5))).toBe('LICENSE_TOKEN_EXPIRED: the licence token has expired');
    expect(await refusal(await at(-300, -86_400))).toContain('LICENSE_TOKEN_EXPIRED');
    expect((await verify(await at(-300, -4))).exp).toBe(NOW - 4);
    expect(await refusal(await at(6, 300))).toBe(`${INVALID}its time has not come yet`);
    expect((await verify(await at(5, 300))).nbf).toBe(NOW + 5);
  });

  it('are refused when they live longer than is allowed, whenever they began', async () => {
    expect(await refusal(await sign({ ...CLAIMS, nbf: NOW - 300, exp: NOW + 301 }))).toContain(
      'it lives 601 s, and 600 s are allowed',
    );
    expect((await verify(await sign({ ...CLAIMS, nbf: NOW - 300, exp: NOW + 300 }))).exp).toBe(NOW + 300);
  });

  it.each([
    [{ iss: 'else' }, 'claim iss'],
    [{ iss: undefined }, 'claim iss'],
    [{ aud: 'hullcast' }, 'claim aud'],
    [{ aud: undefined }, 'claim aud'],
    [{ jti: undefined }, 'claim jti'],
    [{ jti: 'two words' }, 'claim jti'],
    [{ jti: 'x'.repeat(129) }, 'claim jti'],
    [{ nbf: undefined }, 'claim nbf'],
    [{ exp: undefined }, 'claim exp'],
    [{ exp: NOW + 0.5 }, 'claim exp'],
    [{ exp: String(NOW + 100) }, 'claim exp'],
    [{ title: undefined }, 'claim title'],
    [{ title: 'a/../b' }, 'claim title'],
    [{ title: '..' }, 'claim title'],
    [{ title: ['film-1'] }, 'claim title'],
    [{ device: undefined }, 'claim device'],
    [{ device: 'tv-1' }, 'claim device'],
    [{ security: 'titanium' }, 'claim security'],
    [{ hdcp: '3.0' }, 'claim hdcp'],
    [{ hdcp: 2.2 }, 'claim hdcp'],
    [{ session: 'a\r\nX-Evil: 1' }, 'claim session'],
    [{ until: 'never' }, 'claim until'],
  ])('are refused with %j', async (change, why) => {
    expect(await refusal(await sign({ ...CLAIMS, ...change }))).toContain(`${INVALID}${why}`);
  });

  it('are refused when they are none, cut, changed by one character, or longer than any', async () => {
    const token = await sign(CLAIMS);
    for (const text of [
      '',
      '.',
      '..',
      '...',
      'a.b.c',
      token.slice(0, -1),
      `${token}.x`,
      token.split('.').slice(0, 2).join('.'),
    ])
      expect(await refusal(text), text).toContain(INVALID);
    expect(await refusal('x'.repeat(4097))).toContain('more than 4096 characters');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.';
    await fc.assert(
      fc.asyncProperty(
        // The last character of a part has bits that mean nothing.
        fc.integer({ min: 0, max: token.length - 2 }),
        fc.constantFrom(...alphabet),
        async (at, by) => {
          fc.pre(token[at] !== by && token[at + 1] !== '.');
          expect(await refusal(token.slice(0, at) + by + token.slice(at + 1))).toMatch(/^LICENSE_TOKEN_/);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('are refused, and break nothing, whatever they are', async () => {
    const part = fc.oneof(
      fc.base64String().map((text) => text.replaceAll('=', '')),
      fc.json().map((json) => Buffer.from(json).toString('base64url')),
      fc
        .record({
          alg: fc.constantFrom('HS256', 'EdDSA', 'ES256', 'none'),
          kid: fc.constantFrom('new', 'ed', 'ec'),
        })
        .map((header) => Buffer.from(JSON.stringify(header)).toString('base64url')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 4 }), async (parts) => {
        expect(await refusal(parts.join('.'))).toMatch(/^LICENSE_TOKEN_/);
      }),
      { numRuns: 100 },
    );
  });
});

describe('keys of tokens', () => {
  const secrets = (text: string) => parseTokenSecrets(text, 'secrets.txt');

  it('are lines, and the first one signs', () => {
    const parsed = secrets(`# of October\n\nb.2: ${NEW}\r\na-1:${OLD}\n`);
    expect(parsed.map(({ kid, key }) => [kid, key.export().toString()])).toEqual([
      ['b.2', NEW],
      ['a-1', OLD],
    ]);
    expect(tokenKeys(parsed).signing?.kid).toBe('b.2');
  });

  it.each([
    ['', 'there is no secret in secrets.txt'],
    ['# nothing\n', 'there is no secret in secrets.txt'],
    [NEW, 'line 1 of secrets.txt is not of the form'],
    [`a: ${NEW}\nb c: ${OLD}`, 'line 2 of secrets.txt is not of the form'],
    [`a: ${NEW} and more`, 'line 1 of secrets.txt is not of the form'],
    [`a: ${'x'.repeat(31)}`, 'the secret a in secrets.txt has less than 32 characters'],
  ])('are refused, without being told: %#', (text, why) => {
    try {
      secrets(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'LICENSE_CONFIG', exitCode: 2 });
      expect((error as Error).message).toContain(why);
      expect((error as Error).message).not.toMatch(/secret-of|xxx/);
    }
  });

  it('have one name each', async () => {
    const twice = secrets(`a: ${NEW}\na: ${OLD}`);
    expect(() => tokenKeys(twice)).toThrow('two keys of licence tokens have the kid a');
    const others = await parsePublicKeys(JSON.stringify({ keys: [publicJwks['EdDSA']] }), 'k');
    expect(() => tokenKeys(secrets(`ed: ${NEW}`), others)).toThrow('have the kid ed');
  });

  it('that are public are taken from a JWK Set, and nothing else is', async () => {
    const ed = publicJwks['EdDSA'] as Record<string, unknown>;
    const ec = publicJwks['ES256'] as Record<string, unknown>;
    const read = (...all: object[]) => parsePublicKeys(JSON.stringify({ keys: all }), 'k.json');
    expect([...(await read(ed, ec)).entries()].map(([kid, { alg }]) => [kid, alg])).toEqual([
      ['ed', 'EdDSA'],
      ['ec', 'ES256'],
    ]);
    const wrong: [object[], string][] = [
      [[], 'no JWK Set'],
      [[{ ...ed, kid: undefined }], 'no JWK Set'],
      [[ed, { ...ec, kid: 'ed' }], 'two keys with the kid ed'],
      [[{ ...ed, d: randomBytes(32).toString('base64url') }], 'the key ed in k.json is a private one'],
      [[{ ...ed, alg: 'ES256' }], 'neither for EdDSA'],
      [[{ ...ed, use: 'enc' }], 'neither for EdDSA'],
      [[{ ...ec, crv: 'P-384' }], 'neither for EdDSA'],
      [[{ kty: 'oct', kid: 's', k: randomBytes(32).toString('base64url') }], 'neither for EdDSA'],
      [[{ ...ec, x: randomBytes(32).toString('base64url') }], 'no point of its curve'],
    ];
    for (const [all, why] of wrong)
      await expect(read(...all), why).rejects.toMatchObject({
        ...{ code: 'LICENSE_CONFIG', message: expect.stringContaining(why) as string },
      });
    await expect(parsePublicKeys('{', 'k.json')).rejects.toThrow('k.json is no JSON');
  });
});
