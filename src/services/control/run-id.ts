/**
 * Name of one attempt at a title in the queue. Each attempt has its own, so that what is left of an earlier one (a
 * worker that finishes late, a cancellation that arrives late) does not touch it.
 */
export function runIdOf({ id, attempt }: { id: string; attempt: number }): string {
  return `${id}-${attempt}`;
}

/** Undefined for a text that names no attempt. */
export function parseRunId(run: string): { id: string; attempt: number } | undefined {
  const found = /^(.+)-(\d{1,9})$/.exec(run);
  return found ? { id: found[1]!, attempt: Number(found[2]) } : undefined;
}
