import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shot } from '../../src/chunker/index.js';
import { pieceArgs, pieceSource, previewArgs, stillsOf } from '../../src/images/preview-args.js';
import { piecesOf, previewPieces } from '../../src/images/preview-plan.js';
import type { Piece } from '../../src/images/types.js';

const FPS = { num: 24, den: 1 };

/** Shots of these lengths, with this much motion. */
function shotsOf(lengths: readonly number[], temporal: readonly number[] = []): Shot[] {
  let frame = 0;
  return lengths.map((length, index) => {
    const startFrame = frame;
    frame += length;
    const complexity = { spatial: 40, temporal: temporal[index] ?? 1, palette: 0.1, unchanged: 0 };
    return { index, startFrame, endFrame: frame, complexity };
  });
}

const SOURCE = { path: '/in/a.mov', demuxer: 'mov', videoStream: 0, skipFrames: 10, frames: 2, fps: FPS };

const framesOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { startFrame, endFrame }) => sum + endFrame - startFrame, 0);

describe('pieces of a preview', () => {
  it('are the liveliest shots, in the order of the title', () => {
    const pieces = previewPieces(shotsOf([48, 48, 48, 48, 48, 48], [1, 9, 2, 8, 7, 6]), [], FPS);
    expect(pieces.map(({ startFrame }) => startFrame)).toEqual([48, 144, 192, 240]);
  });

  it('are all of a short title, and of one shot in one piece', () => {
    expect(previewPieces(shotsOf([30, 40]), [], FPS)).toEqual([
      { startFrame: 0, endFrame: 30 },
      { startFrame: 30, endFrame: 70 },
    ]);
    expect(previewPieces(shotsOf([120]), [], FPS)).toEqual([{ startFrame: 0, endFrame: 120 }]);
    expect(previewPieces(shotsOf([1]), [], FPS)).toEqual([{ startFrame: 0, endFrame: 1 }]);
  });

  it('lie in order inside shots, last 8 to 10 s together or as long as the title, whatever its shots', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 });
    const rate = fc.constantFrom(FPS, { num: 30_000, den: 1001 }, { num: 60, den: 1 }, { num: 5, den: 1 });
    fc.assert(
      fc.property(
        lengths,
        rate,
        fc.array(fc.double({ min: 0, max: 20, noNaN: true })),
        (some, fps, motion) => {
          const shots = shotsOf(some, motion);
          const pieces = previewPieces(shots, [], fps);
          const seconds = (framesOf(pieces) * fps.den) / fps.num;
          const title = (framesOf(shots) * fps.den) / fps.num;
          expect(seconds).toBeLessThanOrEqual(Math.min(title, 10));
          expect(seconds).toBeGreaterThan(Math.min(title, 8) - 0.25);
          for (const [i, { startFrame, endFrame }] of pieces.entries()) {
            expect(endFrame).toBeGreaterThan(startFrame);
            expect(startFrame).toBeGreaterThanOrEqual(pieces[i - 1]?.endFrame ?? 0);
            expect(shots.some((shot) => startFrame >= shot.startFrame && endFrame <= shot.endFrame)).toBe(
              true,
            );
          }
        },
      ),
    );
  });

  it('divide a shot without a rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 200 }), (length, most) => {
        const pieces = piecesOf({ startFrame: 7, endFrame: 7 + length }, most);
        expect(framesOf(pieces)).toBe(length);
        expect(pieces[0]!.startFrame).toBe(7);
        for (const [i, piece] of pieces.entries()) {
          expect(framesOf([piece])).toBeLessThanOrEqual(most);
          expect(piece.startFrame).toBe(i === 0 ? 7 : pieces[i - 1]!.endFrame);
        }
      }),
    );
  });
});

describe('stills of the animation', () => {
  it('are from the middle of every piece, ten a second', () => {
    const pieces = [
      { startFrame: 100, endFrame: 148 },
      { startFrame: 300, endFrame: 304 },
    ];
    const { frames, frameMs } = stillsOf(pieces, FPS);
    expect(frameMs).toBe(83);
    expect(frames.slice(0, 3)).toEqual([6, 8, 10]);
    expect(frames.slice(-2)).toEqual([48, 50]);
  });

  it('last three seconds at most, rise, and are frames of the clip', () => {
    const piece = fc.integer({ min: 1, max: 240 }).map((length) => ({ startFrame: 0, endFrame: length }));
    const rate = fc.constantFrom(FPS, { num: 60, den: 1 }, { num: 1, den: 4 }, { num: 12, den: 1 });
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), rate, (pieces, fps) => {
        const { frames, frameMs } = stillsOf(pieces, fps);
        expect(frames.length * frameMs).toBeLessThanOrEqual(3000);
        expect(frames).toEqual([...new Set(frames)].sort((a, b) => a - b));
        expect(frames[0]).toBeGreaterThanOrEqual(0);
        expect(frames.at(-1)).toBeLessThan(framesOf(pieces));
      }),
    );
  });

  it('come of pieces that are decoded one by one, in the size of the clip', () => {
    const colour = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const;
    const args = pieceArgs(SOURCE, { colour }, { width: 640, height: 360 }, '/scratch/0');
    const scale = 'scale=640:360:flags=area+accurate_rnd+bitexact:in_range=limited:in_color_matrix=bt709';
    const video = `${scale}:out_range=limited:out_color_matrix=bt709,format=yuv420p,setsar=1`;
    expect(args.slice(0, 10)).toEqual([
      ...['-cpuflags', '-fma3', '-protocol_whitelist', 'file', '-f', 'mov', '-threads', '1', '-i'],
      'file:/in/a.mov',
    ]);
    expect(args[args.indexOf('-filter_complex') + 1]).toBe(
      `[0:v:0]trim=start_frame=10:end_frame=12,settb=1/24,setpts=N,${video},fps=24/1[piece]`,
    );
    expect(args.slice(-4)).toEqual(['2', '-f', 'yuv4mpegpipe', 'file:/scratch/0']);
  });

  it('come out beside the clip, of one process', () => {
    const small = [SOURCE, { ...SOURCE, frames: 3 }].map((each, i) => pieceSource(each, `/scratch/${i}`));
    const args = previewArgs(
      small,
      { frames: [0, 3], frameMs: 83 },
      { width: 320, height: 180 },
      '/out/preview.mp4',
    );
    expect(args[args.indexOf('-filter_complex') + 1]).toBe(
      [
        '[0:v:0]trim=start_frame=0:end_frame=2,settb=1/24,setpts=N[p0]',
        '[1:v:0]trim=start_frame=0:end_frame=3,settb=1/24,setpts=N[p1]',
        '[p0][p1]concat=n=2:v=1:a=0,settb=1/24,setpts=N,fps=24/1,split[clip][all]',
        "[all]select='eq(n,0)+eq(n,3)',scale=320:180:flags=area+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact:" +
          'in_range=limited:in_color_matrix=bt709:out_range=full,format=rgb24[stills]',
      ].join(';'),
    );
    expect(args.slice(0, 10)).toEqual([
      ...['-cpuflags', '-fma3', '-protocol_whitelist', 'file', '-f', 'yuv4mpegpipe', '-threads', '1', '-i'],
      'file:/scratch/0',
    ]);
    expect(args.join(' ')).toContain('-movflags +faststart -f mp4 file:/out/preview.mp4 -map [stills]');
    expect(args).toContain('-an');
  });
});
