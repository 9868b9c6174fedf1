const FIRST_MS = 500;
const MOST_MS = 30_000;

/**
 * Milliseconds to wait before try number `attempt` (1 is the first after a loss): doubles from half a second to half a
 * minute, and lies at random in its upper half, so that browsers do not all come back at once after a restart. Never
 * less than `leastMs`, what the server asked for. `random` gives 0..1.
 */
export function backoffMs(attempt: number, random: () => number, leastMs = 0): number {
  const step = Math.min(MOST_MS, FIRST_MS * 2 ** (attempt - 1));
  return Math.max(leastMs, Math.round(step * (0.5 + random() / 2)));
}
