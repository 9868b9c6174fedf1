import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CutClip,
  KINDS,
  type KindName,
  behindEditList,
  oneLongGroup,
  oneShot,
  secondStream,
  storedAs,
} from '../../fixtures/cuts.js';
import { cutShot } from '../../src/chunker/cut.js';
import { cutSource } from '../../src/chunker/cut-source.js';
import { type ChunkParams, type ChunkResult, chunkStage } from '../../src/chunker/index.js';
import { scan } from '../../src/chunker/scan.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { chunkFrames, masterFrames, pictureOf } from './support.js';

// Short shots within long groups, so that most chunks begin and end where no key frame is.
const LIMITS = { minFrames: 8, maxFrames: 21 };

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

async function chunked(
  clip: CutClip,
  videoStream = 0,
): Promise<{ params: ChunkParams; result: ChunkResult }> {
  const params = { picture: await pictureOf(stage, clip, videoStream), ...LIMITS };
  return { params, result: await chunkStage.run(params, stage.context) };
}

/** Chunks in order give the master's frames, and shots begin where the clip's do. */
async function expectExact(clip: CutClip, videoStream = 0): Promise<ChunkResult> {
  const { params, result } = await chunked(clip, videoStream);
  const starts = result.shots.map((shot) => shot.startFrame);
  expect(starts).toEqual(expect.arrayContaining(clip.cuts));
  expect(result.shots.length).toBeGreaterThan(clip.cuts.length + 1);
  expect(result.chunks.map((chunk) => chunk.startFrame)).toEqual(starts);
  expect(result.chunks.map((chunk) => chunk.shot)).toEqual(result.shots.map((shot) => shot.index));
  const [master, chunks] = [
    await masterFrames(stage.context, clip, videoStream),
    await chunkFrames(stage.context, result.chunks, params),
  ];
  expect(master).toHaveLength(clip.frames);
  expect(chunks).toEqual(master);
  return result;
}

const LOSSLESS: readonly KindName[] = [
  'packets that MOV cannot hold',
  'no time stamps',
  'no time stamps, 10 bit',
];

describe('all chunks in order give the frames of the master', () => {
  test.each(Object.keys(KINDS) as KindName[])('%s', async (name) => {
    const { chunks } = await expectExact(await storedAs(name));
    const cut = LOSSLESS.includes(name) ? 'lossless' : 'copy';
    expect(new Set(chunks.map((chunk) => chunk.cut))).toEqual(new Set([cut]));
  });

  test('behind an edit list', async () => {
    const { chunks } = await expectExact(await behindEditList());
    expect(new Set(chunks.map((chunk) => chunk.cut))).toEqual(new Set(['copy']));
    expect(chunks[0]?.skipFrames).toBeGreaterThan(0);
  });

  test('from the second picture of a file', async () => {
    const { chunks } = await expectExact(await secondStream(), 1);
    expect(new Set(chunks.map((chunk) => chunk.cut))).toEqual(new Set(['copy']));
  });
});

test('intra-only material has nothing to skip', async () => {
  const { result } = await chunked(await storedAs('intra-only'));
  expect(result.chunks.map((chunk) => chunk.skipFrames)).toEqual(result.chunks.map(() => 0));
});

test('a master of one long group is cut so that no chunk holds, or decodes, all that lies before it', async () => {
  const clip = await oneLongGroup();
  const params = { picture: await pictureOf(stage, clip), minFrames: 100, maxFrames: 240 };
  const { chunks } = await chunkStage.run(params, stage.context);
  expect(chunks.map(({ startFrame }) => startFrame)).toEqual([0, 233, 466]);
  for (const { cut, skipFrames } of chunks) {
    expect(cut).toBe('lossless');
    expect(skipFrames).toBeLessThan(48); // a group of the lossless copy
  }
  expect(await chunkFrames(stage.context, chunks, params)).toEqual(await masterFrames(stage.context, clip));
});

test('the same master gives the same result, byte by byte', async () => {
  for (const name of ['open groups of 12 in Matroska', 'packets that MOV cannot hold'] as const) {
    const clip = await storedAs(name);
    const [first, second] = [(await chunked(clip)).result, (await chunked(clip)).result];
    expect(second).toEqual(first);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  }
});

