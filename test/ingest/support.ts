import { HullcastError } from '../../src/errors.js';
import { DEFAULT_LIMITS, type IngestLimits, type IngestResult, ingestStage } from '../../src/ingest/index.js';
import { createRunner, ffmpeg, findTool, openArgs } from '../../src/media/index.js';
import type { TestStage } from '../support/stage.js';

const run = createRunner();

/** Puts a file into the store and ingests it. */
export async function ingest(
  stage: TestStage,
  path: string,
  limits: IngestLimits = DEFAULT_LIMITS,
): Promise<IngestResult> {
  return ingestStage.run({ name: 'a title', source: await stage.put(path), limits }, stage.context);
}

/** The code and exit code that an action is refused with; `accepted` where it is not. */
export async function refusal(action: Promise<unknown>): Promise<string> {
  try {
    await action;
    return 'accepted';
  } catch (error) {
    if (!(error instanceof HullcastError)) throw error;
    if (!error.hint) throw new Error(`no hint: ${error.message}`, { cause: error });
    return `${error.code} ${error.exitCode}`;
  }
}

export const codes = (result: { findings: readonly { code: string }[] }): string[] =>
  result.findings.map(({ code }) => code);

interface DecodeOptions {
  /** Options before the input. */
  before?: readonly string[];
  /** Options after it, such as a pixel format. */
  after?: readonly string[];
}

async function decode(
  path: string,
  demuxer: string,
  format: string,
  options: DecodeOptions,
): Promise<Buffer> {
  const output = [
    '-map',
    '0:v:0',
    '-fps_mode',
    'passthrough',
    ...(options.after ?? []),
    '-f',
    format,
    'pipe:1',
  ];
  const result = await ffmpeg(run, await findTool(run, 'ffmpeg'), {
    args: [...(options.before ?? []), ...openArgs(path, demuxer), ...output],
    frames: 1000,
  });
  return result.stdout;
}

/** MD5 of every decoded frame, in order: independent of what ingest counted. */
export async function frameHashes(
  path: string,
  demuxer: string,
  options: DecodeOptions = {},
): Promise<string[]> {
  const listing = await decode(path, demuxer, 'framemd5', options);
  const lines = listing.toString().split('\n');
  return lines.filter((line) => line.startsWith('0,')).map((line) => line.split(',').at(-1)?.trim() ?? '');
}

/** All decoded frames as raw bytes. */
export function rawFrames(path: string, demuxer: string, options: DecodeOptions = {}): Promise<Buffer> {
  return decode(path, demuxer, 'rawvideo', options);
}

/** Hashes of the frames of the normalised picture. */
export async function pictureHashes(
  stage: TestStage,
  result: IngestResult,
  options: DecodeOptions = {},
): Promise<string[]> {
  return frameHashes(await stage.context.path(result.picture.blob), result.picture.demuxer, options);
}

export async function pictureFrames(stage: TestStage, result: IngestResult): Promise<Buffer> {
  return rawFrames(await stage.context.path(result.picture.blob), result.picture.demuxer);
}

/** The master's own bytes are what the rest works on. */
export const usesSource = (result: IngestResult): boolean =>
  result.picture.blob.sha256 === result.source.sha256;
