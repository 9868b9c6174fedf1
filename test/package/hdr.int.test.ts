import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HDR_CUT, HDR_FRAMES, hdr10Master, hlgMaster } from '../../fixtures/hdr.js';
import { type Codec, type EncodedChunk, assembleStage, encodeStage } from '../../src/encode/index.js';
import type { IngestResult, MasteringDisplay } from '../../src/ingest/index.js';
import { ffprobe } from '../../src/media/index.js';
import {
  type PackageParams,
  type PackageResult,
  type VideoInput,
  packageStage,
  verifyStage,
} from '../../src/package/index.js';
import { ingest } from '../ingest/support.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { freshContext } from './support.js';
import { outOfOrder } from '../support/mpd-order.js';

const FPS = { num: 24, den: 1 };
const SIZE = { width: 320, height: 180 };
const STARTS = [0, 12, 24, 36];

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** One chunk of a second: two groups. */
async function chunk(master: IngestResult, codec: Codec, start: number, crf: number): Promise<EncodedChunk> {
  const { blob, demuxer, videoStream, width, height, pixelFormat, colour, bitDepth, hdr } = master.picture;
  return encodeStage.run(
    {
      source: { blob, demuxer, videoStream, skipFrames: start, frames: HDR_CUT, fps: FPS },
      reference: { width, height, pixelFormat },
      ...{ colour, bitDepth, codec, resolution: SIZE, crf, gopFrames: 12 },
      preset: codec === 'av1' ? '12' : 'ultrafast',
      hdr: hdr ?? {},
      ...{ model: 'vmaf_v0.6.1', subsample: 5 },
    },
    await freshContext(stage),
  );
}

async function rendition(master: IngestResult, codec: Codec): Promise<VideoInput> {
  const [good, poor] = codec === 'av1' ? [25, 50] : [22, 36];
  const chunks = [await chunk(master, codec, 0, good), await chunk(master, codec, HDR_CUT, poor)];
  const params = { fps: FPS, chunks, segmentStarts: STARTS };
  const { blob, averageBitrate, peakBitrate } = await assembleStage.run(params, await freshContext(stage));
  const { colour, hdr } = master.picture;
  return {
    ...{ id: `${codec}-180`, blob, ...SIZE, frames: HDR_FRAMES, fps: FPS, averageBitrate, peakBitrate },
    ...{ segmentStarts: STARTS, colour, ...(hdr ? { hdr } : {}) },
  };
}

interface SideData {
  side_data_type: string;
  [field: string]: string | number;
}

/** What the decoder says of every frame's light, and of its colour. */
async function decodedLight(
  path: string,
): Promise<{ frames: number; kinds: Set<string>; first: SideData[] }> {
  const { run, tools } = stage.context;
  const { frames } = (await ffprobe(run, tools.ffprobe, {
    path,
    demuxer: 'mov',
    show: ['-select_streams', 'v:0', '-show_frames'],
  })) as { frames: { color_transfer: string; color_primaries: string; side_data_list?: SideData[] }[] };
  const light = (list: SideData[] = []): SideData[] =>
    list.filter(({ side_data_type }) => /^(Mastering|Content light)/.test(side_data_type));
  const kinds = frames.map(({ color_primaries, color_transfer, side_data_list }) =>
    [color_primaries, color_transfer, ...light(side_data_list).map((data) => data.side_data_type)].join(
      ' + ',
    ),
  );
  return { frames: frames.length, kinds: new Set(kinds), first: light(frames[0]?.side_data_list) };
}

const ratio = (text: string | number | undefined): number => {
  const [num, den] = String(text).split('/').map(Number);
  return num! / den!;
};

function expectDisplay(found: SideData | undefined, display: MasteringDisplay): void {
  for (const [name, [x, y]] of Object.entries({
    ...{ red: display.red, green: display.green, blue: display.blue, white_point: display.white },
  })) {
    // AV1 has steps of 1/65536 instead of 1/50000.
    expect(Math.abs(ratio(found?.[`${name}_x`]) - x / 50_000), name).toBeLessThan(1 / 50_000);
    expect(Math.abs(ratio(found?.[`${name}_y`]) - y / 50_000), name).toBeLessThan(1 / 50_000);
  }
  expect(ratio(found?.['max_luminance'])).toBe(1000);
  expect(ratio(found?.['min_luminance'])).toBeCloseTo(0.0001, 4);
}

