import { expect, test } from 'vitest';
import { parseVmafLog } from '../../src/vmaf/log.js';

function log(frames: [number: number, vmaf: unknown][], version: unknown = '3.0.0'): string {
  return JSON.stringify({
    version,
    fps: 12.5,
    frames: frames.map(([frameNum, vmaf]) => ({ frameNum, metrics: { integer_motion2: 1, vmaf } })),
  });
}

test('gives the scores in order and libvmaf’s version', () => {
  const text = log([
    [0, 97.4],
    [3, 0],
    [6, 100],
  ]);
  expect(parseVmafLog(text, 3, 3)).toEqual({ libvmafVersion: '3.0.0', frameScores: [97.4, 0, 100] });
});

test.each([
  ['no JSON', '{"version":'],
  ['no frames', JSON.stringify({ version: '3' })],
  ['no version', log([[0, 1]], null)],
  ['a score that is no number', log([[0, null]])],
  ['a score above 100', log([[0, 100.01]])],
  ['a frame too few', log([])],
  [
    'a frame too many',
    log([
      [0, 1],
      [3, 1],
    ]),
  ],
  ['another frame than asked for', log([[1, 1]])],
])('%s is refused', (_, text) => {
  expect(() => parseVmafLog(text, 1, 3)).toThrow(expect.objectContaining({ code: 'SCORE_LOG' }));
});
