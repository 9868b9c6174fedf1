import { describe, expect, it } from 'vitest';
import {
  decodeAudioArgs,
  decodeVideoArgs,
  framecrcSamples,
  parseStreamHash,
  playlistInput,
} from '../../src/package/verify/decode.js';
import { folderOfInit, resolvePath } from '../../src/package/verify/listing.js';
import { readInit, readSegment, topLevelBoxes } from '../../src/package/verify/segments.js';

function box(type: string, payload: number): Buffer {
  const bytes = Buffer.alloc(8 + payload);
  bytes.writeUInt32BE(bytes.length);
  bytes.write(type, 4, 'latin1');
  return bytes;
}

describe('topLevelBoxes', () => {
  const file = Buffer.concat([box('styp', 4), box('moof', 16), box('mdat', 100)]);

  it('finds the moof', () => {
    expect(topLevelBoxes(file)).toEqual({ moofOffset: 12, whole: true });
  });

  it('sees what is cut off, at any byte', () => {
    for (let length = 1; length < file.length; length += 1) {
      const atBoundary = [12, 36].includes(length);
      expect(topLevelBoxes(file.subarray(0, length)).whole).toBe(atBoundary);
    }
  });

  it('does not run for ever on a box of size 0', () => {
    expect(topLevelBoxes(Buffer.alloc(64)).whole).toBe(false);
  });
});

describe('segments that are none', () => {
  it('are refused, not believed', () => {
    const noise = Buffer.from(Array.from({ length: 500 }, (_, index) => (index * 73) % 256));
    expect(readInit(noise)).toBeUndefined();
    expect(readInit(Buffer.alloc(0))).toBeUndefined();
    expect(readSegment(noise, noise)).toBeUndefined();
  });
});

describe('resolvePath', () => {
  it.each([
    ['master.m3u8', 'video/a/playlist.m3u8', 'video/a/playlist.m3u8'],
    ['video/a/playlist.m3u8', 'init.mp4', 'video/a/init.mp4'],
    ['video/a/playlist.m3u8', '../b/./1.m4s', 'video/b/1.m4s'],
    ['video/a/playlist.m3u8', 'https://example.com/1.m4s', 'https://example.com/1.m4s'],
    ['video/a/playlist.m3u8', '/etc/passwd', '/etc/passwd'],
  ])('%s + %s → %s', (base, uri, path) => {
    expect(resolvePath(base, uri)).toBe(path);
  });

  it('gives the folder of a rendition', () => {
    expect(folderOfInit('video/h264-180/init.mp4')).toBe('video/h264-180');
  });
});

describe('decoding', () => {
  const open = [
    ...['-xerror', '-err_detect', 'explode', '-protocol_whitelist', 'file'],
    ...['-f', 'hls', '-threads', '1', '-i', 'file:/p/playlist.m3u8'],
  ];

  it('counts frames and hashes packets in one pass', () => {
    const media = playlistInput('/p/playlist.m3u8');
    expect(decodeVideoArgs(media)).toEqual([
      ...open,
      ...['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'null', '-'],
      ...['-map', '0:v:0', '-c', 'copy', '-f', 'streamhash', '-hash', 'sha256', '-'],
    ]);
    expect(decodeAudioArgs(media, '/h')).toEqual([
      ...open,
      ...['-map', '0:a:0', '-af', 'asetnsamples=n=48000:p=0', '-c:a', 'pcm_s16le', '-f', 'framecrc', '-'],
      ...['-map', '0:a:0', '-c', 'copy', '-f', 'streamhash', '-hash', 'sha256', 'file:/h'],
    ]);
  });

  it('reads the hash', () => {
    const hash = 'ab'.repeat(32);
    expect(parseStreamHash(`0,v,SHA256=${hash}\n`)).toBe(hash);
    expect(parseStreamHash('')).toBeUndefined();
  });

  it('adds up samples', () => {
    const text =
      '#software: x\n#tb 0: 1/48000\n0,          0,          0,    48000,   192000, 0x1\n0, 48000, 48000, 17, 68, 0x2\n';
    expect(framecrcSamples(text)).toBe(48_017);
  });
});
