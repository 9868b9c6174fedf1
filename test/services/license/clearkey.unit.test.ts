import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecretKey } from '../../../src/keys/index.js';
import { clearKeyLicense, parseClearKeyRequest } from '../../../src/services/license/clearkey.js';

// The identifiers of the example in Encrypted Media Extensions, 9.1.3 and 9.1.4.
const KID = 'LwVHf8JLtPrv2GUXFW2v_A';
const HEX = '2f05477fc24bb4faefd86517156daffc';
const parse = (value: unknown) => parseClearKeyRequest(Buffer.from(JSON.stringify(value)));

describe('ClearKey licence requests', () => {
  it('are read as the recommendation has them', () => {
    expect(parse({ kids: [KID], type: 'temporary' })).toEqual({ kids: [HEX], type: 'temporary' });
    expect(parse({ type: 'persistent-license', kids: [KID, '0DdtU9od-Bh5L3xbv0Xf_A', KID] })).toEqual({
      ...{ kids: [HEX, 'd0376d53da1df818792f7c5bbf45dffc'], type: 'persistent-license' },
    });
  });

  it.each([
    ['no JSON', '{"kids":'],
    ['an empty body', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['no kids', '{"type":"temporary"}'],
    ['no kid', '{"kids":[],"type":"temporary"}'],
    ['no type', `{"kids":["${KID}"]}`],
    ['another type', `{"kids":["${KID}"],"type":"persistent-usage-record"}`],
    ['more than that', `{"kids":["${KID}"],"type":"temporary","token":"x"}`],
    ['a kid that is a number', '{"kids":[1],"type":"temporary"}'],
    ['padding', `{"kids":["${KID}=="],"type":"temporary"}`],
    ['base64 of another alphabet', `{"kids":["${KID.replace('_', '/')}"],"type":"temporary"}`],
    ['hexadecimal', `{"kids":["${HEX}"],"type":"temporary"}`],
    ['15 bytes', `{"kids":["${KID.slice(0, 20)}"],"type":"temporary"}`],
    ['17 bytes', `{"kids":["${KID}A"],"type":"temporary"}`],
    ['another spelling of the same bytes', `{"kids":["${KID.slice(0, -1)}B"],"type":"temporary"}`],
    ['65 kids', JSON.stringify({ kids: Array<string>(65).fill(KID), type: 'temporary' })],
    ['deep nesting', `{"kids":${'['.repeat(30_000)}`],
  ])('are refused with %s', (_what, text) => {
    expect(() => parseClearKeyRequest(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'LICENSE_REQUEST' }),
    );
  });

  it('are refused when they are no UTF-8', () => {
    const body = Buffer.concat([Buffer.from('{"type":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseClearKeyRequest(body)).toThrow('it is no JSON in UTF-8');
  });

  it('name all keys, whatever these are', () => {
    const kids = fc.uniqueArray(fc.uint8Array({ minLength: 16, maxLength: 16 }), {
      ...{ minLength: 1, maxLength: 64, selector: (bytes) => Buffer.from(bytes).toString('hex') },
    });
    fc.assert(
      fc.property(kids, (all) => {
        const parsed = parse({
          kids: all.map((bytes) => Buffer.from(bytes).toString('base64url')),
          type: 'temporary',
        });
        expect(parsed.kids).toEqual(all.map((bytes) => Buffer.from(bytes).toString('hex')));
      }),
    );
  });
});

it('a licence is a JWK Set as the recommendation has it', () => {
  const key = new SecretKey(Buffer.from('tQ0bJVWb6b0KPL6KtZIy_A', 'base64url'));
  expect(clearKeyLicense([{ kid: HEX, key }], 'temporary')).toBe(
    '{"keys":[{"kty":"oct","k":"tQ0bJVWb6b0KPL6KtZIy_A","kid":"LwVHf8JLtPrv2GUXFW2v_A"}],"type":"temporary"}',
  );
});
