import { readFile } from 'node:fs/promises';
import { parse as parseHls, type types } from 'hls-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_CUTS, TITLE_NTSC, type TitleShape } from '../../fixtures/renditions.js';
import type { PackageParams, PackageResult, VerifyResult } from '../../src/package/index.js';
import { packageStage, verifyStage } from '../../src/package/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { freshContext, testTitle, toneRenditions } from './support.js';
import { outOfOrder } from '../support/mpd-order.js';

let stage: TestStage;

beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

async function packaged(params: PackageParams): Promise<PackageResult> {
  return packageStage.run(params, await freshContext(stage));
}

async function verified({ videos, audios }: PackageParams, { files }: PackageResult): Promise<VerifyResult> {
  return verifyStage.run({ files, videos, audios }, await freshContext(stage));
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

/** Bytes of the segments of a rendition, in order. */
function segmentBytes({ files }: PackageResult, folder: string): number[] {
  const bytes = new Map(files.map(({ path, blob }) => [path, blob.bytes]));
  const count = files.filter(({ path }) => path.startsWith(`${folder}/`) && path.endsWith('.m4s')).length;
  return Array.from({ length: count }, (_, index) => bytes.get(`${folder}/${index + 1}.m4s`) ?? NaN);
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
      expect(segmentBytes(result, `video/${id}`)).toHaveLength(shape.segmentStarts.length);
    }
  });

  it('lists its files by path, and nothing that it does not ship', () => {
    const paths = result.files.map(({ path }) => path);
    expect(paths).toEqual([...paths].sort());
    const folders = [
      ...params.videos.map(({ id }) => `video/${id}`),
      ...params.audios.map(({ id }) => `audio/${id}`),
    ];
    const others = paths.filter((path) => !/\/\d+\.m4s$/.test(path));
    expect(others).toEqual(
      [
        'manifest.mpd',
        'master.m3u8',
        ...folders.flatMap((folder) => [`${folder}/init.mp4`, `${folder}/playlist.m3u8`]),
        ...params.videos.map(({ id }) => `video/${id}/iframes.m3u8`),
      ].sort(),
    );
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
    const sound = variants.flatMap(({ audio }) => audio);
    expect(sound.every(({ isDefault, language }) => isDefault && language === 'en')).toBe(true);
    expect(variants.filter(({ isIFrameOnly }) => isIFrameOnly)).toHaveLength(2);
  });

  it('ends with the picture: no playlist differs from the title by more than an AAC frame', async () => {
    const seconds = (shape.frames * shape.fps.den) / shape.fps.num;
    const paths = result.files.map(({ path }) => path).filter((path) => path.endsWith('/playlist.m3u8'));
    expect(paths).toHaveLength(4);
    for (const path of paths) {
      const playlist = parseHls(await text(result, path));
      if (playlist.isMasterPlaylist) throw new Error('not a media playlist');
      const sum = playlist.segments.reduce((total, { duration }) => total + duration, 0);
      expect(Math.abs(sum - seconds)).toBeLessThan(1024 / 48_000);
    }
  });

  it('is byte-identical when made again', async () => {
    expect(await packaged(params)).toEqual(result);
  });
});

