import { execa } from 'execa';
import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import { leashed } from './leash.js';
import { type FfmpegProgress, ProgressParser } from './progress.js';
import { type Usage, parseBenchLine, readLastCpu, readUsage } from './usage.js';

export interface RunRequest {
  /** Path of the executable. */
  file: string;
  args: readonly string[];
  /** Wall-clock limit, milliseconds. Every process has one. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
  cwd?: string;
  /** Added to this process's own environment. */
  env?: Readonly<Record<string, string>>;
  /** What the process reads from its standard input, which is empty unless given. Never logged: here keys travel. */
  input?: Uint8Array;
  /** Texts that are hidden in what the process says on standard error; programs like to repeat what they choke on. */
  secrets?: readonly string[];
  /** Called with every report when the arguments hold `-progress pipe:3`. */
  onProgress?: (progress: FfmpegProgress) => void;
  /** Gets standard output as it comes, instead of it being kept; for large output. */
  onStdout?: (chunk: Buffer) => void;
  /** Called with each line of standard error, its level prefix included; for filters that report there. */
  onStderrLine?: (line: string) => void;
}

export interface RunResult {
  /** Standard output as bytes; empty when `onStdout` took it. */
  stdout: Buffer;
  /** Last lines of standard error, the oldest first. */
  stderrTail: string[];
  usage: Usage;
  wallSeconds: number;
}

/** Runs one child process. Throws HullcastError PROCESS_FAILED, PROCESS_TIMEOUT or PROCESS_CANCELLED. */
export type Run = (request: RunRequest) => Promise<RunResult>;

export interface RunnerOptions {
  log?: Logger;
  /** Told of what every finished child used, failed ones included. */
  onUsage?: (usage: Usage) => void;
}

const TAIL_LINES = 20;
const KILL_AFTER_MS = 5000;
const POLL_MS = 100;
const SELDOM_POLL_MS = 2000;
const MAX_STDOUT_BYTES = 256 * 1024 * 1024;

/** Keeps the last lines that matter: ffmpeg's `[info]` chatter (loglevel +level) only where nothing graver came. */
class StderrTail {
  private readonly all: string[] = [];
  private readonly grave: string[] = [];

  push(line: string): void {
    const keep = /\[(error|fatal|panic|warning)\]/.test(line) ? this.grave : this.all;
    keep.push(line);
    if (keep.length > TAIL_LINES) keep.shift();
  }

  lines(): string[] {
    return this.grave.length > 0 ? this.grave : this.all;
  }
}

/** A function that replaces these texts, in whatever case. */
function hider(secrets: readonly string[]): (line: string) => string {
  if (secrets.length === 0) return (line) => line;
  const escaped = secrets.map((secret) => secret.replace(/[^\w]/g, '\\$&'));
  const pattern = new RegExp(escaped.join('|'), 'gi');
  return (line) => line.replace(pattern, '[secret]');
}

async function eachLine(stream: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  // A pipe cuts where it likes, also within a character.
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  }
  if (rest !== '') onLine(rest);
}

