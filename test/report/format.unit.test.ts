import { describe, expect, it } from 'vitest';
import {
  bytes,
  clock,
  duration,
  fpsText,
  grouped,
  kilobits,
  plainText,
  plural,
  timecode,
  withoutCommonStart,
} from '../../src/report/format.js';
import { extent, linearScale, logScale, timeStep, vmafDomain } from '../../src/report/scale.js';

describe('formats', () => {
  it('timecodes count frames at the nominal rate', () => {
    expect(timecode(0, '24/1')).toBe('00:00:00:00');
    expect(timecode(285, '24/1')).toBe('00:00:11:21');
    expect(timecode(24, '24000/1001')).toBe('00:00:01:00');
    expect(timecode(3600 * 25 + 26, '25/1')).toBe('01:00:01:01');
  });

  it('numbers for people', () => {
    expect([clock(7.4), clock(750), clock(3723)]).toEqual(['0:07', '12:30', '1:02:03']);
    expect([duration(0.42), duration(12.3), duration(200), duration(18_430)]).toEqual([
      '0.4 s',
      '12 s',
      '3 min 20 s',
      '5 h 07 min',
    ]);
    expect([grouped(1234567), grouped(999), grouped(1234.56, 1)]).toEqual(['1,234,567', '999', '1,234.6']);
    expect([kilobits(5_940_000), kilobits(85_310)]).toEqual(['5,940', '85.3']);
    expect([bytes(999), bytes(3_420_000), bytes(86_100_000)]).toEqual(['999 B', '3.42 MB', '86.1 MB']);
    expect([plural(1, 'shot'), plural(1200, 'shot')]).toEqual(['1 shot', '1,200 shots']);
    expect(fpsText('24000/1001')).toBe('23.976 fps');
  });
});

describe('withoutCommonStart', () => {
  it.each([
    [
      ['h264-1080p-3478k', 'h264-720p-1001k'],
      ['1080p-3478k', '720p-1001k'],
    ],
    [
      ['h264-720p', 'h264-540p'],
      ['720p', '540p'],
    ],
    [
      ['a-b-1', 'a-b-2'],
      ['1', '2'],
    ],
    [
      ['a-1', 'a-1-x'],
      ['1', '1-x'],
    ],
    [['one-rung'], ['one-rung']],
    [
      ['same-x', 'same-x'],
      ['x', 'x'],
    ],
    [
      ['x', 'y'],
      ['x', 'y'],
    ],
    [[], []],
  ])('%j', (names, short) => {
    expect(withoutCommonStart(names)).toEqual(short);
  });
});

describe('plainText', () => {
  it.each([
    ['n7.0-7-gd38bf5e08e', 'n7.0-7-gd38bf5e08e'],
    ['\u001b[2J\u001b]0;title\u0007red\r\n', '[2J ]0;title red'],
    ['a\u202eb\u0000', 'a b'],
    ['é漢 ', 'é漢'],
    ['x'.repeat(61), `${'x'.repeat(59)}…`],
  ])('%j', (text, plain) => {
    expect(plainText(text)).toBe(plain);
  });
});

describe('scales', () => {
  it('linear: ends at the ends, ticks at multiples of the step', () => {
    const y = linearScale([30, 100], [200, 60], 10);
    expect([y(30), y(100), y(65)]).toEqual([200, 60, 130]);
    expect(y.ticks).toEqual([30, 40, 50, 60, 70, 80, 90, 100]);
  });

  it('logarithmic: equal ratios are equal lengths, ticks keep their distance', () => {
    const x = logScale([100_000, 10_000_000], [0, 400], 40);
    expect(x(1_000_000)).toBeCloseTo(200, 9);
    expect(x.ticks).toEqual([100_000, 200_000, 500_000, 1e6, 2e6, 5e6, 1e7]);
    const places = x.ticks.map(x);
    places.slice(1).forEach((place, i) => expect(place - places[i]!).toBeGreaterThanOrEqual(40));
  });

  it('domains', () => {
    expect(vmafDomain([38.2, 97])).toEqual([30, 100]);
    expect(vmafDomain([99])).toEqual([80, 100]);
    expect(timeStep(30, 14)).toBe(5);
    expect(extent(Array.from({ length: 300_000 }, (_, i) => i))).toEqual([0, 299_999]);
  });
});
