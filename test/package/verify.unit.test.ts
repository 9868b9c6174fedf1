import { describe, expect, it } from 'vitest';
import {
  decodeAudioArgs,
  decodeVideoArgs,
  framecrcSamples,
  parseStreamHash,
  playlistInput,
} from '../../src/package/verify/decode.js';

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
