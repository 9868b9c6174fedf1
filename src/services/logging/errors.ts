import { HullcastError } from '../../errors.js';

/** An error in a log line. */
export interface LoggedError {
  type: string;
  /** Stable code of a HullcastError; what Node calls its code of others. */
  code?: string;
  message: string;
  hint?: string;
  stack?: string;
  cause?: LoggedError;
}

/** Causes of causes that are told. */
const MAX_CAUSES = 5;

/** An error as plain fields, its causes within; what is no error stays as it is. */
export function serialiseError(error: unknown): unknown {
  return error instanceof Error ? logged(error, MAX_CAUSES) : error;
}

function logged(error: Error, causes: number): LoggedError {
  const { code } = error as { code?: unknown };
  const { cause } = error;
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message,
    ...(error instanceof HullcastError && error.hint !== undefined ? { hint: error.hint } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(cause instanceof Error && causes > 0 ? { cause: logged(cause, causes - 1) } : {}),
  };
}
