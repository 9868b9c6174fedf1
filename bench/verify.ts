import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { HullcastError } from '../src/errors.js';
import { createRunner, findTools } from '../src/media/index.js';
import { longTitle } from './long-title.js';
import { say } from './setting.js';
import { markdownTable } from './table.js';
import { writeSection } from './write-section.js';

const MINUTES = [10, 120];
const MB = 1e6;
/** Ticks a second of the times in /proc/<pid>/stat (USER_HZ), which is 100 on every Linux. */
const TICKS = 100;
const POLL_MS = 100;

interface Used {
  /** Most resident memory, MB. */
  memory: number;
  /** Seconds of processors. */
  processor: number;
}

/** What a process has used so far; undefined where it is gone. */
async function usedBy(pid: number): Promise<Used | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const kib = Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN);
    // Behind the name in parentheses, which may hold anything: utime and stime are the 12th and 13th of the rest.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return Number.isFinite(kib) ? { memory: (kib * 1024) / MB, processor: ticks / TICKS } : undefined;
  } catch {
    return undefined; // it has ended between two looks
  }
}

/** Runs `hullcast verify` in a process of its own, and watches it. Throws BENCH_VERIFY where it finds something. */
async function measured(path: string): Promise<Used & { wall: number; rules: number; files: number }> {
  const begun = performance.now();
  const args = [resolve('bin/hullcast.js'), 'verify', path, '--json'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  let used: Used = { memory: 0, processor: 0 };
  const timer = setInterval(() => {
    void usedBy(child.pid!).then((now) => (used = now ?? used));
  }, POLL_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  const wall = (performance.now() - begun) / 1000;
  const lines = Buffer.concat(output).toString('utf8').trim().split('\n');
  const { rules, files, errors, warnings } = JSON.parse(lines.at(-1) ?? '') as Record<string, number>;
  if (code !== 0 || errors !== 0 || warnings !== 0) {
    const said = lines.filter((line) => !line.startsWith('{"type":"progress"')).slice(0, 5);
    throw new HullcastError('BENCH_VERIFY', `it ended with ${code}: ${said.join('\n')}`);
  }
  return { ...used, wall, rules: rules ?? 0, files: files ?? 0 };
}

/** What checking costs: titles of so many minutes or, without arguments, for the docs. */
export async function verifyBench(args: readonly string[]): Promise<void> {
  const run = createRunner();
  const tools = await findTools(run);
  const rows: (string | number)[][] = [];
  for (const minutes of args.length > 0 ? args.map(Number) : MINUTES) {
    const folder = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
    try {
      say(`${minutes} minutes …`);
      const { path, segments } = await longTitle({ run, tools, folder }, minutes * 60);
      const { wall, processor, memory, rules, files } = await measured(path);
      rows.push([
        ...[minutes, segments, files, rules],
        ...[
          wall.toFixed(1),
          processor.toFixed(1),
          ((processor / segments) * 1000).toFixed(2),
          memory.toFixed(0),
        ],
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const header = [
    'minutes',
    'segments',
    'files',
    'rules',
    'time, s',
    'CPU, s',
    'CPU a segment, ms',
    'most memory, MB',
  ];
  const body = markdownTable(header, rows);
  process.stdout.write(body);
  if (args.length === 0) await writeSection('verify', body);
}
