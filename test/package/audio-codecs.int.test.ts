import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_NTSC, renditionClips, toneClip } from '../../fixtures/renditions.js';
import { readEac3Frames } from '../../src/package/audio/eac3-frame.js';
import { firstFramesArgs } from '../../src/package/audio/passthrough.js';
import {
  type AudioParams,
  type AudioRendition,
  audioPlan,
  audioStage,
  packageStage,
  verifyStage,
} from '../../src/package/index.js';
import { type RunRequest, ffmpeg } from '../../src/media/index.js';
import type { StageContext } from '../../src/pipeline/index.js';
import { type MemoryKeys, memoryKeys } from '../support/keys.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { PackageReader, encryptionFor, keyTags } from './drm/support.js';
import { freshContext, masterAudio, videoInput } from './support.js';

let stage: TestStage;
let keys: MemoryKeys;
beforeAll(async () => {
  keys = memoryKeys();
  stage = await stageContext({ keys });
});
afterAll(() => stage.cleanUp());

const SURROUND = masterAudio({ channels: 6, layout: '5.1' });
const SHAPE = { ...TITLE_NTSC, sizes: [[160, 90] as const] };

async function paramsOf(over: Partial<AudioParams> = {}): Promise<AudioParams> {
  const source = await stage.put(await toneClip('5.1', 9));
  const { frames, fps } = SHAPE;
  return { id: 'a', source, demuxer: 'mov', audio: SURROUND, layout: '5.1', frames, fps, ...over };
}

async function encode(over: Partial<AudioParams>): Promise<AudioRendition> {
  return audioStage.run(await paramsOf(over), await freshContext(stage));
}

async function dialnorms({ blob }: AudioRendition): Promise<number[]> {
  const { context } = stage;
  const args = firstFramesArgs(await context.path(blob));
  const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, { args, frames: 8 });
  return readEac3Frames(stdout).map(({ dialnorm }) => dialnorm);
}

describe('Dolby Digital Plus', () => {
  it.each([
    ['as loud as the master is', {}],
    ['as loud as is asked for', { normaliseLufs: -27 }],
  ])('carries in every frame how loud it is: %s', async (_, over) => {
    const rendition = await encode({ codec: 'eac3', ...over });
    expect(rendition).toMatchObject({ codec: 'eac3', codecString: 'ec-3', channels: 6, sampleRate: 48_000 });
    expect(rendition.bitrate).toBe(640_000);
    // What ships is measured by decoding it, without the decoder's turning it down.
    const loudness = rendition.loudness?.integrated ?? 0;
    expect(Math.abs((rendition.dialnorm ?? 0) - loudness)).toBeLessThanOrEqual(0.7);
    if ('normaliseLufs' in over) expect(rendition.dialnorm).toBe(-27);
    const carried = await dialnorms(rendition);
    expect(carried).toHaveLength(8);
    expect(new Set(carried)).toEqual(new Set([rendition.dialnorm]));
  });
});

it.each(['eac3', 'opus'] as const)('%s is encoded to the same bytes again', async (codec) => {
  expect(await encode({ codec })).toEqual(await encode({ codec }));
});

describe('HE-AAC', () => {
  /** A context whose ffmpeg says that it has these encoders, and which notes what is started. */
  async function contextWith(encoders: string): Promise<{ context: StageContext; started: RunRequest[] }> {
    const context = await freshContext(stage);
    const started: RunRequest[] = [];
    const run: StageContext['run'] = (request) => {
      started.push(request);
      if (!request.args.includes('-encoders')) return context.run(request);
      const usage = { cpuSeconds: 0, peakBytes: 0 };
      return Promise.resolve({ stdout: Buffer.from(encoders), stderrTail: [], usage, wallSeconds: 0 });
    };
    return { context: { ...context, run }, started };
  }
  const listed = (name: string): string => `Encoders:\n ------\n A....D ${name}              an encoder\n`;

  it('is refused by name where ffmpeg has no encoder for it', async () => {
    const { context, started } = await contextWith(listed('aac'));
    const params = await paramsOf({ codec: 'he-aac', layout: 'stereo' });
    const failed = audioStage.run(params, context);
    await expect(failed).rejects.toMatchObject({ code: 'ENCODER_MISSING', hint: /--audio-codecs/ });
    expect(started).toHaveLength(1);
  });

  it('is asked of libfdk_aac where it has one', async () => {
    const { context, started } = await contextWith(listed('libfdk_aac'));
    const params = await paramsOf({ codec: 'he-aac', layout: 'stereo' });
    // An ffmpeg without one says so itself, then; one with it goes on.
    await audioStage.run(params, context).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'PROCESS_FAILED' });
    });
    const args = started[1]?.args.join(' ');
    expect(args).toContain('-c:a libfdk_aac -profile:a aac_he -signaling explicit_hierarchical -b:a 64000');
  });
});

it('all codecs are encrypted, decrypted and verified, the playlist that no master names too', async () => {
  const audios: AudioRendition[] = [];
  for (const planned of audioPlan([SURROUND], { codecs: ['aac', 'eac3', 'opus'] })) {
    audios.push(await encode(planned));
  }
  const videos = await Promise.all((await renditionClips(SHAPE)).map((clip) => videoInput(stage, clip)));
  const title = { videos, audios, segmentSeconds: 2.25 };
  const encryption = encryptionFor(title);
  const result = await packageStage.run({ ...title, encryption }, await freshContext(stage));
  const { findings } = await verifyStage.run(
    { videos, audios, encryption, files: result.files },
    await freshContext(stage),
  );
  expect(findings).toEqual([]);
  const reader = new PackageReader(stage, result);
  for (const { id } of audios) {
    expect(keyTags(await reader.text(`audio/${id}/playlist.m3u8`)).length, id).toBeGreaterThanOrEqual(3);
  }
});
