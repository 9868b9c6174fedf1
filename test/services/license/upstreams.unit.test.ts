import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/services/license/decide.js';
import { DEFAULT_POLICY, parsePolicy } from '../../../src/services/license/policy.js';
import type { ProtectedTitle } from '../../../src/services/license/protection.js';
import { policyDocument, templateValues, upstreamRequest } from '../../../src/services/license/proxy.js';
import { fillHeader, fillJson } from '../../../src/services/license/template.js';
import { parseUpstreams } from '../../../src/services/license/upstreams.js';

const TITLE: ProtectedTitle = {
  ...{ contentId: 'content-ü', scheme: 'cbcs', systems: ['widevine'] },
  keys: [
    { kid: 'a'.repeat(32), label: 'SD', iv: '1'.repeat(32) },
    { kid: 'b'.repeat(32), label: 'UHD' },
    { kid: 'c'.repeat(32), label: 'AUDIO' },
  ],
};
const CLAIMS = {
  ...{ iss: 'hullcast', jti: 'j', nbf: 1, exp: 2, title: 'film-1', device: 'D'.repeat(43), session: 's-1' },
};
const decision = (policy = DEFAULT_POLICY) =>
  decide(policy, { system: 'widevine', keys: TITLE.keys, device: {}, nowSeconds: 1000 });
const POLICY = {
  ...{ title: 'film-1', contentId: 'content-ü', device: 'D'.repeat(43), session: 's-1' },
  keys: [
    { kid: 'a'.repeat(32), label: 'SD', iv: '1'.repeat(32), security: 'software', hdcp: 'none' },
    { kid: 'c'.repeat(32), label: 'AUDIO', security: 'software', hdcp: 'none' },
  ],
  ...{ persistent: false, licenseSeconds: 43_200 },
};
const VALUES = templateValues(CLAIMS, TITLE, decision());
const upstream = (yaml: string) =>
  parseUpstreams(`widevine:\n  url: https://drm.example/wv?key=k\n${yaml}`, 'u.yaml').widevine!;
const CHALLENGE = {
  body: Buffer.from([1, 2, 255]),
  contentType: 'text/xml; charset=utf-8',
  soapAction: undefined,
};

describe('what an upstream server is told', () => {
  it('holds the keys that are allowed, and what it must hold to', () => {
    expect(policyDocument(CLAIMS, TITLE, decision())).toEqual(POLICY);
    const renewed = parsePolicy('license: { persistent: true, seconds: 600, renewSeconds: 60 }', 'p');
    const { session: _session, ...claims } = CLAIMS;
    expect(policyDocument(claims, TITLE, decision(renewed))).toEqual({
      ...{ title: 'film-1', contentId: 'content-ü', device: 'D'.repeat(43), keys: POLICY.keys },
      ...{ persistent: true, licenseSeconds: 600, renewSeconds: 60 },
    });
  });

  it('goes where the templates say, in headers in ASCII', () => {
    const { headers } = upstreamRequest(
      upstream(
        [
          '  headers:',
          '    X-Api-Key: "se{cr}et"'.replace('{cr}', '{ cr }'),
          '    X-Policy: "{policy}"',
          '    X-Custom-Data: "{policy:base64}"',
          '    X-Asset: "{contentId:base64}/{title}; d={device} s={session} k={kids}"',
          `    X-Json: '{"asset":"{title}","rights":{policy}}'`,
        ].join('\n'),
      ),
      CHALLENGE,
      VALUES,
    );
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]+$/);
    expect(headers['x-api-key']).toBe('se{ cr }et');
    expect(headers['x-policy']).toContain('content-\\u00fc');
    expect(JSON.parse(headers['x-policy']!)).toEqual(POLICY);
    expect(JSON.parse(Buffer.from(headers['x-custom-data']!, 'base64').toString())).toEqual(POLICY);
    expect(headers['x-asset']).toBe(
      `${Buffer.from('content-ü').toString('base64')}/film-1; d=${'D'.repeat(43)} s=s-1 k=${'a'.repeat(32)},${'c'.repeat(32)}`,
    );
    expect(JSON.parse(headers['x-json']!)).toEqual({ asset: 'film-1', rights: POLICY });
  });

  it('comes with the bytes and the type of the player, unless a body is given', () => {
    const plain = upstreamRequest(upstream('  timeoutSeconds: 2.5'), CHALLENGE, VALUES);
    expect(plain).toMatchObject({ method: 'POST', timeoutMs: 2500, body: CHALLENGE.body });
    expect(plain.url.href).toBe('https://drm.example/wv?key=k');
    expect(plain.headers).toEqual({ 'content-type': 'text/xml; charset=utf-8' });
    const wrapped = upstreamRequest(
      upstream(`  body: '{"spc":{challenge},"id":{title},"rights":{policy},"p":{policy:base64}}'`),
      CHALLENGE,
      VALUES,
    );
    expect(wrapped.headers).toEqual({ 'content-type': 'application/json' });
    expect(JSON.parse(Buffer.from(wrapped.body!).toString())).toEqual({
      ...{ spc: 'AQL/', id: 'film-1', rights: POLICY },
      p: Buffer.from(fillHeader('{policy}', VALUES)).toString('base64'),
    });
  });

  it('has no header that a player made up', () => {
    const of = (contentType: string | undefined, soapAction?: string) =>
      upstreamRequest(upstream(''), { ...CHALLENGE, contentType, soapAction }, VALUES).headers;
    for (const odd of [undefined, '', 'text', 'a/b\r\nX: 1', `a/b; c=${'d'.repeat(300)}`, 'a/b; x="\n"'])
      expect(of(odd)).toEqual({ 'content-type': 'application/octet-stream' });
    const action = '"http://schemas.microsoft.com/DRM/2007/03/protocols/AcquireLicense"';
    expect(of('text/xml', action)).toEqual({ 'content-type': 'text/xml', soapaction: action });
    expect(of('text/xml', 'a\nb')).toEqual({ 'content-type': 'text/xml' });
  });
});

