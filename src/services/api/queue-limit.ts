import { HullcastError } from '../../errors.js';

/** How long a request waits for the queue's Redis, milliseconds: far below what clients wait for an answer. */
const LIMIT_MS = 2000;

/**
 * The queue's answer, where it comes within `limitMs` milliseconds. Throws QUEUE_UNREACHABLE where it does not; what was
 * asked goes on, and may still happen.
 */
export async function queueAnswer<T>(asked: Promise<T>, limitMs = LIMIT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(queueUnreachable()), limitMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function queueUnreachable(cause?: unknown): HullcastError {
  return new HullcastError('QUEUE_UNREACHABLE', "the queue's Redis does not answer", {
    hint: 'See that Redis runs and that this machine can reach it.',
    transient: true,
    ...(cause === undefined ? {} : { cause }),
  });
}