describe('a title of many short shots', () => {
  let params: PackageParams;
  let result: PackageResult;
  beforeAll(async () => {
    params = await testTitle(stage, TITLE_CUTS, 'stereo');
    result = await packaged(params);
  });

  it('keeps every cut and passes the verification', async () => {
    expect(segmentBytes(result, 'video/h264-90')).toHaveLength(13);
    expect((await verified(params, result)).findings).toEqual([]);
  });

  it('does not cut its sound as short as its shots', () => {
    expect(segmentBytes(result, 'audio/audio-en-stereo')).toHaveLength(4);
  });

  it('declares the true peak, which is in the eleventh segment', async () => {
    const bytes = segmentBytes(result, 'video/h264-90');
    const frames = TITLE_CUTS.segmentStarts.map(
      (start, index) => (TITLE_CUTS.segmentStarts[index + 1] ?? 192) - start,
    );
    const rates = bytes.map((size, index) => (size * 8 * 24) / (frames[index] ?? NaN));
    expect(rates.indexOf(Math.max(...rates.filter((_, index) => frames[index] === 17)))).toBe(10);
    // Runs of 0.5 to 1.5 target durations (RFC 8216, 4.1): that of the title is 3 s, as long as its sound needs.
    expect(await text(result, 'video/h264-90/playlist.m3u8')).toContain('#EXT-X-TARGETDURATION:3\n');
    const sum = (values: number[], first: number, end: number): number =>
      values.slice(first, end).reduce((all, value) => all + value, 0);
    let peak = { rate: 0, first: 0, end: 0 };
    for (let first = 0; first < bytes.length; first += 1) {
      for (let end = first + 1; end <= bytes.length; end += 1) {
        const length = sum(frames, first, end);
        const rate = (sum(bytes, first, end) * 8 * 24) / length;
        if (length >= 36 && length <= 108 && rate > peak.rate) peak = { rate, first, end };
      }
    }
    expect(peak.first <= 10 && peak.end > 10).toBe(true);
    const mpd = await text(result, 'manifest.mpd');
    expect(mpd).toContain(`<Representation id="h264-90" bandwidth="${Math.ceil(peak.rate - 1e-6)}"`);
  });
});

describe('sound', () => {
  it('in several languages is in every group, the default first', async () => {
    const params = await testTitle(stage, TITLE_24);
    const surround = await toneRenditions(stage, TITLE_24, '5.1', { language: 'und', default: false });
    const french = await toneRenditions(stage, TITLE_24, 'stereo', {
      ...{ track: 0, language: 'fra', default: true, title: 'Version, "française" = VF & <VO>' },
    });
    const audios = [...surround, ...french.map((each) => ({ ...each, track: 1 }))];
    const result = await packaged({ ...params, audios });
    // Of a track without a language none can be told.
    const { findings } = await verified({ ...params, audios }, result);
    expect(new Set(findings.map(({ code, severity }) => `${code} ${severity}`))).toEqual(
      new Set(['APPLE-LANGUAGE warning']),
    );
    const { variants } = await master(result);
    const offers = new Set(
      variants.map(({ audio }) =>
        audio.map((each) => [each.groupId, each.name, each.channels, each.isDefault].join()).join(' | '),
      ),
    );
    const name = 'Version française VF & <VO>';
    expect([...offers]).toEqual([
      `stereo,${name},2,true | stereo,Audio,2,false`,
      `surround,${name},2,true | surround,Audio,6,false`,
      '',
    ]);
    const mpd = await text(result, 'manifest.mpd');
    expect(outOfOrder(mpd)).toEqual([]);
    expect([...mpd.matchAll(/<AdaptationSet\b[^>]*contentType="audio"/g)]).toHaveLength(3);
    expect([...mpd.matchAll(/lang="([^"]*)"/g)].map((match) => match[1])).toEqual(['fr']);
    expect([...mpd.matchAll(/Role\b.*value="([^"]*)"/g)].map((match) => match[1])).toEqual([
      ...['alternate', 'alternate', 'main'],
    ]);
  });

  it('may be missing', async () => {
    const params = await testTitle(stage, TITLE_24);
    const result = await packaged(params);
    expect((await verified(params, result)).findings).toEqual([]);
    expect(await text(result, 'master.m3u8')).not.toContain('AUDIO');
  });
});

it('a title of one segment is one segment', async () => {
  const shape: TitleShape = { ...TITLE_24, frames: 50, segmentStarts: [0] };
  const params = await testTitle(stage, shape, 'stereo');
  const result = await packaged(params);
  expect(segmentBytes(result, 'video/h264-180')).toHaveLength(1);
  expect((await verified(params, result)).findings).toEqual([]);
});

describe('renditions whose key frames are not where they should be', () => {
  it.each([
    ['a start that is no key frame', [0, 48, 90, 120, 144]],
    ['a key frame that is no start', [0, 48, 90]],
    ['a start that is off by one', [0, 48, 91, 144]],
  ])('are refused: %s', async (_, segmentStarts) => {
    const params = await testTitle(stage, TITLE_24);
    const videos = params.videos.map((video) => ({ ...video, segmentStarts }));
    await expect(packaged({ ...params, videos })).rejects.toMatchObject({ code: 'PACKAGE_SEGMENTS' });
  });
});
