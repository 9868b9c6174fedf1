import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameSource } from '../../src/media/index.js';
import { type GraphRequest, scoreGraph, scoreOutputs, thinning } from '../../src/vmaf/graph.js';

const fps = { num: 24000, den: 1001 };
const encode: FrameSource = { path: '/e.mp4', demuxer: 'mov', frames: 48, fps: { num: 24, den: 1 } };
const reference: FrameSource = { path: '/r.mkv', demuxer: 'matroska', skipFrames: 7, frames: 48, fps };
const request: GraphRequest = {
  encode: { stream: '0:v:0', source: encode },
  reference: { stream: '1:v:0', source: reference },
  size: { width: 1920, height: 1080 },
  pixelFormat: 'yuv420p10le',
  model: 'vmaf_v0.6.1',
  subsample: 5,
  threads: 1,
};

describe('the filter graph, word for word', () => {
  test('subsampled, on one thread', () => {
    expect(scoreGraph(request).split(';')).toEqual([
      '[0:v:0]split[e0][e1]',
      "[e0]trim=start_frame=0:end_frame=48,settb=1001/24000,setpts=N,select='lt(mod(n+1,5),3)'," +
        'scale=1920:1080:flags=bicubic+accurate_rnd,format=yuv420p10le[main]',
      '[e1]trim=start_frame=0:end_frame=49,settb=1001/24000,setpts=N,' +
        'scale=64:36:flags=area+accurate_rnd,format=gray[encodePrint]',
      '[1:v:0]trim=start_frame=7:end_frame=55,settb=1001/24000,setpts=N,split[r0][r1]',
      "[r0]select='lt(mod(n+1,5),3)',format=yuv420p10le[ref]",
      '[r1]scale=64:36:flags=area+accurate_rnd,format=gray[referencePrint]',
      '[main][ref]libvmaf=model=version=vmaf_v0.6.1:n_threads=0:n_subsample=3:log_fmt=json:log_path=vmaf.json[vmaf]',
    ]);
  });

  test('every frame, on two threads', () => {
    const lines = scoreGraph({ ...request, subsample: 1, threads: 2 }).split(';');
    expect(lines[1]).not.toContain('select');
    expect(lines[4]).toBe('[r0]format=yuv420p10le[ref]');
    expect(lines[6]).toContain(':n_threads=2:n_subsample=1:');
  });

  test('one output for each of the graph’s', () => {
    expect(scoreOutputs().join(' ')).toBe(
      '-map [referencePrint] -fps_mode passthrough -f rawvideo file:reference.gray ' +
        '-map [encodePrint] -fps_mode passthrough -f rawvideo file:encode.gray ' +
        '-map [vmaf] -fps_mode passthrough -f null -',
    );
  });
});

describe('thinning', () => {
  test('keeps every frame below a factor of 5', () => {
    expect(thinning(1)).toEqual({ select: undefined, factor: 1 });
    expect(thinning(3)).toEqual({ select: undefined, factor: 3 });
  });

  /** What ffmpeg's expression lt(mod(n+1,S),3) keeps. */
  function kept(subsample: number, frames: number): number[] {
    const { select } = thinning(subsample);
    const [, factor, below] = /^select='lt\(mod\(n\+1,(\d+)\),(\d+)\)'$/.exec(select ?? '') ?? [];
    return Array.from({ length: frames }, (_, n) => n).filter(
      (n) => (n + 1) % Number(factor) < Number(below),
    );
  }

  test('every third of the kept frames is a scored one, between its true neighbours', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 200 }), (half, frames) => {
        const subsample = 2 * half + 1;
        const all = kept(subsample, frames);
        const scored = all.filter((_, index) => index % thinning(subsample).factor === 0);
        const wanted = Array.from({ length: Math.ceil(frames / subsample) }, (_, k) => k * subsample);
        expect(scored).toEqual(wanted);
        for (const n of scored) {
          const index = all.indexOf(n);
          if (n > 0) expect(all[index - 1]).toBe(n - 1);
          expect(all[index + 1]).toBe(n + 1 < frames ? n + 1 : undefined);
        }
      }),
    );
  });
});
