import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decimal, integer, parseAttributes } from '../../src/conformance/hls/attributes.js';
import { mediaPlaylist } from '../../src/conformance/hls/media-playlist.js';
import { isTag, scan } from '../../src/conformance/hls/scan.js';

describe('parseAttributes', () => {
  it('reads names, values and quotes', () => {
    const { values, quoted, problem } = parseAttributes('A=1,B="x, y=z", C-D=0x1F ,E=2x3,F=""');
    expect(Object.fromEntries(values)).toEqual({ A: '1', B: 'x, y=z', 'C-D': '0x1F', E: '2x3', F: '' });
    expect([...quoted]).toEqual(['B', 'F']);
    expect(problem).toBeUndefined();
    expect(parseAttributes('A=1,').problem).toBeUndefined();
  });

  it.each([
    ['a=1', 'no name and = at "a=1"'],
    ['A', 'no name and = at "A"'],
    ['A=1,,B=2', 'no name and = at ",B=2"'],
    ['A=', 'no value of A'],
    ['A="x', 'no value of A'],
    ['A="x"y', 'no comma behind A'],
    ['A=1,A=2', 'A twice'],
  ])('%s: %s', (text, problem) => {
    expect(parseAttributes(text).problem).toBe(problem);
  });

  it('gives back what was written', () => {
    const name = fc.stringMatching(/^[A-Z0-9-]{1,8}$/);
    const value = fc.oneof(fc.stringMatching(/^[A-Za-z0-9.x]{1,8}$/), fc.stringMatching(/^"[^"\r\n]{0,8}"$/));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key }), (pairs) => {
        const { values, problem } = parseAttributes(pairs.map((pair) => pair.join('=')).join(','));
        expect(problem).toBeUndefined();
        expect([...values]).toEqual(pairs.map(([key, text]) => [key, text.replaceAll('"', '')]));
      }),
    );
  });

  it('takes numbers for numbers only', () => {
    expect(['1', '1.5', '.5', '-1', '1e3', '', ' 1'].map(decimal)).toEqual([
      ...[1, 1.5, undefined, undefined, undefined, undefined, undefined],
    ]);
    expect(['12', '1.5', '-1'].map(integer)).toEqual([12, undefined, undefined]);
  });
});

const text = (...lines: string[]): Buffer => Buffer.from(['#EXTM3U', ...lines, ''].join('\n'));

describe('scan', () => {
  it('gives tags and URIs with their lines, comments left out', () => {
    const { items, problems, firstLine } = scan(
      text('# note', '', '#EXTINF:2.5,title', 'a.m4s\r', '#EXT-X-ENDLIST'),
    );
    expect(
      items.map((item) => (isTag(item) ? [item.line, item.name, item.value] : [item.line, item.uri])),
    ).toEqual([
      ...[[1, 'EXTM3U', ''] as const, [4, 'EXTINF', '2.5,title'] as const],
      ...[[5, 'a.m4s'] as const, [6, 'EXT-X-ENDLIST', ''] as const],
    ]);
    expect([firstLine, problems]).toEqual(['#EXTM3U', []]);
  });

  it('fills in variables, once', () => {
    const { items } = scan(
      text('#EXT-X-DEFINE:NAME="a",VALUE="x{$b}"', '#EXT-X-DEFINE:NAME="b",VALUE="{$a}"', '{$a}/{$b}/{$c}'),
    );
    expect(items.at(-1)).toMatchObject({ uri: 'x{$b}/x{$b}/{$c}' });
  });

  it('says what is no text', () => {
    const bytes = Buffer.concat([
      Buffer.from('\uFEFF#EXTM3U\n'),
      Buffer.from([0xff]),
      Buffer.from('\n#\u0007\n'),
    ]);
    expect(scan(bytes).problems.map(({ line, found }) => [line, found])).toEqual([
      ...[[1, 'a byte order mark'] as const, [2, 'bytes that are no UTF-8'] as const],
      [3, 'a control character'],
    ]);
  });
});

describe('mediaPlaylist', () => {
  const read = (...lines: string[]): ReturnType<typeof mediaPlaylist> =>
    mediaPlaylist('p.m3u8', 'file:///package/v/p.m3u8', scan(text(...lines)), 100);

  it('resolves URIs and byte ranges, which go on where the one before ended', () => {
    const { segments, problems } = read(
      ...['#EXT-X-MAP:URI="a.mp4",BYTERANGE="700@0"', '#EXTINF:2,', '#EXT-X-BYTERANGE:100@700', 'a.mp4'],
      ...['#EXTINF:2.5,', '#EXT-X-BYTERANGE:50', 'a.mp4', '#EXT-X-DISCONTINUITY', '#EXTINF:1,', '../b c.mp4'],
    );
    const init = { url: 'file:///package/v/a.mp4', range: { offset: 0, length: 700 } };
    expect(segments).toMatchObject([
      { url: init.url, range: { offset: 700, length: 100 }, seconds: 2, discontinuity: false, init },
      { url: init.url, range: { offset: 800, length: 50 }, seconds: 2.5, discontinuity: false },
      { url: 'file:///package/b%20c.mp4', range: undefined, seconds: 1, discontinuity: true },
    ]);
    expect(problems).toEqual([]);
  });

  it('says which ranges and URIs lead nowhere', () => {
    const { segments, problems } = read(
      ...['#EXTINF:1,', '#EXT-X-BYTERANGE:50', 'a.mp4', '#EXTINF:1,', '#EXT-X-BYTERANGE:x@y', 'a.mp4'],
      ...['#EXTINF:1,', 'http://['],
    );
    expect(problems.map(({ line }) => line)).toEqual([3, 6, 9]);
    expect(segments.every(({ unusable }) => unusable)).toBe(true);
  });

  it('knows which keys hold for a segment', () => {
    const { segments } = read(
      ...['#EXTINF:1,', '1', '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="a",KEYFORMAT="x"'],
      ...['#EXT-X-KEY:METHOD=SAMPLE-AES,URI="b",KEYFORMAT="y"', '#EXTINF:1,', '2', '#EXTINF:1,', '3'],
      ...[
        '#EXT-X-KEY:METHOD=AES-128,URI="c"',
        '#EXTINF:1,',
        '4',
        '#EXT-X-KEY:METHOD=NONE',
        '#EXTINF:1,',
        '5',
      ],
    );
    expect(segments.map(({ keys }) => keys.map(({ format }) => format))).toEqual([
      ...[[], ['x', 'y'], ['x', 'y'], ['identity'], []],
    ]);
  });

  it('keeps no more segments than it may', () => {
    const scanned = scan(text(...Array.from({ length: 200 }, (_, index) => `#EXTINF:1,\n${index}`)));
    const { segments, tooMany } = mediaPlaylist('p', 'file:///package/p', scanned, 100);
    expect([segments.length, tooMany]).toEqual([100, true]);
  });
});
