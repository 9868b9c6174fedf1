import type { Command } from 'commander';
import type { Logger } from 'pino';
import { type Run, createRunner } from '../media/index.js';
import { createLog } from './log.js';
import type { OutStream, Output } from './output.js';
import type { Stopper } from './signals.js';

/** What the command line runs in. */
export interface Io {
  stdout: OutStream;
  stderr: OutStream;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** What a command may use. */
export interface CommandContext {
  out: Output;
  /** Standard output takes JSON lines only. */
  json: boolean;
  verbose: boolean;
  log: Logger;
  /** Runs child processes; with --verbose their full commands are logged. */
  run: Run;
  /** Aborts on SIGINT and SIGTERM. */
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Flags by commander's names, e.g. `maxHeight`; undefined where not given and without default. */
export type Flags = Readonly<Record<string, unknown>>;

/** A command's work: resolves when all of it is done, throws HullcastError where it is not. */
export type Handler = (context: CommandContext, args: readonly string[], flags: Flags) => Promise<void>;

/** What a command's registration gets. */
export interface Host {
  /** Wraps a handler for `command.action`. */
  action(handler: Handler): (...all: unknown[]) => Promise<void>;
}

/** Adds one command to the program; each lives in a file of its own. */
export type Register = (program: Command, host: Host) => void;

export function createHost(io: Io, out: Output, stopper: Stopper): Host {
  return {
    action:
      (handler) =>
      async (...all) => {
        // commander calls with the arguments, the command's own options and, last, the command.
        const command = all.at(-1) as Command;
        const flags = command.optsWithGlobals<Flags>();
        const verbose = flags['verbose'] === true;
        const log = createLog(verbose, (text) => out.note(text));
        const context: CommandContext = {
          ...{ out, verbose, log, json: flags['json'] === true, run: createRunner({ log }) },
          ...{ signal: stopper.signal, env: io.env, cwd: io.cwd },
        };
        // An argument that may be repeated is a list within the list.
        await handler(context, (command.processedArgs as (string | string[])[]).flat(), flags);
      },
  };
}
