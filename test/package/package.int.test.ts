import { readFile } from 'node:fs/promises';
import { parse as parseHls, types } from 'hls-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_CUTS, TITLE_NTSC, type TitleShape } from '../../fixtures/renditions.js';
import { packageStage, verifyStage } from '../../src/package/index.js';
import type { PackageParams, PackageResult, VerifyResult } from '../../src/package/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { freshContext, testTitle, toneRenditions } from './support.js';

let stage: TestStage;

beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

async function packaged(params: PackageParams): Promise<PackageResult> {
  return packageStage.run(params, await freshContext(stage));
}

async function verified(params: PackageParams, { files }: PackageResult): Promise<VerifyResult> {
  return verifyStage.run({ ...params, files }, await freshContext(stage));
}

async function text(result: PackageResult, path: string): Promise<string> {
  const file = result.files.find((each) => each.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob), 'utf8');
}

async function master(result: PackageResult): Promise<types.MasterPlaylist> {
  const playlist = parseHls(await text(result, 'master.m3u8'));
  if (!playlist.isMasterPlaylist) throw new Error('not a master playlist');
  return playlist;
}

describe.each([
  ['24 fps', TITLE_24],
  ['24000/1001 fps', TITLE_NTSC],
] as [string, TitleShape][])('a title at %s with stereo and 5.1', (_, shape) => {
  let params: PackageParams;
  let result: PackageResult;
  beforeAll(async () => {
    params = await testTitle(stage, shape, '5.1(side)');
    result = await packaged(params);
  });

  it('passes every check of the verification', async () => {
    const verification = await verified(params, result);
    expect(verification.findings).toEqual([]);
    expect(verification.decodedFrames).toEqual(
      Object.fromEntries(params.videos.map(({ id }) => [id, shape.frames])),
    );
  });

  it('has a segment for every group of pictures', () => {
    for (const { id } of params.videos) {
      const segments = result.files.filter(
        ({ path }) => path.startsWith(`video/${id}/`) && path.endsWith('.m4s'),
      );
      expect(segments).toHaveLength(shape.segmentStarts.length);
    }
  });

  it('lists its files by path', () => {
    const paths = result.files.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toContain('manifest.mpd');
    expect(paths).toContain('master.m3u8');
    expect(paths.filter((path) => path.startsWith('audio.'))).toEqual([]);
  });

  it('offers every picture with stereo and with 5.1', async () => {
    const { variants, independentSegments } = await master(result);
    expect(independentSegments).toBe(true);
    const offers = variants
      .filter(({ isIFrameOnly }) => !isIFrameOnly)
      .map(({ resolution, codecs, audio }) => [
        resolution?.height,
        codecs,
        audio.map(({ channels }) => channels),
      ]);
    expect(offers).toEqual([
      [180, 'avc1.64000c,mp4a.40.2', ['2']],
      [90, 'avc1.64000a,mp4a.40.2', ['2']],
      [180, 'avc1.64000c,mp4a.40.2', ['6']],
      [90, 'avc1.64000a,mp4a.40.2', ['6']],
    ]);
    expect(variants.every(({ audio }) => audio.every(({ isDefault }) => isDefault))).toBe(true);
    expect(variants.filter(({ isIFrameOnly }) => isIFrameOnly)).toHaveLength(2);
  });

  it('is byte-identical when made again', async () => {
    expect(await packaged(params)).toEqual(result);
  });
  it('print', async () => {
    console.log(
      await text(result, 'master.m3u8'),
      await text(result, 'manifest.mpd'),
      await text(result, `video/h264-90/playlist.m3u8`),
      await text(result, `audio/audio-en-stereo/playlist.m3u8`),
      params.audios,
    );
  });
});

describe('a title of many short shots', () => {
  it('keeps every cut', async () => {
    const params = await testTitle(stage, TITLE_CUTS, 'stereo');
    const result = await packaged(params);
    const v = await verified(params, result);
    expect(v.findings).toEqual([]);
    console.log(await text(result, 'master.m3u8'));
  });
});
void toneRenditions;