async function bytesOf({ files }: PackageResult, path: string): Promise<Buffer> {
  const file = files.find((each) => each.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob));
}

/** The segments from `first` on with their initialisation segment, as a player gets them after a seek. */
async function fromSegment(result: PackageResult, folder: string, first: number): Promise<string> {
  const parts = [await bytesOf(result, `${folder}/init.mp4`)];
  for (let n = first; n <= STARTS.length; n++) parts.push(await bytesOf(result, `${folder}/${n}.m4s`));
  const path = join((await freshContext(stage)).scratch, 'shipped.mp4');
  await writeFile(path, Buffer.concat(parts));
  return path;
}

async function packaged(videos: VideoInput[]): Promise<PackageResult> {
  const params: PackageParams = { videos, audios: [], segmentSeconds: 2 };
  const result = await packageStage.run(params, await freshContext(stage));
  const verified = await verifyStage.run(
    { files: result.files, videos, audios: [] },
    await freshContext(stage),
  );
  expect(verified.findings).toEqual([]);
  return result;
}

describe('an HDR10 master', () => {
  let master: IngestResult;
  let videos: VideoInput[];
  let result: PackageResult;
  beforeAll(async () => {
    master = await ingest(stage, await hdr10Master());
    videos = [await rendition(master, 'hevc'), await rendition(master, 'av1')];
    result = await packaged(videos);
  });

  const light = 'bt2020 + smpte2084 + Mastering display metadata + Content light level metadata';

  it.each(['hevc', 'av1'])(
    'in %s: every frame has its metadata, joined and shipped, and after a seek',
    async (codec) => {
      const video = videos.find(({ id }) => id.startsWith(codec))!;
      const joined = await decodedLight(await stage.context.path(video.blob));
      expect(joined).toMatchObject({ frames: HDR_FRAMES, kinds: new Set([light]) });
      for (const first of [1, 3]) {
        const shipped = await decodedLight(await fromSegment(result, `video/${video.id}`, first));
        expect(shipped).toMatchObject({ frames: HDR_FRAMES - STARTS[first - 1]!, kinds: new Set([light]) });
        expectDisplay(shipped.first[0], master.picture.hdr!.masteringDisplay!);
        expect(shipped.first[1]).toMatchObject({ max_content: 1000, max_average: 400 });
      }
    },
  );

  it('is PQ in both manifests', async () => {
    const playlist = (await bytesOf(result, 'master.m3u8')).toString();
    const tags = playlist.split('\n').filter((line) => line.includes('STREAM-INF'));
    expect(tags).toHaveLength(4);
    expect(tags.every((line) => line.includes(',VIDEO-RANGE=PQ'))).toBe(true);
    expect(playlist).toMatch(/hvc1\.2\.4\.L\d+\.90.*\n.*\n.*av01\.0\.\d\dM\.10\.0\.11\d\.09\.16\.09\.0/);
    const mpd = (await bytesOf(result, 'manifest.mpd')).toString();
    expect(outOfOrder(mpd)).toEqual([]);
    const described = /cicp:ColourPrimaries" value="9"\/>\s*<.*Transfer.*"16"\/>\s*<.*Matrix.*"9"\/>/g;
    expect(mpd.match(described)).toHaveLength(2);
  });

  it('is encoded the same again', async () => {
    for (const codec of ['hevc', 'av1'] as const) {
      const [first, again] = [await chunk(master, codec, 0, 30), await chunk(master, codec, 0, 30)];
      expect(again.blob).toEqual(first.blob);
    }
  });
});

describe('an HLG master', () => {
  it('is HLG in HEVC and AV1 and in both manifests, and without metadata where there is none', async () => {
    const master = await ingest(stage, await hlgMaster());
    const result = await packaged([await rendition(master, 'hevc'), await rendition(master, 'av1')]);
    for (const codec of ['hevc', 'av1']) {
      const path = await fromSegment(result, `video/${codec}-180`, 1);
      expect(await decodedLight(path)).toEqual({
        ...{ frames: HDR_FRAMES, kinds: new Set(['bt2020 + arib-std-b67']), first: [] },
      });
    }
    const playlist = (await bytesOf(result, 'master.m3u8')).toString();
    expect(playlist.match(/VIDEO-RANGE=\w+/g)).toEqual(Array(4).fill('VIDEO-RANGE=HLG'));
    expect((await bytesOf(result, 'manifest.mpd')).toString()).toContain(
      'TransferCharacteristics" value="18"',
    );
  });
});
