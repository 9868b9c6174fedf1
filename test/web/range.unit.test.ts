import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mimeType } from '../../src/web/mime.js';
import { parseRange } from '../../src/web/range.js';
import { safeSegments } from '../../src/web/static-files.js';

describe('parseRange', () => {
  it.each([
    [undefined, 'whole'],
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=10-19', { start: 10, end: 19 }],
    ['bytes=90-', { start: 90, end: 99 }],
    ['bytes=90-1000', { start: 90, end: 99 }],
    ['bytes=-10', { start: 90, end: 99 }],
    ['bytes=-1000', { start: 0, end: 99 }],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=100-200', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=20-10', 'whole'],
    ['bytes=-', 'whole'],
    ['bytes=a-b', 'whole'],
    ['bytes=0-1,5-6', 'whole'],
    ['items=0-1', 'whole'],
    ['bytes= 0-1', 'whole'],
  ] as const)('%s of 100 bytes: %o', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected);
  });

  it('never leaves the file, whatever is asked', () => {
    const number = fc.oneof(fc.constant(''), fc.nat().map(String), fc.constant('99999999999999999999'));
    fc.assert(
      fc.property(number, number, fc.nat(1000), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size);
        if (typeof range === 'string') return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThan(size);
        expect(range.start).toBeLessThanOrEqual(range.end);
      }),
    );
  });
});

describe('safeSegments', () => {
  it('takes plain and encoded names', () => {
    expect(safeSegments('v1/seg%201.m4s')).toEqual(['v1', 'seg 1.m4s']);
    expect(safeSegments('..a/b..')).toEqual(['..a', 'b..']);
  });

  it.each([
    '../x',
    'a/../b',
    '%2e%2e/x',
    '..%2fx',
    'a%2f..%2f..%2fx',
    'a%5c..%5cx',
    '.',
    'a//b',
    '',
    'a/',
    '%00',
    '%zz',
    '/etc/passwd',
  ])('refuses %s', (path) => {
    expect(safeSegments(path)).toBeUndefined();
  });
});

describe('mimeType', () => {
  it('knows what a title is made of', () => {
    expect(
      ['manifest.mpd', 'master.m3u8', 'seg.m4s', 'init.mp4', 'audio.m4a', 'a.VTT', 'x.bin'].map(mimeType),
    ).toEqual([
      'application/dash+xml',
      'application/vnd.apple.mpegurl',
      'video/iso.segment',
      'video/mp4',
      'audio/mp4',
      'text/vtt; charset=utf-8',
      'application/octet-stream',
    ]);
  });
});
