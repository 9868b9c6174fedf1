import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startPostgres } from '../fixtures/postgres-server.js';
import { HullcastError, badUsage } from '../src/errors.js';
import { markdownTable } from './table.js';
import { type UploadTarget, generatedDigest, uploadWithCuts } from './upload-client.js';
import { writeSection } from './write-section.js';

const CUTS = 10;
const MEMORY_BAR = 200;
const MB = 1e6;

function bytesOf(args: readonly string[]): number {
  try {
    const { values } = parseArgs({ args: [...args], options: { gb: { type: 'string', default: '5' } } });
    const bytes = Number(values.gb) * 1e9;
    if (bytes >= 1e6) return Math.round(bytes);
    throw new RangeError(`not a size: ${values.gb}`);
  } catch (error) {
    throw badUsage('BENCH_FLAGS', (error as Error).message, 'Flags are [--gb <size of the upload>].');
  }
}

/** Resident memory of a process in MB, now and at most so far. */
async function memory(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
  return { now: (kib('VmRSS') * 1024) / MB, most: (kib('VmHWM') * 1024) / MB };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/**
 * One large upload whose connection is cut ten times, into a server in a process of its own, whose memory is watched:
 * resumed where it was, and complete to the last bit.
 */
export async function uploadsBench(args: readonly string[]): Promise<void> {
  const bytes = bytesOf(args);
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-bench-'));
  const postgres = await startPostgres();
  const server = spawn(process.execPath, [new URL('uploads-server.js', import.meta.url).pathname, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, HULLCAST_DB: postgres.url },
  });
  const ended = once(server, 'exit');
  try {
    const [line] = (await Promise.race([
      once(createInterface(server.stdout), 'line'),
      ended.then(([code]): never => {
        throw new Error(`the server ended with ${code}`);
      }),
    ])) as [string];
    const target = JSON.parse(line) as UploadTarget;
    const before = await memory(server.pid!);
    const begun = performance.now();
    const { id, resumedAt } = await uploadWithCuts(target, bytes, CUTS);
    const seconds = (performance.now() - begun) / 1000;
    const after = await memory(server.pid!);
    const equal = (await digestOf(join(folder, 'store/uploads', id))) === generatedDigest(bytes);
    const rows = [
      ['size, GB', (bytes / 1e9).toFixed(1), ''],
      ['connections cut', resumedAt.length, '10'],
      ['SHA-256 of what arrived', equal ? 'equal' : 'DIFFERENT', 'equal'],
      ['most memory of the server, MB', after.most.toFixed(0), `≤ ${MEMORY_BAR}`],
      ['of that before the upload, MB', before.now.toFixed(0), ''],
      ['throughput, MB/s', (bytes / MB / seconds).toFixed(0), ''],
    ];
    const body = markdownTable(['measured', 'value', 'bar'], rows);
    await writeSection('uploads', body);
    process.stdout.write(body);
    if (!equal) throw new HullcastError('BENCH_UPLOAD', 'the upload is not what was sent');
    if (after.most > MEMORY_BAR)
      throw new HullcastError('BENCH_MEMORY', `the server took ${after.most.toFixed(0)} MB of memory`);
  } finally {
    server.stdin.end();
    await ended;
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
