import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { present, storableJson, storableText } from '../../src/db/columns.js';
import { cursorOf, placeOf } from '../../src/db/cursor.js';

/** Any text, with what PostgreSQL cannot keep among it. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\0', '\uD800', '\uDBFF', '\uDC00', '\uDFFF', '\\', '\\u0000', '\u{1F3AC}', '"'),
      fc.string(),
    ),
  )
  .map((parts) => parts.join(''));

describe('storableText', () => {
  it.each([
    ['plain', 'plain'],
    ['a\0b', 'a\uFFFDb'],
    ['\uD800', '\uFFFD'],
    ['\uDC00\uD800', '\uFFFD\uFFFD'],
    ['\u{1F3AC}', '\u{1F3AC}'],
    ['\uD83C\u{1F3AC}\uDFAC', '\uFFFD\u{1F3AC}\uFFFD'],
  ])('%j', (text, stored) => {
    expect(storableText(text)).toBe(stored);
  });

  it('is well-formed, without NUL, and changes nothing else', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const stored = storableText(text);
        expect(stored).not.toContain('\0');
        expect(Buffer.from(stored).toString()).toBe(stored);
        expect(stored).toHaveLength(text.length);
        // UTF-8 replaces the same halves of pairs.
        expect(stored).toBe(Buffer.from(text).toString().replaceAll('\0', '\uFFFD'));
      }),
    );
  });
});

describe('storableJson', () => {
  it('is the JSON of the same with each text storable, keys too', () => {
    fc.assert(
      fc.property(fc.jsonValue(), anyText, anyText, (value, key, text) => {
        const stored: unknown = JSON.parse(storableJson([value, { [`k${key}`]: text }]));
        const clean = JSON.parse(JSON.stringify(value), (_, inner: unknown) =>
          typeof inner === 'string' ? storableText(inner) : inner,
        ) as unknown;
        expect(stored).toEqual([clean, { [storableText(`k${key}`)]: storableText(text) }]);
      }),
    );
  });

  it('keeps escapes that only look like what must go', () => {
    const value = ['\\u0000', '\\\\u0000', '\\ud800', '\n', '\u0001'];
    expect(JSON.parse(storableJson(value))).toEqual(value);
  });
});

describe('present', () => {
  it('leaves out what is null, and nothing else', () => {
    expect(present({ a: null, b: 0, c: '', d: false, e: undefined })).toEqual({ b: 0, c: '', d: false });
  });
});

describe('cursors', () => {
  it('name a place, in characters that a URL may hold', () => {
    const time = fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(time, anyText.map(storableText), (date, id) => {
        const place = { createdAt: date.toISOString(), id };
        const cursor = cursorOf(place);
        expect(cursor).toMatch(/^[\w-]+$/);
        expect(placeOf(cursor)).toEqual(place);
      }),
    );
  });

  it('are refused where they are none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => placeOf(text)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID', exitCode: 2 }));
      }),
    );
  });
});
