import { describe, expect, it } from 'vitest';
import { type FrameSource, openArgs, sourceArgs, sourceFilter, sourceStream } from '../../src/media/index.js';

const SOURCE: FrameSource = {
  path: '/media/a b.mp4',
  demuxer: 'mov',
  frames: 48,
  fps: { num: 24_000, den: 1001 },
};

describe('openArgs', () => {
  it('allows only the file protocol, forces the demuxer and makes the path a URL', () => {
    expect(openArgs('/media/-i.mp4', 'mov')).toEqual(
      ['-protocol_whitelist', 'file', '-f', 'mov', '-i', 'file:/media/-i.mp4'], //
    );
  });

  it('says the threads before the input they are for', () => {
    expect(openArgs('/a.mkv', 'matroska', { threads: 3 })).toEqual(
      ['-protocol_whitelist', 'file', '-f', 'matroska', '-threads', '3', '-i', 'file:/a.mkv'], //
    );
  });
});

describe('a frame source', () => {
  it('is decoded on one thread unless told', () => {
    expect(sourceArgs(SOURCE)).toEqual(openArgs(SOURCE.path, 'mov', { threads: 1 }));
    expect(sourceArgs(SOURCE, 4)).toEqual(openArgs(SOURCE.path, 'mov', { threads: 4 }));
  });

  it('names its stream', () => {
    expect(sourceStream(SOURCE)).toBe('0:v:0');
    expect(sourceStream({ ...SOURCE, videoStream: 2 }, 1)).toBe('1:v:2');
  });

  it('keeps exactly its frames, renumbered in a time base of one frame', () => {
    expect(sourceFilter(SOURCE)).toBe('trim=start_frame=0:end_frame=48,settb=1001/24000,setpts=N');
    expect(sourceFilter({ ...SOURCE, skipFrames: 3 })).toBe(
      'trim=start_frame=3:end_frame=51,settb=1001/24000,setpts=N',
    );
  });
});
