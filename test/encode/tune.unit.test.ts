import { expect, test } from 'vitest';
import { type Codec, profileOf, tuneFor } from '../../src/encode/index.js';

const PLAIN = { palette: 0.69, unchanged: 0.8 };
const of = (codec: Codec, preset: string, plainness = PLAIN): string | undefined =>
  tuneFor(profileOf(codec), preset, plainness);

test.each([
  ['flat animation', 0.91, 0.94, 'plain'],
  ['vector animation', 0.69, 0.8, 'plain'],
  ['credits', 0.88, 0.84, 'plain'],
  ['a terminal', 0.45, 0.77, undefined],
  ['a fade from black', 0.85, 0.17, undefined],
  ['a still camera on a street', 0.17, 0.85, undefined],
  ['film in black bars on all sides', 0.59, 0.86, undefined],
  ['one frame', 1, 0, undefined],
] as const)('%s: palette %f, unchanged %f', (_, palette, unchanged, tune) => {
  expect(of('h264', 'medium', { palette, unchanged })).toBe(tune);
});

test('only where the preset optimises for the eye, and the codec gains by leaving it out', () => {
  const presets = (codec: Codec): string[] =>
    profileOf(codec).presets.filter((preset) => of(codec, preset) !== undefined);
  expect(presets('h264')).toEqual(['fast', 'medium', 'slow', 'slower', 'veryslow', 'placebo']);
  for (const codec of ['hevc', 'av1', 'vp9'] as const) expect(presets(codec)).toEqual([]);
});
