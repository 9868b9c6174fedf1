import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import pLimit from 'p-limit';
import pino from 'pino';
import type { Resolution } from '../src/encode/index.js';
import { DEFAULT_LIMITS, ingestStage } from '../src/ingest/index.js';
import type { FrameSource } from '../src/media/index.js';
import { ArtifactStore, openHome, performStage } from '../src/pipeline/index.js';
import type { Report } from '../src/report/index.js';
import { type Score, score } from '../src/vmaf/index.js';
import { kept } from './kept.js';
import type { BenchSetting } from './setting.js';
import { readShipped } from './shipped.js';

/** What everything of an item is held against: the master as the pipeline takes it in (upright, limited range, …). */
export interface Reference {
  source: FrameSource;
  size: Resolution;
  /** Of the file of the source. */
  sha256: string;
}

/** A rung as it ships, and its VMAF over every frame. */
export interface JudgedRung extends Resolution {
  codec: string;
  /** bit/s over the title and of the largest segment, counted from the packets. */
  averageBitrate: number;
  peakBitrate: number;
  /** Mean over all frames, scored by the benchmark. */
  vmaf: number;
  /** What the report says of it; a fixed ladder has no report. */
  reported?: number;
}

/** Takes a master in, in a home of the judge's own. */
export async function takeReference(
  { tools }: BenchSetting,
  folder: string,
  master: string,
): Promise<Reference> {
  const home = await openHome(join(folder, 'reference'));
  try {
    const log = pino({ level: 'silent' });
    const artifacts = new ArtifactStore(home.store, log);
    const source = await artifacts.keep(master, { move: false });
    const params = { name: basename(master), source, limits: DEFAULT_LIMITS };
    const { result } = await performStage(ingestStage, params, {
      ...{ artifacts, tools, log },
      scratch: home.scratch,
    });
    const { blob, demuxer, videoStream, frames, fps, width, height } = result.picture;
    const path = await artifacts.path(blob);
    return {
      source: { path, demuxer, videoStream, frames, fps },
      size: { width, height },
      sha256: blob.sha256,
    };
  } finally {
    await home.release();
  }
}

/** Scores every frame of an encode, again only where `folder` has no score of these bytes. */
export async function everyFrame(
  { run, tools }: BenchSetting,
  folder: string,
  reference: Reference,
  encode: FrameSource,
): Promise<Score> {
  const encodeSha256 = await sha256Of(encode.path);
  const from = { encode: encodeSha256, reference: reference.sha256, ffmpeg: tools.ffmpeg.version };
  return kept(join(folder, 'scores', `${encodeSha256}.json`), from, async () => {
    const scratch = await mkdtemp(join(folder, 'scoring-'));
    try {
      const context = { run, tools, scratch, signal: new AbortController().signal };
      return await score(context, reference.source, encode, { referenceSize: reference.size });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** Judges every rung of a title in `out`, read back from its segments; best first, as in the report. */
export async function judgeTitle(
  setting: BenchSetting,
  folder: string,
  reference: Reference,
  title: { out: string; report: Report },
): Promise<JudgedRung[]> {
  const scratch = join(folder, 'shipped');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true });
  const limit = pLimit(availableParallelism());
  const rungs = title.report.renditions.map(({ id, codec, width, height, vmaf: reported }) =>
    limit(async (): Promise<JudgedRung> => {
      const joined = join(scratch, `${id}.mp4`);
      const { source, averageBitrate, peakBitrate } = await readShipped(
        setting,
        join(title.out, 'video', id),
        reference.source,
        joined,
      );
      const { pooled } = await everyFrame(setting, folder, reference, source);
      await rm(joined);
      const measured = { averageBitrate, peakBitrate, vmaf: pooled.mean };
      return { codec, width, height, ...measured, reported: reported.mean };
    }),
  );
  return Promise.all(rungs);
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
