import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allows } from '../../../src/services/api/auth.js';
import { allowedOrigin } from '../../../src/services/api/cors.js';
import { fileName } from '../../../src/services/api/names.js';
import { parserError, requestError } from '../../../src/services/api/request-errors.js';
import { Bell, sseFrame } from '../../../src/services/api/sse.js';
import { parseChecksum } from '../../../src/services/api/uploads/checksum.js';

describe('scopes', () => {
  it('include the smaller ones', () => {
    const table = (['read', 'submit', 'admin'] as const).map((has) =>
      (['read', 'submit', 'admin'] as const).map((needed) => allows([has], needed)),
    );
    expect(table).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ]);
    expect(allows([], 'read')).toBe(false);
  });
});

describe('file names', () => {
  it.each([
    ['film.mov', 'film.mov'],
    ['/a/b/film.mov', 'film.mov'],
    ['C:\\masters\\film.mov', 'film.mov'],
    ['..', '..'],
    ['a/', 'master'],
    ['', 'master'],
    ['  ', 'master'],
    ['a\u0000\u001b[31mb\u202e\u2028c', 'a[31mbc'],
    ['übung 日本.mov', 'übung 日本.mov'],
  ])('of %j: %j', (text, name) => {
    expect(fileName(text)).toBe(name);
  });

  it('have no folders, no control characters and at most 255 characters, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const name = fileName(text);
        expect(name.length).toBeGreaterThan(0);
        expect(name.length).toBeLessThanOrEqual(255);
        expect(name).not.toMatch(/[/\\\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
      }),
    );
  });
});

describe('checksums', () => {
  it.each(['sha1', 'sha256', 'sha512', 'md5'])('are read: %s', (algorithm) => {
    const digest = createHash(algorithm).update('x').digest();
    expect(parseChecksum(`${algorithm} ${digest.toString('base64')}`)).toEqual({ algorithm, digest });
  });

  it.each([
    '',
    'sha1',
    'sha1 ',
    'sha1 AAAA',
    'md5  1B2M2Y8AsgTpgAmY7PhCfg==',
    'md5 1B2M2Y8AsgTpgAmY7PhCfg',
    'crc32 AAAAAA==',
  ])('are refused: %j', (header) => {
    expect(() => parseChecksum(header)).toThrow(expect.objectContaining({ code: 'CHECKSUM_INVALID' }));
  });
});

describe('origins', () => {
  it('are allowed by name or all of them', () => {
    expect(allowedOrigin(undefined, ['*'])).toBeUndefined();
    expect(allowedOrigin('https://a.example', [])).toBeUndefined();
    expect(allowedOrigin('https://a.example', ['https://a.example'])).toBe('https://a.example');
    expect(allowedOrigin('https://a.example.evil', ['https://a.example'])).toBeUndefined();
    expect(allowedOrigin('null', ['https://a.example'])).toBeUndefined();
    expect(allowedOrigin('https://a.example', ['*'])).toBe('*');
  });
});

describe('server-sent events', () => {
  it('are one frame, whatever is in them', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.option(fc.nat(), { nil: undefined }), (data, id) => {
        const frame = sseFrame('title', data, id);
        expect(frame.endsWith('\n\n')).toBe(true);
        const lines = frame.slice(0, -2).split('\n');
        expect(lines).toHaveLength(id === undefined ? 2 : 3);
        expect(lines[0]).toBe('event: title');
        if (id !== undefined) expect(lines[1]).toBe(`id: ${id}`);
        expect(JSON.stringify(JSON.parse(lines.at(-1)!.slice('data: '.length)))).toBe(JSON.stringify(data));
      }),
    );
  });

  it('wait for a bell, and remember one that rang before', async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    expect(await bell.wait(10_000)).toBe(true);
    expect(await bell.wait(5)).toBe(false);
    setTimeout(() => bell.ring(), 5);
    expect(await bell.wait(10_000)).toBe(true);
    expect(await bell.wait(5)).toBe(false);
  });
});

describe('errors of the framework', () => {
  const code = (error: unknown, complete = true): unknown =>
    (requestError(error, complete).error as { code: string }).code;

  it('are told in words of the API', () => {
    expect(code({ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 })).toBe('BODY_TOO_LARGE');
    expect(code({ code: 'FST_ERR_MAX_PARAM_LENGTH', statusCode: 414 })).toBe('ROUTE_NOT_FOUND');
    expect(code({ code: 'SOMETHING_NEW', statusCode: 418 })).toBe('REQUEST_INVALID');
    expect(code({ code: 'FST_ERR_HANDLER_TIMEOUT', statusCode: 503 })).toBe('HANDLER_TIMEOUT');
    expect(code({ code: 'FST_ERR_HANDLER_TIMEOUT', statusCode: 503 }, false)).toBe('REQUEST_TIMEOUT');
  });

  it('stay as they are where they are not about the request', () => {
    const error = new Error('inside');
    expect(requestError(error, true)).toEqual({ error });
    expect(requestError({ statusCode: 500 }, true)).toEqual({ error: { statusCode: 500 } });
  });

  it('of the parser have a code', () => {
    expect(parserError('HPE_HEADER_OVERFLOW').code).toBe('HEADERS_TOO_LARGE');
    expect(parserError('ERR_HTTP_REQUEST_TIMEOUT').code).toBe('REQUEST_TIMEOUT');
    expect(parserError('HPE_INVALID_METHOD').code).toBe('REQUEST_INVALID');
    expect(parserError(undefined).code).toBe('REQUEST_INVALID');
  });
});
