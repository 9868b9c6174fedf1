import { expect, test } from 'vitest';
import { digestOfHashes, hashArgs, parseFrameHashes } from '../../src/chunker/frame-hashes.js';

test('parses what the framehash muxer writes', () => {
  const text = [
    '#format: frame checksums',
    '#version: 2',
    '#hash: murmur3',
    '#tb 0: 1/24',
    '#stream#, dts,        pts, duration,     size, hash',
    '0,          0,          0,        1,    86400, 2d7ee2f7abfb2f5a83cf43c8a9e1a6fd',
    '0,          1,          1,        1,    86400, 000102030405060708090a0b0c0d0e0f',
    '',
  ].join('\n');
  expect(parseFrameHashes(text)).toEqual([
    '2d7ee2f7abfb2f5a83cf43c8a9e1a6fd',
    '000102030405060708090a0b0c0d0e0f',
  ]);
  expect(parseFrameHashes('')).toEqual([]);
});

test('the digest depends on every hash and their order', () => {
  // printf 'a\nb\n' | sha256sum
  expect(digestOfHashes(['a', 'b'])).toBe('911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2');
  expect(new Set([['a', 'b'], ['b', 'a'], ['a'], ['ab'], []].map(digestOfHashes)).size).toBe(5);
});

test('decodes as later stages do', () => {
  const source = {
    path: '/a/b.mov',
    demuxer: 'mov',
    skipFrames: 3,
    frames: 10,
    fps: { num: 30_000, den: 1001 },
  };
  expect(hashArgs(source).join(' ')).toBe(
    '-protocol_whitelist file -f mov -threads 1 -i file:/a/b.mov -map 0:v:0 ' +
      '-vf trim=start_frame=3:end_frame=13,settb=1001/30000,setpts=N ' +
      '-fps_mode passthrough -c:v rawvideo -f framehash -hash murmur3 -',
  );
});
