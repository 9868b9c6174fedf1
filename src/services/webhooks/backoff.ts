const FIRST_SECONDS = 10;
const LONGEST_SECONDS = 4 * 3600;
/** Tries of one delivery, with which its last is about 24 hours after its first. */
export const MAX_ATTEMPTS = 17;

/**
 * Seconds from the end of attempt number `attempt` (from 1) to the next one: 10 s, doubled every time up to 4 hours,
 * times 0.75 to 1.25 so that what failed together does not come back together. Undefined after the last attempt.
 * `random` is in [0, 1).
 */
export function retryDelay(attempt: number, random: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  return Math.min(FIRST_SECONDS * 2 ** (attempt - 1), LONGEST_SECONDS) * (0.75 + random / 2);
}
