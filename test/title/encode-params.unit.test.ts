import { expect, test } from 'vitest';
import type { ChunkResult } from '../../src/chunker/index.js';
import type { NormalisedPicture } from '../../src/ingest/index.js';
import type { TitleOptions } from '../../src/title/index.js';
import { encodeParams } from '../../src/title/search-run.js';

const blob = { sha256: 'ab', bytes: 1 };
const chunked: ChunkResult = {
  shots: [{ index: 0, startFrame: 0, endFrame: 24, complexity: { spatial: 1, temporal: 1 } }],
  chunks: [
    {
      ...{ shot: 0, startFrame: 0, endFrame: 24, blob, demuxer: 'mov', videoStream: 0 },
      ...{ skipFrames: 0, cut: 'copy' },
    },
  ],
  fps: { num: 24, den: 1 },
  frames: 24,
  framesSha256: 'cd',
};
const options = { segmentSeconds: 4, subsample: 5, neg: false } as TitleOptions;

const marked = (master: [number, number], rung: [number, number]): boolean | undefined => {
  const picture: NormalisedPicture = {
    ...{ blob, demuxer: 'mov', videoStream: 0, frames: 24, fps: chunked.fps },
    ...{ width: master[0], height: master[1], pixelFormat: 'yuv420p', bitDepth: 8 },
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
  };
  const wanted = { shot: 0, resolution: { width: rung[0], height: rung[1] }, crf: 30 };
  const params = encodeParams({ codec: 'h264', preset: 'medium' }, wanted, picture, chunked, options);
  // Left out, not undefined: the key of an artifact is made of what is there.
  expect('squarePixels' in params).toBe(params.squarePixels === true);
  return params.squarePixels;
};

test('sizes of exactly the shape of the master need no word on their pixels, rounded ones do', () => {
  expect(marked([1920, 1080], [1280, 720])).toBeUndefined();
  expect(marked([1920, 1080], [416, 234])).toBeUndefined();
  expect(marked([1366, 768], [1366, 768])).toBeUndefined();
  expect(marked([1366, 768], [960, 540])).toBe(true);
  expect(marked([852, 480], [640, 360])).toBe(true);
  expect(marked([4096, 1716], [3840, 1608])).toBe(true);
});
