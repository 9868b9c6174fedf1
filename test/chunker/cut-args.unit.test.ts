import { describe, expect, test } from 'vitest';
import {
  chunkMuxer,
  copyArgs,
  dropExpression,
  losslessArgs,
  losslessWholeArgs,
} from '../../src/chunker/cut-args.js';
import { scanArgs } from '../../src/chunker/scan.js';
import type { NormalisedPicture } from '../../src/ingest/index.js';

const picture: NormalisedPicture = {
  blob: { sha256: 'ab', bytes: 1 },
  demuxer: 'matroska',
  videoStream: 1,
  frames: 500,
  fps: { num: 30_000, den: 1001 },
  width: 1280,
  height: 720,
  pixelFormat: 'yuv420p',
  bitDepth: 8,
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
};
const material = { path: '/in/a b.mkv', demuxer: 'matroska', videoStream: 1 };
const plan = {
  ...{ firstPacket: 90, firstPts: 3003, packets: 77, skipFrames: 4, leadingFrames: 0 },
  ...{ seekSeconds: 1.003, readSeconds: 6.5 },
};
const BITEXACT = '-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 -map_chapters -1';
const OPEN = '-protocol_whitelist file -f matroska -threads 1 -i file:/in/a b.mkv -map 0:v:1';

test('packets are dropped up to a key frame and after a number of them', () => {
  expect(dropExpression(plan, 0.001)).toBe(
    'if(ld(0)+key*lt(abs(pts*tb-3.003000000),0.000500000),gt(st(0,ld(0)+1),77),1)',
  );
});

describe('copying', () => {
  test('seeks by the time stamps of the container and reads no further than needed', () => {
    expect(copyArgs(material, plan, { tickSeconds: 0.001, codec: 'h264' }, '/s/0.mov').join(' ')).toBe(
      `-copyts -seek_timestamp 1 -ss 1.003000000 -t 6.500000000 ${OPEN} -c copy ` +
        `-bsf:v noise=drop='${dropExpression(plan, 0.001)}' ${BITEXACT} -use_editlist 0 -f mov file:/s/0.mov`,
    );
  });

  test('does not seek where it should read from the beginning', () => {
    const args = copyArgs(
      material,
      { ...plan, seekSeconds: undefined },
      { tickSeconds: 0.001, codec: 'av1' },
      '/s/0.mov',
    );
    expect(args.slice(0, 4)).toEqual(['-copyts', '-t', '6.500000000', '-protocol_whitelist']);
    expect(args.slice(-3)).toEqual(['-f', 'mp4', 'file:/s/0.mov']);
  });

  test('uses MP4 for what MOV has no code for', () => {
    expect(['h264', 'hevc', 'prores', 'mpeg2video', 'ffv1', 'vp9', 'av1'].map(chunkMuxer)).toEqual([
      ...['mov', 'mov', 'mov', 'mov', 'mov', 'mp4', 'mp4'],
    ]);
  });
});

describe('encoding without loss', () => {
  const colour = '-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709';
  const x264 = '-c:v libx264 -preset ultrafast -qp 0 -g 48 -bf 0 -pix_fmt yuv420p';
  const window = { seekSeconds: 3, startSeconds: 5.0005, endSeconds: 7.5 };
  const span = { startFrame: 150, endFrame: 225 };

  test('a shot of 8 bits with x264', () => {
    expect(losslessArgs(material, picture, window, span, '/s/1.mov').join(' ')).toBe(
      `-copyts -seek_timestamp 1 -ss 3.000000000 ${OPEN} ` +
        '-vf trim=start=5.000500000:end=7.500000000,settb=1001/30000,setpts=N -fps_mode passthrough -frames:v 75 ' +
        `${x264} -threads 1 ${colour} ${BITEXACT} -video_track_timescale 30000 -use_editlist 0 -f mov file:/s/1.mov`,
    );
  });

  test('the last shot has no end', () => {
    const args = losslessArgs(material, picture, { ...window, endSeconds: undefined }, span, '/s/1.mov');
    expect(args).toContain('trim=start=5.000500000,settb=1001/30000,setpts=N');
  });

  test('the whole of a picture of 10 bits with FFV1', () => {
    const deep = { ...picture, pixelFormat: 'yuv422p10le', bitDepth: 10 };
    expect(losslessWholeArgs(material, deep, '/s/1.mov').join(' ')).toBe(
      `-copyts ${OPEN} -vf settb=1001/30000,setpts=N -fps_mode passthrough -frames:v 500 ` +
        `-c:v ffv1 -level 3 -g 1 -pix_fmt yuv422p10le -threads 1 ${colour} ${BITEXACT} ` +
        '-video_track_timescale 30000 -use_editlist 0 -f mov file:/s/1.mov',
    );
  });
});

test('one pass gives hashes, packets and small frames', () => {
  expect(scanArgs(picture, '/in/a b.mkv', '/s/f.txt', '/s/p.txt').join(' ')).toBe(
    '-copyts -protocol_whitelist file -f matroska -threads 2 -i file:/in/a b.mkv ' +
      '-filter_complex [0:v:1]settb=1001/30000,setpts=N,split[full][copy];' +
      '[copy]scale=64:36:flags=area+accurate_rnd+bitexact,format=gray[small] ' +
      '-map [full] -fps_mode passthrough -c:v rawvideo -f framehash -hash murmur3 file:/s/f.txt ' +
      '-map 0:v:1 -c copy -f framecrc file:/s/p.txt ' +
      '-map [small] -fps_mode passthrough -c:v rawvideo -f rawvideo -',
  );
});
