import { HullcastError } from '../errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** A full disk or quota as DISK_FULL (transient: it passes once there is room); any other error as it is. */
export function asDiskError(error: unknown, where: string): unknown {
  const code = errorCode(error);
  if (code === undefined || !FULL.has(code)) return error;
  const what = code === 'EDQUOT' ? 'the disk quota is used up' : 'no space left on the disk';
  return new HullcastError('DISK_FULL', `${what}: ${where}`, {
    hint: 'Free some space and run the same command again: it continues from what is finished.',
    transient: true,
    cause: error,
  });
}
