import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import {
  type RunRequest,
  type Usage,
  commandLine,
  createRunner,
  parseProcStat,
} from '../../src/media/index.js';

const NODE = process.execPath;
/** A request that runs JavaScript in a Node of its own. */
const script = (code: string, more: Partial<RunRequest> = {}): RunRequest => ({
  file: NODE,
  args: ['-e', code],
  timeoutMs: 30_000,
  ...more,
});

async function failure(promise: Promise<unknown>): Promise<HullcastError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HullcastError);
  return error as HullcastError;
}

/** True while a process with this id exists. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'hullcast-run-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a run that ends well', () => {
  it('gives standard output byte for byte, and the end of standard error', async () => {
    const result = await createRunner()(
      script(
        `process.stdout.write(Buffer.from([0, 255, 10, 13, 10])); console.error('one\\ntwo\\r\\nthree')`,
      ),
    );
    expect([...result.stdout]).toEqual([0, 255, 10, 13, 10]);
    expect(result.stderrTail).toEqual(['one', 'two', 'three']);
    expect(result.wallSeconds).toBeGreaterThan(0);
  });

  it('passes arguments, environment and working directory as they are, without a shell', async () => {
    const odd = ['$HOME', 'a b', "it's", '; exit 7', '*', ''];
    const code =
      'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env.ODD, process.cwd()]))';
    const result = await createRunner()({
      ...script(code),
      args: ['-e', code, '--', ...odd],
      env: { ODD: '$x' },
      cwd: folder,
    });
    expect(JSON.parse(result.stdout.toString())).toEqual([odd, '$x', folder]);
  });

  it('reads what it is given as input, byte for byte, and nothing where it is given none', async () => {
    const echo = `const all = []; process.stdin.on('data', (d) => all.push(d)).on('end', () => process.stdout.write(Buffer.concat(all)))`;
    const input = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7) % 256));
    expect((await createRunner()(script(echo, { input }))).stdout.equals(input)).toBe(true);
    expect((await createRunner()(script(echo))).stdout).toHaveLength(0);
  });

  it('need not read its input', async () => {
    const { stdout } = await createRunner()(
      script(`process.stdin.destroy(); console.log('done')`, { input: Buffer.alloc(1_000_000) }),
    );
    expect(stdout.toString()).toBe('done\n');
  });

  it('streams standard output to onStdout and keeps none of it', async () => {
    const chunks: Buffer[] = [];
    const result = await createRunner()(
      script(`for (let i = 0; i < 64; i++) process.stdout.write(Buffer.alloc(65536, i))`, {
        onStdout: (chunk) => chunks.push(chunk),
      }),
    );
    expect(result.stdout).toHaveLength(0);
    expect(chunks.length).toBeGreaterThan(1);
    const all = Buffer.concat(chunks);
    expect(all).toHaveLength(64 * 65_536);
    for (let i = 0; i < 64; i++) expect([all[i * 65_536], all[i * 65_536 + 65_535]]).toEqual([i, i]);
  });

  it('reads standard error whole, wherever the pipe cuts it', async () => {
    const { stderrTail } = await createRunner()(
      script(`const bytes = Buffer.from('映画 🎬 é\\nend'); let i = 0;
              const next = () => { if (i < bytes.length) process.stderr.write(bytes.subarray(i, ++i), () => setTimeout(next, 5)); };
              next();`),
    );
    expect(stderrTail).toEqual(['映画 🎬 é', 'end']);
  });

  it('reports progress from file descriptor 3 and lines of standard error as they come', async () => {
    const frames: number[] = [];
    const lines: string[] = [];
    await createRunner()(
      script(
        `const { writeSync } = require('node:fs');
         writeSync(3, 'frame=5\\nprogress=continue\\nframe=9\\npro'); console.error('seen'); writeSync(3, 'gress=end\\n');`,
        { onProgress: ({ frame }) => frames.push(frame), onStderrLine: (line) => lines.push(line) },
      ),
    );
    expect(frames).toEqual([5, 9]);
    expect(lines).toEqual(['seen']);
  });
});

/** CPU seconds of all children of this process that have ended, as the kernel counts them. */
function kernelsOfChildren(): number {
  return parseProcStat(readFileSync('/proc/self/stat', 'utf8')).children;
}

