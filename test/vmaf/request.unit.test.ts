import { describe, expect, test } from 'vitest';
import { scoringFormat } from '../../src/vmaf/pixel-format.js';
import { type ScoreSettings, checkSettings } from '../../src/vmaf/request.js';

const settings: ScoreSettings = {
  referenceSize: { width: 1920, height: 1080 },
  model: 'vmaf_v0.6.1',
  subsample: 1,
  threads: 1,
};

describe('settings', () => {
  test.each([1, 3, 5, 7, 25])('every %i. frame can be scored', (subsample) => {
    expect(() => checkSettings({ ...settings, subsample })).not.toThrow();
  });

  test.each([0, -1, 2, 4, 8, 1.5, NaN])('a factor of %d is bad usage', (subsample) => {
    const error = expect.objectContaining({ code: 'SCORE_SUBSAMPLE', exitCode: 2 });
    expect(() => checkSettings({ ...settings, subsample })).toThrow(error);
  });

  test.each([0, 0.5, -2])('%d threads are bad usage', (threads) => {
    const error = expect.objectContaining({ code: 'SCORE_THREADS', exitCode: 2 });
    expect(() => checkSettings({ ...settings, threads })).toThrow(error);
  });
});

describe('pixel format', () => {
  test.each([
    ['yuv420p', 'yuv420p'],
    ['yuvj420p', 'yuv420p'],
    ['yuvj444p', 'yuv444p'],
    ['yuv422p10le', 'yuv422p10le'],
    ['yuva444p12le', 'yuv444p12le'],
    ['nv12', 'yuv420p'],
    ['p010le', 'yuv420p10le'],
  ])('%s is scored in %s', (from, to) => {
    expect(scoringFormat(from)).toBe(to);
  });

  test.each(['gray', 'gbrp10le', 'rgb24', 'yuv410p', 'yuv420p10be', ''])('%s is refused', (format) => {
    expect(() => scoringFormat(format)).toThrow(expect.objectContaining({ code: 'SCORE_PIXEL_FORMAT' }));
  });
});
