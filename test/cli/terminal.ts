import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { Register } from '../../src/cli/context.js';
import type { OutStream } from '../../src/cli/output.js';
import { runCli } from '../../src/cli/program.js';

/** A stream that keeps what is written to it. */
export class Capture extends Writable implements OutStream {
  text = '';
  isTTY = false;
  columns = 80;
  rows = 24;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  /** The lines as JSON. */
  json(): Record<string, unknown>[] {
    const lines = this.text.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

/** A stream whose every write fails, as that of a closed pipe or a full disk does. */
export class Broken extends Writable implements OutStream {
  constructor(private readonly code: string) {
    super();
  }

  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error(`write ${this.code}`), { code: this.code }));
  }
}

export interface CliRun {
  code: number;
  stdout: Capture;
  stderr: Capture;
  /** Codes with which the process would have been left at once. */
  exits: number[];
}

export interface CliSetting {
  commands: readonly Register[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  stdout?: OutStream;
  signals?: EventEmitter;
}

/** Runs a command line within this process. */
export async function cli(argv: readonly string[], setting: CliSetting): Promise<CliRun> {
  const stdout = new Capture();
  const stderr = new Capture();
  const exits: number[] = [];
  const code = await runCli(argv, {
    io: {
      stdout: setting.stdout ?? stdout,
      stderr,
      env: setting.env ?? { PATH: process.env['PATH'] },
      cwd: setting.cwd ?? process.cwd(),
    },
    signals: setting.signals ?? new EventEmitter(),
    exit: (exitCode) => exits.push(exitCode),
    commands: setting.commands,
  });
  return { code, stdout, stderr, exits };
}