describe('resource use', () => {
  it('charges a busy child about the time that it was busy, an idle one nearly none', async () => {
    const used: Usage[] = [];
    const run = createRunner({ onUsage: (usage) => used.push(usage) });
    const busy = await run(script('for (let u; (u = process.cpuUsage()), u.user + u.system < 600_000; );'));
    const idle = await run(script('setTimeout(() => {}, 1000);'));
    expect(busy.usage.cpuSeconds).toBeGreaterThan(0.55);
    expect(busy.usage.cpuSeconds).toBeLessThan(1.2);
    expect(idle.usage.cpuSeconds).toBeLessThan(0.5);
    expect(busy.usage.peakBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(used).toEqual([busy.usage, idle.usage]);
  });

  it('charges short children, which end before anybody looks, what the kernel does', async () => {
    let told = 0;
    const run = createRunner({ onUsage: ({ cpuSeconds }) => (told += cpuSeconds) });
    const before = kernelsOfChildren();
    for (let i = 0; i < 10; i += 1)
      await run(script('const end = Date.now() + 30; while (Date.now() < end);'));
    const kernel = kernelsOfChildren() - before;
    expect(kernel).toBeGreaterThan(0.2);
    // The clock of a process that is about to end has ticks of 10 ms: of each child up to one is not seen.
    expect(told / kernel).toBeGreaterThan(0.6);
    expect(told / kernel).toBeLessThanOrEqual(1.05);
  });

  it('takes what ffmpeg says of itself over what was polled', async () => {
    const { usage } = await createRunner()(
      script(`setTimeout(() => {
        console.error('[info] bench: utime=12.500s stime=0.250s rtime=3.1s');
        console.error('[info] bench: maxrss=2048KiB');
      }, 400)`),
    );
    expect(usage).toEqual({ cpuSeconds: 12.75, peakBytes: 2048 * 1024 });
  });

  it('is told of failed runs too', async () => {
    const used: Usage[] = [];
    const run = createRunner({ onUsage: (usage) => used.push(usage) });
    await failure(run(script('process.exit(3)')));
    expect(used).toHaveLength(1);
  });
});

describe('secrets', () => {
  const SECRET = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
  const told = `const text = require('node:fs').readFileSync(0, 'utf8'); console.error('key ' + text); console.error(text.toUpperCase() + '!');`;

  it('in the input are not logged, and hidden where a program repeats them', async () => {
    const logged: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    const lines: string[] = [];
    const request = { input: Buffer.from(SECRET), secrets: [SECRET, 'a.b'] };
    const { stderrTail } = await createRunner({ log })(
      script(`${told} console.error('aXb a.b')`, { ...request, onStderrLine: (line) => lines.push(line) }),
    );
    expect(stderrTail).toEqual(['key [secret]', '[secret]!', 'aXb [secret]']);
    expect(lines).toEqual(stderrTail);
    expect(logged.length).toBeGreaterThan(1);
    expect(logged.join('').toLowerCase()).not.toContain(SECRET);
  });

  it('do not show in a failure either', async () => {
    const error = await failure(
      createRunner()(
        script(`${told} process.exitCode = 3`, { input: Buffer.from(SECRET), secrets: [SECRET] }),
      ),
    );
    expect(error.message).toBe('node ended with exit code 3\n  key [secret]\n  [secret]!');
    expect(JSON.stringify(error.process).toLowerCase()).not.toContain(SECRET);
  });
});

describe('a run that fails', () => {
  it('names the program, its exit code and the last lines it wrote', async () => {
    const error = await failure(
      createRunner()(
        script(`for (let i = 0; i < 50; i++) console.error('line ' + i); process.exitCode = 42;`),
      ),
    );
    expect(error.code).toBe('PROCESS_FAILED');
    expect(error.message).toBe(
      `node ended with exit code 42\n  ${[44, 45, 46, 47, 48, 49].map((i) => `line ${i}`).join('\n  ')}`,
    );
    expect(error.transient).toBe(false);
  });

  it('shows errors rather than what came after them', async () => {
    const error = await failure(
      createRunner()(
        script(`console.error('[error] no such codec');
                for (let i = 0; i < 50; i++) console.error('[info] chatter'); process.exitCode = 1;`),
      ),
    );
    expect(error.message).toBe('node ended with exit code 1\n  [error] no such codec');
  });

  it('says by which signal a child was ended, and that trying again may help', async () => {
    const error = await failure(
      createRunner()(script(`process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 9e4)`)),
    );
    expect(error).toMatchObject({ code: 'PROCESS_FAILED', transient: true });
    expect(error.message).toContain('SIGKILL');
  });

  it('says that a program is not there, or is none', async () => {
    const missing = await failure(
      createRunner()({ file: join(folder, 'nothing'), args: [], timeoutMs: 5000 }),
    );
    expect(missing.code).toBe('PROCESS_FAILED');
    expect(missing.message).toContain('nothing could not be run');
    expect(missing.message).toContain('ENOENT');
    await writeFile(join(folder, 'text'), 'hello', { mode: 0o644 });
    const text = await failure(createRunner()({ file: join(folder, 'text'), args: [], timeoutMs: 5000 }));
    expect(text.message).toContain('EACCES');
  });

  it('knows a full disk', async () => {
    const error = await failure(
      createRunner()(
        script(
          `console.error('[error] av_interleaved_write_frame(): No space left on device'); process.exitCode = 1`,
        ),
      ),
    );
    expect(error).toMatchObject({ code: 'DISK_FULL', transient: true });
  });
});

describe('a run that is stopped', () => {
  /** Prints its id, then ignores SIGTERM and stays. */
  const STUBBORN = `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1000);`;
  const pidOf = (onPid: (pid: number) => void): Pick<RunRequest, 'onStdout'> => ({
    onStdout: (chunk) => onPid(Number(chunk.toString())),
  });

  it('by its time limit: SIGTERM, and SIGKILL five seconds later for a child that ignores it', async () => {
    let pid = 0;
    const started = performance.now();
    const error = await failure(
      createRunner()(script(STUBBORN, { timeoutMs: 1000, ...pidOf((id) => (pid = id)) })),
    );
    const seconds = (performance.now() - started) / 1000;
    expect(error.code).toBe('PROCESS_TIMEOUT');
    expect(error.message).toContain('longer than 1 s');
    expect(pid).toBeGreaterThan(0);
    expect(isAlive(pid)).toBe(false);
    expect(seconds).toBeGreaterThan(5.5);
    expect(seconds).toBeLessThan(15);
  });

  it('by its time limit: a child that obeys SIGTERM may finish cleanly and at once', async () => {
    const started = performance.now();
    const error = await failure(
      createRunner()(
        script(
          `process.on('SIGTERM', () => { console.error('cleaned up'); process.exit(0); }); setInterval(() => {}, 9e4)`,
          {
            timeoutMs: 1000,
          },
        ),
      ),
    );
    expect(error.code).toBe('PROCESS_TIMEOUT');
    expect(error.message).toContain('cleaned up');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('by its signal, while it runs', async () => {
    const controller = new AbortController();
    let pid = 0;
    const error = await failure(
      createRunner()(
        script('console.log(process.pid); setInterval(() => {}, 1000);', {
          signal: controller.signal,
          ...pidOf((id) => {
            pid = id;
            controller.abort();
          }),
        }),
      ),
    );
    expect(error).toMatchObject({ code: 'PROCESS_CANCELLED', transient: true });
    expect(isAlive(pid)).toBe(false);
  });

  it('by a signal that had aborted before', async () => {
    const error = await failure(
      createRunner()(script('setInterval(() => {}, 1000)', { signal: AbortSignal.abort() })),
    );
    expect(error.code).toBe('PROCESS_CANCELLED');
  });
});

describe('commandLine', () => {
  it('can be pasted into a shell', async () => {
    const args = ['a b', "it's", '$HOME', '`id`', '"', '\\', '*', 'ü', '-x=1;2', ''];
    const line = commandLine(NODE, ['-p', 'JSON.stringify(process.argv.slice(1))', '--', ...args]);
    const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line]);
    expect(JSON.parse(stdout)).toEqual(args);
  });
});
