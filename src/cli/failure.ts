import { EXIT, HullcastError } from '../errors.js';

/** How a command failed, as people and programs are told. */
export interface Failure {
  code: string;
  message: string;
  hint: string | undefined;
  exitCode: number;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Exit codes of a command that a signal stopped, by the shell's rule of 128 plus the signal's number. */
export const STOP_EXIT: Record<StopSignal, number> = { SIGINT: 130, SIGTERM: 143 };

/**
 * What is said of whatever a command threw. After a signal everything thrown is its consequence: processes that were
 * ended, requests that were aborted.
 */
export function failureOf(error: unknown, stoppedBy?: StopSignal): Failure {
  if (stoppedBy) {
    return {
      code: 'CANCELLED',
      message: `stopped by ${stoppedBy}`,
      hint: 'Run the same command again: it continues from what is finished.',
      exitCode: STOP_EXIT[stoppedBy],
    };
  }
  if (error instanceof HullcastError) {
    const { code, message, hint, exitCode } = error;
    return { code, message, hint, exitCode };
  }
  return {
    code: 'INTERNAL',
    message: error instanceof Error ? error.message : String(error),
    hint: 'This is a defect of hullcast: please report it, with what --verbose prints.',
    exitCode: EXIT.failure,
  };
}

/** Lines for standard error. */
export function failureText({ code, message, hint }: Failure): string {
  return `error ${code}: ${message}${hint === undefined ? '' : `\nhint: ${hint}`}`;
}

/** The JSON line that ends standard output of a failed command. */
export function failureLine({ code, message, hint, exitCode }: Failure): object {
  return { type: 'error', code, message, hint: hint ?? null, exitCode };
}

/** An error with its stack and those of its causes; shown with --verbose. */
export function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\ncaused by ${stackOf(error.cause)}`;
}