it('no value breaks out of its place in a body', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.jsonValue({ maxDepth: 2 }),
      (title, policy) => {
        const values = { title, policy };
        const filled = fillJson('{"title":{title},"policy":{policy},"t":{title:base64}}', values);
        expect(JSON.parse(filled)).toEqual({
          ...{ title, policy: JSON.parse(JSON.stringify(policy)) as unknown },
          t: Buffer.from(title).toString('base64'),
        });
        expect(fillHeader('{policy}', { policy: { title } })).toMatch(/^[\x20-\x7e]*$/);
        expect(JSON.parse(fillHeader('{policy}', { policy: { title } }))).toEqual({ title });
      },
    ),
    { numRuns: 30 },
  );
});

describe('the file of upstream servers', () => {
  it('may be empty, and may ask servers of this computer without TLS', () => {
    expect(parseUpstreams('', 'u.yaml')).toEqual({});
    for (const url of [
      'http://127.0.0.1:9/x',
      'http://localhost/x',
      'http://[::1]:1/',
      'https://drm.example/x#y',
    ])
      expect(parseUpstreams(`playready: { url: "${url}" }`, 'u').playready?.url.href).toBe(
        url.replace('#y', ''),
      );
  });

  it.each([
    ['widevine: { url: "http://drm.example/secret" }', 'widevine.url: expected https'],
    ['widevine: { url: "http://127.0.0.1.drm.example/secret" }', 'widevine.url: expected https'],
    ['widevine: { url: "ftp://127.0.0.1/secret" }', 'widevine.url: expected an https URL'],
    ['widevine: { url: "secret" }', 'widevine.url: expected an https URL'],
    [
      'widevine: { url: "https://me:secret@drm.example/" }',
      'widevine.url: put user and password into a header',
    ],
    ['widevine: { headers: {} }', 'widevine.url: '],
    ['widevine: { url: "https://a/", headers: { "X Y": "secret" } }', 'widevine.headers.X Y: '],
    [
      'widevine: { url: "https://a/", headers: { X: "secret\\nY: 1" } }',
      'widevine.headers.X: expected printable',
    ],
    [
      'widevine: { url: "https://a/", headers: { HOST: "secret" } }',
      'widevine.headers.HOST is not for you to set',
    ],
    ['widevine: { url: "https://a/", headers: { X: "secret {polcy}" } }', 'widevine.headers.X has {polcy}'],
    ['widevine: { url: "https://a/", headers: { X: "{policy:hex}" } }', 'has {policy:hex}'],
    ['widevine: { url: "https://a/", headers: { X: "{challenge}" } }', 'has {challenge}'],
    ['fairplay: { url: "https://a/", body: "{spc}" }', 'fairplay.body has {spc}'],
    ['widevine: { url: "https://a/", timeoutSeconds: 26 }', 'widevine.timeoutSeconds: '],
    ['widevine: { url: "https://a/", certificateFile: "x" }', 'widevine: '],
    ['clearkey: { url: "https://a/" }', 'the whole: '],
    [
      'fairplay: { url: "https://a/", certificateUrl: "http://a/" }',
      'fairplay.certificateUrl: expected https',
    ],
    ['fairplay: { url: "https://a/", certificateUrl: "https://a/", certificateFile: "x" }', 'one is enough'],
  ])('is refused: %s', (text, why) => {
    try {
      parseUpstreams(text, 'u.yaml');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'LICENSE_CONFIG', exitCode: 2 });
      expect((error as Error).message).toContain(why);
      expect((error as Error).message).not.toContain('secret');
    }
  });
});
