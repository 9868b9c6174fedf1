import { expect, test } from 'vitest';
import type { ChunkResult } from '../../src/chunker/index.js';
import type { EncodeParams } from '../../src/encode/index.js';
import type { PictureFormat } from '../../src/ingest/index.js';
import type { CodecChoice, TitleOptions } from '../../src/title/options.js';
import { encodeParams } from '../../src/title/search-run.js';

const FPS = { num: 24, den: 1 };
const PICTURE: PictureFormat = {
  ...{ width: 1280, height: 720, pixelFormat: 'yuv420p', bitDepth: 8, frames: 96, fps: FPS },
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
};
const RESOLUTION = { width: 640, height: 360 };
const SHOTS = [
  { spatial: 26, temporal: 1, palette: 0.91, unchanged: 0.94 },
  { spatial: 46, temporal: 1, palette: 0.12, unchanged: 0.83 },
];

/** Parameters of an encode of a title with a plain shot, 0, and a filmed one, 1. */
function params(shot: 0 | 1, choice: CodecChoice, tune: TitleOptions['tune'] = 'auto'): EncodeParams {
  const spans = SHOTS.map((complexity, index) => ({
    ...{ index, shot: index, complexity, demuxer: 'mov', videoStream: 0, skipFrames: 0, cut: 'copy' },
    ...{ startFrame: 48 * index, endFrame: 48 * (index + 1), blob: { sha256: String(index), bytes: 1 } },
  }));
  const chunked = { shots: spans, chunks: spans, fps: FPS, frames: 96 } as unknown as ChunkResult;
  const options = { segmentSeconds: 2, neg: false, subsample: 5, tune } as TitleOptions;
  return encodeParams(choice, { shot, resolution: RESOLUTION, crf: 26 }, PICTURE, chunked, options);
}

test('a plain shot has a tune; what has none does not mention it, so that its key stays', () => {
  expect(params(0, { codec: 'h264', preset: 'medium' }).tune).toBe('plain');
  expect(params(0, { codec: 'h264', preset: 'medium' }, 'off')).not.toHaveProperty('tune');
  expect(params(1, { codec: 'h264', preset: 'medium' })).not.toHaveProperty('tune');
  expect(params(0, { codec: 'h264', preset: 'veryfast' })).not.toHaveProperty('tune');
  expect(params(0, { codec: 'hevc', preset: 'medium' })).not.toHaveProperty('tune');
  expect(params(0, { codec: 'av1', preset: '6' })).not.toHaveProperty('tune');
});
