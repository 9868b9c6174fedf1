import { expect, test } from 'vitest';
import { MASTERING } from '../../fixtures/hdr.js';
import type { ChunkResult } from '../../src/chunker/index.js';
import type { Codec } from '../../src/encode/index.js';
import { DEFAULT_LIMITS, type PictureFormat } from '../../src/ingest/index.js';
import type { TitleOptions } from '../../src/title/index.js';
import { type EncodeSource, needsToneMapping, sdrPicture, sourceFor } from '../../src/title/pictures.js';
import { encodeParams } from '../../src/title/search-run.js';

const SDR: PictureFormat = {
  ...{ frames: 24, fps: { num: 24, den: 1 }, width: 640, height: 360, pixelFormat: 'yuv420p', bitDepth: 8 },
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
};
const PQ: PictureFormat = {
  ...{ ...SDR, pixelFormat: 'yuv420p10le', bitDepth: 10 },
  colour: { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', range: 'tv' },
  hdr: { masteringDisplay: MASTERING },
};
const chunked = (name: string): ChunkResult => ({
  ...{ shots: [], fps: SDR.fps, frames: 24, framesSha256: '' },
  chunks: [
    {
      ...{ shot: 0, startFrame: 0, endFrame: 24, blob: { sha256: name, bytes: 1 }, demuxer: 'mov' },
      ...{ videoStream: 0, skipFrames: 0, cut: 'copy' },
    },
  ],
});
const CODECS: Codec[] = ['h264', 'hevc', 'av1', 'vp9'];

test('HEVC and AV1 stay HDR, H.264 and VP9 are made from a tone-mapped picture', () => {
  expect(CODECS.map((codec) => needsToneMapping(codec, PQ))).toEqual([true, false, false, true]);
  expect(CODECS.map((codec) => needsToneMapping(codec, SDR))).toEqual([false, false, false, false]);
  const master: EncodeSource = { picture: PQ, chunked: chunked('master') };
  const sdr: EncodeSource = { picture: sdrPicture(PQ), chunked: chunked('sdr') };
  const from = CODECS.map((codec) => sourceFor(codec, { master, sdr }).chunked.chunks[0]!.blob.sha256);
  expect(from).toEqual(['sdr', 'master', 'master', 'sdr']);
});

test('the tone-mapped picture is BT.709 in 8 bits, and forgets its light', () => {
  expect(sdrPicture(PQ)).toEqual(SDR);
});

test('an encode knows of light where its picture is HDR, and of none elsewhere', () => {
  const options = { segmentSeconds: 4, subsample: 5, neg: false, limits: DEFAULT_LIMITS } as TitleOptions;
  const params = (picture: PictureFormat): object =>
    encodeParams(
      { codec: 'hevc', preset: 'medium' },
      { shot: 0, resolution: { width: 640, height: 360 }, crf: 30 },
      ...([picture, chunked('master'), options] as const),
    );
  const { hdr: _, ...unknown } = PQ;
  expect(params(PQ)).toMatchObject({ hdr: { masteringDisplay: MASTERING }, bitDepth: 10 });
  expect(params(unknown)).toMatchObject({ hdr: {} });
  expect('hdr' in params(SDR)).toBe(false);
});
