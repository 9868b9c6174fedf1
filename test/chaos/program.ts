import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MAIN = resolve('bin/hullcast.js');
/** In the environment of everything that this test file starts, and of what that starts. */
const MARK = `HULLCAST_CHAOS=${randomUUID()}`;
const START_MS = 60_000;

/** Makes a small file system at `where` for the process, and for nobody else, and becomes the program. */
const onSmallDisk = (where: string): string[] => [
  ...['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c'],
  ...['mount -t tmpfs -o size=200k tmpfs "$1" && shift && exec "$@"', 'sh', where],
];

/** The built command line as a process of its own, and what it wrote. */
export interface Program {
  pid: number;
  child: ChildProcess;
  /** Of both outputs, the last some hundred KB. */
  log(): string;
  ended: Promise<void>;
}

export interface ProgramOptions {
  env: Readonly<Record<string, string>>;
  /** Where it finds a full disk. */
  smallDisk?: string | undefined;
}

/** Starts it; resolves when its output has `ready`. */
export async function startProgram(
  args: readonly string[],
  ready: RegExp,
  { env, smallDisk }: ProgramOptions,
): Promise<Program> {
  const line = [...(smallDisk ? onSmallDisk(smallDisk) : []), process.execPath, MAIN, ...args];
  const [mark = '', id = ''] = MARK.split('=');
  const child = spawn(line[0]!, line.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, [mark]: id },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => (log = (log + data.toString()).slice(-300_000)));
  }
  let over = false;
  const ended = new Promise<void>((done) => child.once('exit', () => ((over = true), done())));
  const deadline = performance.now() + START_MS;
  while (!ready.test(log)) {
    if (over || performance.now() > deadline)
      throw new Error(`hullcast ${args.join(' ')} did not start: ${log}`);
    await delay(20);
  }
  return { pid: child.pid!, child, log: () => log, ended };
}

/** Ends whatever is left of what this file started, children of dead parents included. */
export async function endAll(): Promise<void> {
  for (;;) {
    const left = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isOurs(pid));
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // it has ended meanwhile
      }
    }
    await delay(50);
  }
}

function isOurs(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(MARK);
  } catch {
    return false; // it has ended, or is somebody else's
  }
}
