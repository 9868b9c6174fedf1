import { expect, it } from 'vitest';
import { parseLevels } from '../../src/title/levels.js';

const CODECS = ['h264', 'hevc', 'av1', 'vp9'] as const;

it('reads a level for each codec', () => {
  expect(parseLevels(['h264=4.1', 'av1=5'], CODECS)).toEqual({ h264: '4.1', av1: '5' });
  expect(parseLevels([], CODECS)).toEqual({});
});

it.each([
  [['h264'], '`h264` is not a codec (h264, hevc, av1, vp9), = and a level from 1.0 to 6.2'],
  [['vp8=4.1'], '`vp8=4.1` is not a codec (h264, hevc, av1, vp9), = and a level from 1.0 to 6.2'],
  [['h264=41'], '`h264=41` is not a codec (h264, hevc, av1, vp9), = and a level from 1.0 to 6.2'],
  [['h264=4.1', 'h264=4.2'], '`h264=4.2` gives h264 a second level'],
])('refuses %j', (entries, message) => {
  expect(() => parseLevels(entries, CODECS)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: `encode.maxLevel: ${message}` }),
  );
});