test('equal frames in other files have the same digest, other frames another', async () => {
  const digest = async (clip: CutClip): Promise<string> => (await chunked(clip)).result.framesSha256;
  const [one, two] = [await storedAs('long groups with B-frames'), await storedAs('open groups of 24')];
  expect(await digest(one)).not.toBe(await digest(two));
  const inSecond = (await chunked(await secondStream(), 1)).result.framesSha256;
  expect(inSecond).toBe(await digest(one));
});

test('an only shot is the picture itself', async () => {
  const clip = await oneShot('pan');
  const picture = await pictureOf(stage, clip);
  const params = { picture, minFrames: 24, maxFrames: 240 };
  const { shots, chunks } = await chunkStage.run(params, stage.context);
  expect(shots).toEqual([
    { index: 0, startFrame: 0, endFrame: 90, complexity: expect.anything() as unknown },
  ]);
  const { blob, demuxer, videoStream } = picture;
  expect(chunks).toEqual([
    { shot: 0, startFrame: 0, endFrame: 90, blob, demuxer, videoStream, skipFrames: 0, cut: 'copy' },
  ]);
  expect(await chunkFrames(stage.context, chunks, params)).toEqual(await masterFrames(stage.context, clip));
});

test('progress rises to its total', async () => {
  const seen: [number, number][] = [];
  const own = await stageContext({ progress: (done, total) => seen.push([done, total]) });
  const clip = await storedAs('23.976 fps');
  await chunkStage.run({ picture: await pictureOf(own, clip), ...LIMITS }, own.context);
  const done = seen.map(([value]) => value);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(seen.at(-1)).toEqual([300, 300]);
  expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([300]));
  await own.cleanUp();
});

describe('errors', () => {
  test('another number of frames than ingest counted rejects the master', async () => {
    const clip = await storedAs('29.97 fps');
    const picture = { ...(await pictureOf(stage, clip)), frames: 151 };
    await expect(chunkStage.run({ picture, ...LIMITS }, stage.context)).rejects.toMatchObject({
      code: 'MASTER_FRAME_COUNT',
      exitCode: 3,
      message: expect.stringMatching(/151 frames, but 150/) as unknown,
    });
  });

  test('impossible limits are refused before any work', async () => {
    const picture = await pictureOf(stage, await storedAs('29.97 fps'));
    const noTool = { ...stage.context, run: () => Promise.reject(new Error('nothing should run')) };
    const params = { picture, minFrames: 48, maxFrames: 90 };
    await expect(chunkStage.run(params, noTool)).rejects.toMatchObject({ code: 'SHOT_LIMITS', exitCode: 2 });
  });

  test('frames that no way of cutting gives are an error, and leave nothing behind', async () => {
    const own = await stageContext();
    const clip = await storedAs('29.97 fps');
    const picture = await pictureOf(own, clip);
    const scanned = await scan(own.context, picture, clip.path, () => undefined);
    const before = await readdir(own.context.scratch);
    const wrong = { ...scanned, hashes: [...scanned.hashes.slice(1), scanned.hashes[0]!] };
    const source = await cutSource(own.context, picture, clip.path, wrong);
    const span = { startFrame: 60, endFrame: 70 };
    await expect(cutShot(own.context, source, 'x', span)).rejects.toMatchObject({
      code: 'CHUNK_INEXACT',
      message: expect.stringContaining('frames 60 to 69') as unknown,
    });
    expect(await readdir(own.context.scratch)).toEqual(before);
    await own.cleanUp();
  });

  test('a cancelled run ends as cancelled, and with no process left', async () => {
    const stop = new AbortController();
    let running = 0;
    const own = await stageContext({ signal: stop.signal });
    const context = {
      ...own.context,
      run: async (request: Parameters<typeof own.context.run>[0]) => {
        running++;
        return await own.context.run(request).finally(() => running--);
      },
      keep: (path: string) => {
        stop.abort();
        return own.context.keep(path);
      },
    };
    const picture = await pictureOf(own, await storedAs('long groups with B-frames'));
    await expect(chunkStage.run({ picture, ...LIMITS }, context)).rejects.toMatchObject({
      code: 'PROCESS_CANCELLED',
    });
    expect(running).toBe(0);
    await own.cleanUp();
  });
});
