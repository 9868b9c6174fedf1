import { UnrecoverableError } from 'bullmq';
import { z } from 'zod';
import { EXIT, type ExitCode, HullcastError } from '../errors.js';
import { asDiskError } from '../storage/index.js';

const failureSchema = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  exitCode: z.custom<ExitCode>((value) => Object.values<unknown>(EXIT).includes(value)),
  transient: z.boolean(),
});

/** Any error as a HullcastError: what is not one already is a fault of the program (INTERNAL), never tried again. */
export function asHullcastError(error: unknown, where: string): HullcastError {
  const known = asDiskError(error, where);
  if (known instanceof HullcastError) return known;
  const text = known instanceof Error ? known.message : String(known);
  return new HullcastError('INTERNAL', `${where}: ${text}`, {
    hint: 'This is a fault of hullcast; please report it with the output of --verbose.',
    cause: known,
  });
}

/** An error as the text that a queue keeps of a failed job. */
export function encodeFailure(error: HullcastError): string {
  const { code, message, hint, exitCode, transient } = error;
  return JSON.stringify({ code, message, hint, exitCode, transient });
}

/** The error behind a failed job's text; STAGE_FAILED for what the queue itself wrote there. */
export function decodeFailure(text: string): HullcastError {
  const failure = parseFailure(text);
  if (!failure) return new HullcastError('STAGE_FAILED', text);
  const { code, message, hint, exitCode, transient } = failure;
  return new HullcastError(code, message, { exitCode, transient, ...(hint === undefined ? {} : { hint }) });
}

/** The same error as one that is not to be tried again. */
export function finalFailure({ code, message, hint, exitCode }: HullcastError): HullcastError {
  return new HullcastError(code, message, { exitCode, ...(hint === undefined ? {} : { hint }) });
}

function parseFailure(text: string): z.infer<typeof failureSchema> | undefined {
  try {
    return failureSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // not JSON: a message of the queue, as decodeFailure() says
  }
}

/** What to throw in a job so that the queue keeps the whole error, and tries again only where that may help. */
export function jobError(error: HullcastError, retry: boolean): Error {
  const thrown = retry ? new Error(encodeFailure(error)) : new UnrecoverableError(encodeFailure(error));
  if (error.stack !== undefined) thrown.stack = error.stack;
  return thrown;
}

/** The error of work that was stopped on purpose. */
export function cancelled(what: string): HullcastError {
  return new HullcastError('CANCELLED', `${what} was cancelled`, {
    hint: 'Run the same command again: it continues from what is finished.',
  });
}
