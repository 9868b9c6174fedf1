import { stat } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { type RenditionClip, type TitleShape, renditionClips, toneClip } from '../../fixtures/renditions.js';
import type { MasterAudio } from '../../src/ingest/index.js';
import type { AudioParams, AudioRendition, PackageParams, VideoInput } from '../../src/package/index.js';
import { audioPlan, audioStage } from '../../src/package/index.js';
import type { StageContext } from '../../src/pipeline/index.js';
import type { TestStage } from '../support/stage.js';

/** The same context with an empty scratch folder, as every run of a stage gets. */
export async function freshContext(stage: TestStage): Promise<StageContext> {
  return { ...stage.context, scratch: await mkdtemp(join(stage.context.scratch, 'run-')) };
}

export function masterAudio(over: Partial<MasterAudio> = {}): MasterAudio {
  return {
    track: 0,
    codec: 'pcm_s16le',
    channels: 2,
    layout: 'stereo',
    sampleRate: 48_000,
    language: 'eng',
    default: true,
    durationSeconds: 8,
    packets: 250,
    offsetSeconds: 0,
    ...over,
  };
}

export async function videoInput(stage: TestStage, clip: RenditionClip): Promise<VideoInput> {
  const { path, ...rest } = clip;
  const bitrate = Math.round(((await stat(path)).size * 8 * clip.fps.num) / (clip.frames * clip.fps.den));
  const colour = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const;
  return { ...rest, colour, blob: await stage.put(path), averageBitrate: bitrate, peakBitrate: bitrate };
}

export type ToneLayout = Parameters<typeof toneClip>[0];

/** Renditions of a tone track, planned and encoded by the audio stage itself. */
export async function toneRenditions(
  stage: TestStage,
  shape: TitleShape,
  layout: ToneLayout,
  over: Partial<MasterAudio> = {},
): Promise<AudioRendition[]> {
  const { fps, frames } = shape;
  const source = await stage.put(await toneClip(layout, 9));
  const channels = { mono: 1, stereo: 2, '5.1': 6, '5.1(side)': 6, '7.1': 8 }[layout];
  const renditions: AudioRendition[] = [];
  for (const planned of audioPlan([masterAudio({ channels, layout, ...over })])) {
    const params: AudioParams = { ...planned, source, demuxer: 'mov', frames, fps };
    renditions.push(await audioStage.run(params, await freshContext(stage)));
  }
  return renditions;
}

/** A title ready to be packaged: all renditions of a shape, and sound. */
export async function testTitle(
  stage: TestStage,
  shape: TitleShape,
  layout?: ToneLayout,
): Promise<PackageParams> {
  const videos: VideoInput[] = [];
  for (const clip of await renditionClips(shape)) videos.push(await videoInput(stage, clip));
  const audios = layout === undefined ? [] : await toneRenditions(stage, shape, layout);
  return { videos, audios, segmentSeconds: 2.25 };
}