/** Without the fields that are undefined, which execa takes for values. */
function given<T extends object>(fields: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

/**
 * The one place where processes are started: never through a shell, always with a time limit; SIGTERM, then SIGKILL
 * five seconds later, on timeout or abort.
 */
export function createRunner(options: RunnerOptions = {}): Run {
  return async (request) => {
    const started = process.hrtime.bigint();
    const command = commandLine(request.file, request.args);
    options.log?.debug({ command, cwd: request.cwd }, 'process starts');
    const [file, args] = await leashed(request.file, request.args);
    const child = execa(file, args, {
      ...given({ cwd: request.cwd, env: request.env, cancelSignal: request.signal }),
      stdio: [request.input ?? 'ignore', 'pipe', 'pipe', 'pipe'],
      timeout: request.timeoutMs,
      forceKillAfterDelay: KILL_AFTER_MS,
      reject: false,
      buffer: { stdout: request.onStdout === undefined, stderr: false, fd3: false },
      maxBuffer: MAX_STDOUT_BYTES,
      encoding: 'buffer',
      stripFinalNewline: false,
    });

    const usage: Usage = { cpuSeconds: 0, peakBytes: 0 };
    let exactUsage = false;
    // ffmpeg says itself, near its end, what it used: until then it is looked at in case that it does not come there.
    const pollMs = request.args.includes('-benchmark') ? SELDOM_POLL_MS : POLL_MS;
    const poll = setInterval(() => {
      if (child.pid === undefined || exactUsage) return;
      void readUsage(child.pid).then((now) => {
        if (!now || exactUsage) return;
        // A process that has just ended has no memory any more: what was seen before stands.
        usage.cpuSeconds = Math.max(usage.cpuSeconds, now.cpuSeconds);
        usage.peakBytes = Math.max(usage.peakBytes, now.peakBytes);
      });
    }, pollMs);

    const tail = new StderrTail();
    const hide = hider(request.secrets ?? []);
    const readErr = eachLine(child.stderr, (raw) => {
      const line = hide(raw);
      const bench = parseBenchLine(line);
      if (bench) {
        exactUsage = true;
        usage.peakBytes = bench.peakBytes ?? usage.peakBytes;
        usage.cpuSeconds = Math.max(usage.cpuSeconds, bench.cpuSeconds ?? 0);
      } else {
        tail.push(line);
        request.onStderrLine?.(line);
      }
    });
    if (request.onStdout) child.stdout?.on('data', request.onStdout);
    const parser = new ProgressParser();
    child.stdio[3]?.on('data', (data: Buffer) => {
      for (const report of parser.push(data.toString('utf8'))) request.onProgress?.(report);
    });
    // Every child has this pipe, and the kernel closes it before the child can be reaped: so all that the child used is
    // there to read, once. It counts for short processes, which no poll sees, and ffmpeg says nothing of its start and end.
    child.stdio[3]?.on('end', () => {
      if (child.pid !== undefined) usage.cpuSeconds = Math.max(usage.cpuSeconds, readLastCpu(child.pid));
    });

    try {
      const result = await child;
      await readErr.catch(() => undefined); // the pipe of a killed child may break; its result says why
      const wallSeconds = Number(process.hrtime.bigint() - started) / 1e9;
      options.log?.debug(
        { command, exitCode: result.exitCode, signal: result.signal, wallSeconds, ...usage },
        'process ended',
      );
      if (result.failed) throw failure(request, result, tail.lines());
      return {
        stdout: request.onStdout ? Buffer.alloc(0) : Buffer.from(result.stdout),
        stderrTail: tail.lines(),
        usage,
        wallSeconds,
      };
    } finally {
      clearInterval(poll);
      options.onUsage?.(usage);
    }
  };
}

interface Outcome {
  timedOut: boolean;
  isCanceled: boolean;
  exitCode?: number | undefined;
  signal?: string | undefined;
  shortMessage?: string | undefined;
}

function failure(request: RunRequest, result: Outcome, tail: string[]): HullcastError {
  const name = request.file.split('/').pop() ?? request.file;
  const last = tail.slice(-6).join('\n  ');
  const detail = last === '' ? '' : `\n  ${last}`;
  const process = { command: commandLine(request.file, request.args), stderr: tail.join('\n') };
  if (result.isCanceled)
    return new HullcastError('PROCESS_CANCELLED', `${name} was cancelled`, { transient: true });
  if (result.timedOut) {
    return new HullcastError(
      'PROCESS_TIMEOUT',
      `${name} took longer than ${request.timeoutMs / 1000} s${detail}`,
      { process },
    );
  }
  const how =
    result.exitCode !== undefined
      ? `ended with exit code ${result.exitCode}`
      : result.signal !== undefined
        ? `was ended by ${result.signal}`
        : `could not be run: ${result.shortMessage ?? 'unknown reason'}`;
  const full = tail.join('\n').includes('No space left on device');
  if (full) {
    return new HullcastError('DISK_FULL', `${name}: no space left on device${detail}`, {
      hint: 'Free some space and run the same command again: it continues from what is finished.',
      transient: true,
    });
  }
  return new HullcastError('PROCESS_FAILED', `${name} ${how}${detail}`, {
    hint: 'Run again with --verbose to see the full command.',
    transient: result.signal !== undefined,
    process,
  });
}

/** A command as one could paste it into a shell; for logs and messages only, never run. */
export function commandLine(file: string, args: readonly string[]): string {
  return [file, ...args]
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ');
}
