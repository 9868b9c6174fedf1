import { expect, test } from 'vitest';
import { sameCodec } from '../../src/package/verify/codec-string.js';

test.each([
  ['avc1.64001f', 'avc1.64001f', true],
  ['avc1.64001f', 'avc1.64001e', false],
  ['hvc1.1.6.L93.90', 'hvc1.1.6.L93.90', true],
  ['hvc1.1.6.L93', 'hvc1.1.6.L93.90', false],
  ['av01.0.05M.08', 'av01.0.05M.08', true],
  ['av01.0.05M.08.0.111.01.01.01.0', 'av01.0.05M.08', true],
  ['av01.0.05M.10.0.110.09.16.09.0', 'av01.0.05M.08', false],
  ['av01.0.05M', 'av01.0.05M.08', false],
  ['vp09.00.31.08.00.01.01.01.00', 'vp09.00.31.08', true],
  ['vp09.00.30.08.00.01.01.01.00', 'vp09.00.31.08', false],
  [undefined, 'avc1.64001f', false],
])('%s for %s: %s', (declared, measured, same) => {
  expect(sameCodec(declared, measured)).toBe(same);
});
