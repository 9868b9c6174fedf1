import { describe, expect, it, test } from 'vitest';
import { codecList, sameCodec } from '../../src/conformance/codecs.js';

test.each([
  ['avc1.64001f', 'avc1.64001f', true],
  ['avc1.64001F', 'avc1.64001f', true],
  ['avc1.64001f', 'avc1.64001e', false],
  ['avc1', 'avc1.64001e', false],
  ['hvc1.1.6.L93.90', 'hvc1.1.6.L93.90', true],
  ['hvc1.1.6.L93', 'hvc1.1.6.L93.90', false],
  ['hvc1.1.6.L93.B0.0.0.0.0.0', 'hvc1.1.6.L93.B0', true],
  ['hev1.1.6.L93.B0', 'hvc1.1.6.L93.B0', false],
  ['av01.0.05M.08', 'av01.0.05M.08', true],
  ['av01.0.05M.08.0.111.01.01.01.0', 'av01.0.05M.08', true],
  ['av01.0.05M.10.0.110.09.16.09.0', 'av01.0.05M.08', false],
  ['av01.0.05M', 'av01.0.05M.08', false],
  ['vp09.00.31.08.00.01.01.01.00', 'vp09.00.31.08', true],
  ['vp09.00.30.08.00.01.01.01.00', 'vp09.00.31.08', false],
  ['mp4a.40.2', 'mp4a.40.2', true],
  ['mp4a.40.02', 'mp4a.40.2', true],
  ['mp4a.40.5', 'mp4a.40.2', true],
  ['mp4a.40.2', 'mp4a.40.5', false],
  ['ec+3', 'ec-3', true],
  ['ac-3', 'ec-3', false],
  ['Opus', 'opus', true],
  ['', 'avc1.64001f', false],
])('%s for %s: %s', (declared, measured, same) => {
  expect(sameCodec(declared, measured)).toBe(same);
});

describe('codecList', () => {
  it('takes what stands between commas', () => {
    expect(codecList(' avc1.64001f, mp4a.40.2,,')).toEqual(['avc1.64001f', 'mp4a.40.2']);
    expect(codecList(undefined)).toEqual([]);
  });
});
