import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { HullcastError } from '../src/errors.js';
import { type Report, parseReport } from '../src/report/index.js';

export interface TitleRun {
  report: Report;
  wallSeconds: number;
  /** From the start of the first probe to the end of the last encode. */
  searchSeconds: number;
}

export interface TitleRunRequest {
  master: string;
  out: string;
  home: string;
  /** Further flags of `encode`. */
  flags: readonly string[];
}

interface Watched {
  exitCode: number | undefined;
  signal: string | undefined;
  wallSeconds: number;
  searchSeconds: number;
}

/** Runs the built command line in a process of its own; killed with SIGKILL after `killAfter` seconds if given. */
async function watch({ master, out, home, flags }: TitleRunRequest, killAfter?: number): Promise<Watched> {
  const started = performance.now();
  // What is compared with makes no images either.
  const args = [
    'bin/hullcast.js',
    'encode',
    master,
    '--out',
    out,
    '--home',
    home,
    '--json',
    '--no-images',
    ...flags,
  ];
  const child = execa(process.execPath, args, {
    stdout: 'pipe',
    stderr: 'inherit',
    buffer: false,
    reject: false,
  });
  // Its children are left to themselves, as when the kernel kills a process for want of memory.
  const kill = (): void => void child.kill('SIGKILL');
  const timer = killAfter === undefined ? undefined : setTimeout(kill, killAfter * 1000);
  let [from, to] = [0, 0];
  for await (const line of createInterface({ input: child.stdout })) {
    const { type, stage, state } = JSON.parse(line) as { type: string; stage?: string; state?: string };
    if (type === 'stage') process.stderr.write(`  ${stage} ${state}\n`);
    if (stage !== 'probe' && stage !== 'encode') continue;
    from ||= performance.now();
    to = performance.now();
  }
  const { exitCode, signal } = await child;
  clearTimeout(timer);
  const wallSeconds = (performance.now() - started) / 1000;
  return { exitCode, signal, wallSeconds, searchSeconds: (to - from) / 1000 };
}

/** Makes a title with `hullcast encode`. Throws BENCH_ENCODE where that does not end well. */
export async function runTitle(request: TitleRunRequest): Promise<TitleRun> {
  const { exitCode, ...times } = await watch(request);
  if (exitCode !== 0)
    throw new HullcastError('BENCH_ENCODE', `hullcast encode ended with exit code ${exitCode}`);
  const report = parseReport(JSON.parse(await readFile(join(request.out, 'report.json'), 'utf8')));
  return { report, ...times };
}

/** Begins to make a title and kills the process after `seconds`. Throws BENCH_NOT_KILLED where it ended before. */
export async function killTitle(request: TitleRunRequest, seconds: number): Promise<void> {
  const { signal } = await watch(request, seconds);
  if (signal !== 'SIGKILL') throw new HullcastError('BENCH_NOT_KILLED', 'the run ended before it was killed');
}
