/**
 * Exit codes of the command line, a public contract:
 * 0 done and verified; 1 anything else; 2 bad usage or configuration; 3 master rejected; 4 what was made is not as it
 * should be: a quality floor missed, worse than a baseline, or rules of a format broken.
 */
export const EXIT = { ok: 0, failure: 1, usage: 2, masterRejected: 3, floorMissed: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface HullcastErrorOptions {
  /** What the reader can do about it, one sentence. */
  hint?: string;
  /** Process exit code when this reaches the command line; 1 unless given. */
  exitCode?: ExitCode;
  /** True when trying again may help (a full disk, a lost connection). Bad input is never transient. */
  transient?: boolean;
  /** The process that failed, where one did. */
  process?: FailedProcess;
  cause?: unknown;
}

/** For people who look into a failure. */
export interface FailedProcess {
  /** The whole command line. */
  command: string;
  /** Its last lines of standard error. */
  stderr: string;
}

/** An error with a stable code (UPPER_SNAKE_CASE), plain words and what to do. */
export class HullcastError extends Error {
  override readonly name = 'HullcastError';
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;
  readonly transient: boolean;
  readonly process: FailedProcess | undefined;

  constructor(
    readonly code: string,
    message: string,
    options: HullcastErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.transient = options.transient ?? false;
    this.process = options.process;
  }
}

/** The master cannot be used: exit code 3. Codes start with MASTER_. */
export function masterRejected(code: `MASTER_${string}`, message: string, hint?: string): HullcastError {
  return new HullcastError(code, message, { exitCode: EXIT.masterRejected, ...(hint ? { hint } : {}) });
}

/** Bad usage or configuration: exit code 2. */
export function badUsage(code: string, message: string, hint?: string): HullcastError {
  return new HullcastError(code, message, { exitCode: EXIT.usage, ...(hint ? { hint } : {}) });
}
