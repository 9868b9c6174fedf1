import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REDACTED, isSecretField, redactJson, textRedactor } from '../../../src/services/logging/redact.js';
import { secretsOf } from '../../../src/services/logging/secrets.js';

describe('fields', () => {
  it.each([
    ...[
      'authorization',
      'Authorization',
      'proxy-authorization',
      'cookie',
      'set-cookie',
      'password',
      'dbPassword',
    ],
    ...['secret', 'webhookSecret', 'HULLCAST_WEBHOOK_SECRET', 'token', 'access_token', 'apiKey', 'x-api-key'],
    ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'credentials', 'x-hullcast-signature', 'tokens'],
  ])('%s is secret', (name) => expect(isSecretField(name)).toBe(true));

  it.each([
    'tokenId',
    'key',
    'artifactKey',
    'AWS_ACCESS_KEY_ID',
    'title',
    'secretary',
    'signatures_checked',
    'keys',
  ])('%s is not', (name) => expect(isSecretField(name)).toBe(false));

  it('that are secret lose their values however deep they lie; all others stay', () => {
    const fields = {
      title: 't',
      count: 3,
      none: null,
      secret: null,
      request: { headers: { authorization: 'Bearer abc', accept: '*/*' }, tries: [{ password: 'x', n: 1 }] },
    };
    expect(redactJson(fields)).toEqual({
      title: 't',
      count: 3,
      none: null,
      secret: null,
      request: { headers: { authorization: REDACTED, accept: '*/*' }, tries: [{ password: REDACTED, n: 1 }] },
    });
    expect(fields.request.headers.authorization).toBe('Bearer abc'); // what was logged is still in use
  });
});

describe('text', () => {
  const redact = textRedactor([]);

  it.each([
    ['redis://user:pass@host:6379/0', `redis://${REDACTED}@host:6379/0`],
    ['cannot reach postgres://u:p%40ss@db/x, again', `cannot reach postgres://${REDACTED}@db/x, again`],
    ['redis://:p@ss@host/0', `redis://${REDACTED}@host/0`],
    ['Authorization: Bearer hc_0123456789abcdef.xyz', `Authorization: Bearer ${REDACTED}`],
    ['basic dXNlcjpwYXNzd29yZA==', `basic ${REDACTED}`],
    ['/v1/events?access_token=abc&after=3', `/v1/events?access_token=${REDACTED}&after=3`],
    [
      'https://s3/b/k?X-Amz-Credential=AK%2F1&X-Amz-Date=2&X-Amz-Signature=ff00',
      `https://s3/b/k?X-Amz-Credential=${REDACTED}&X-Amz-Date=2&X-Amz-Signature=${REDACTED}`,
    ],
  ])('%s', (text, without) => {
    expect(redact(text)).toBe(without);
    expect(redact(without)).toBe(without);
  });

  it.each([
    's3://bucket/masters/a@2x.mov',
    'https://example.com/@user?x=1',
    'file:///srv/a@b',
    'Bearer tokens are needed',
    'basic settings',
    '{"email":"a@b.c"}',
  ])('stays as it is: %s', (text) => expect(redact(text)).toBe(text));

  it('loses every secret that is known, whatever is around it, and in JSON too', () => {
    const secret = fc.string({ minLength: 6, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.string(), (secrets, around) => {
        // A secret that is a part of what stands in its place cannot be told from it.
        fc.pre(secrets.every((one) => !REDACTED.includes(one)));
        const without = textRedactor(secrets);
        for (const one of secrets) {
          expect(without(`${around}\n${one}\n${around}`)).not.toContain(`\n${one}\n`);
          const line = without(JSON.stringify({ msg: `\u0001${one}\u0001` }));
          expect(line).not.toContain(`\\u0001${JSON.stringify(one).slice(1, -1)}\\u0001`);
        }
      }),
    );
  });

  it('keeps words: a secret shorter than six characters is none', () => {
    expect(textRedactor(['dev', ''])('a device')).toBe('a device');
  });
});

describe('secrets of an environment', () => {
  it('are what is named so, passwords of URLs as written and as meant, and headers for the collector', () => {
    expect(
      secretsOf({
        HULLCAST_WEBHOOK_SECRET: 'hook-secret',
        AWS_SECRET_ACCESS_KEY: 'aws/secret',
        AWS_ACCESS_KEY_ID: 'AKIA',
        HULLCAST_DB: 'postgres://hullcast:p%40ss%2Fword@db/hullcast',
        HULLCAST_QUEUE: 'redis://:redis-pass@redis:6379',
        HULLCAST_STORE: 's3://bucket/prefix',
        HULLCAST_HOME: '/data',
        HULLCAST_TOKEN: '',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=collector-key, x=plain',
      }),
    ).toEqual([
      ...['hook-secret', 'aws/secret', 'redis-pass', 'redis-pass', 'p%40ss%2Fword', 'p@ss/word'],
      ...['collector-key', 'plain'],
    ]);
  });

  it('can be read of broken URLs too', () => {
    expect(secretsOf({ HULLCAST_DB: 'postgres://u:100%@db' })).toEqual(['100%']);
    expect(secretsOf({ HULLCAST_DB: 'nonsense', HULLCAST_QUEUE: 'redis://host' })).toEqual([]);
    expect(secretsOf({})).toEqual([]);
  });
});
