import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BURST_SECONDS, burst } from '../../fixtures/sound-masters.js';
import { TITLE_NTSC, type TitleShape, renditionClips } from '../../fixtures/renditions.js';
import { DEFAULT_LIMITS, type IngestResult, ingestStage } from '../../src/ingest/index.js';
import { ffmpeg, openArgs } from '../../src/media/index.js';
import {
  type AudioOptions,
  type AudioRendition,
  type PackageParams,
  type PackageResult,
  audioPlan,
  audioStage,
  packageStage,
} from '../../src/package/index.js';
import type { TestStage } from '../support/stage.js';
import { freshContext, videoInput } from './support.js';

const RATE = 48_000;

/** The shape of every title here: no whole number of samples, of milliseconds or of any codec's frames. */
export const SHAPE: TitleShape = { ...TITLE_NTSC, sizes: [[160, 90]] };

export interface Shipped {
  ingest: IngestResult;
  params: PackageParams;
  packaged: PackageResult;
}

/** Takes a master in, makes its sound and packages it beside a small picture, as the flow of a title does. */
export async function ship(stage: TestStage, master: string, options: AudioOptions): Promise<Shipped> {
  const source = await stage.put(master);
  const context = await freshContext(stage);
  const ingest = await ingestStage.run({ name: 'master', source, limits: DEFAULT_LIMITS }, context);
  const { demuxer, picture } = ingest;
  const { frames, fps } = picture;
  const planned = audioPlan(ingest.audio, options, picture);
  const audios: AudioRendition[] = [];
  // Two at a time, as a machine of two cores does.
  const queue = planned.entries();
  const work = async (): Promise<void> => {
    for (const [index, one] of queue) {
      const params = { ...one, source, demuxer, frames, fps };
      audios[index] = await audioStage.run(params, await freshContext(stage));
    }
  };
  await Promise.all([work(), work()]);
  const clips = await renditionClips(SHAPE);
  const videos = await Promise.all(clips.map((clip) => videoInput(stage, clip)));
  const params = { videos, audios, segmentSeconds: 2.25 };
  return { ingest, params, packaged: await packageStage.run(params, await freshContext(stage)) };
}

/** A text of the package. */
export async function textOf(stage: TestStage, { packaged }: Shipped, path: string): Promise<string> {
  const file = packaged.files.find((candidate) => candidate.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob), 'utf8');
}

/**
 * What a player hears of the first channel: the shipped segments behind their initialisation segment, decoded, and from time 0
 * on by the media's own times.
 */
export async function heard(stage: TestStage, { packaged }: Shipped, id: string): Promise<Float32Array> {
  const context = await freshContext(stage);
  const number = (path: string): number => Number(/(\d+)\.m4s$/.exec(path)?.[1] ?? 0);
  const files = packaged.files
    .filter(({ path }) => path.startsWith(`audio/${id}/`) && /\.(mp4|m4s)$/.test(path))
    .sort((a, b) => number(a.path) - number(b.path));
  const whole = join(context.scratch, 'whole.mp4');
  const parts = files.map(async ({ blob }) => readFile(await context.path(blob)));
  await writeFile(whole, Buffer.concat(await Promise.all(parts)));
  const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
    args: [
      // Else ffmpeg would move the priming's negative times to 0.
      '-copyts',
      ...openArgs(whole, 'mov'),
      ...[
        '-af',
        'atrim=start=0,asetpts=PTS-STARTPTS,pan=mono|c0=c0',
        '-c:a',
        'pcm_f32le',
        '-f',
        'f32le',
        '-',
      ],
    ],
    frames: 1000,
  });
  return new Float32Array(new Uint8Array(stdout).buffer);
}

const TEMPLATE = Float32Array.from({ length: BURST_SECONDS * RATE }, (_, n) => burst(n / RATE));

/** How many samples later than at `seconds` the burst nearest to it is: where the two correlate best. */
export function lagOf(samples: Float32Array, seconds: number, reach = 4000): number {
  const at = Math.round(seconds * RATE);
  let best = { lag: Number.NaN, score: 0 };
  for (let lag = -Math.min(reach, at); lag <= reach; lag += 1) {
    let score = 0;
    for (let n = 0; n < TEMPLATE.length; n += 1) score += (samples[at + lag + n] ?? 0) * (TEMPLATE[n] ?? 0);
    if (score > best.score) best = { lag, score };
  }
  return best.lag;
}
