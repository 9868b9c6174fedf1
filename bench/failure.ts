import { HullcastError } from '../src/errors.js';

/** What to print of an error that ended a benchmark. */
export function failureText(error: unknown): string {
  if (error instanceof HullcastError) return `${error.code}: ${error.message}\n${error.hint ?? ''}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
