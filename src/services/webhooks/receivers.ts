/** Deliveries at once to one receiver: some places are always left for the others. */
const MOST = 24;
/** A receiver that has not answered so often in a row is silent, and gets one delivery at a time to find out whether it is back. */
const SILENT_AFTER = 3;
/** Milliseconds for which it counts as silent after its last failure. */
const SILENT_MS = 60_000;
const MOST_REMEMBERED = 10_000;

interface Failures {
  count: number;
  lastMs: number;
}

/** How much each receiver may have at once, so that a dead one does not hold up the others. Times are performance.now(). */
export class Receivers {
  private readonly running = new Map<string, number>();
  private readonly failures = new Map<string, Failures>();

  isSilent(receiver: string, nowMs: number): boolean {
    const failures = this.failures.get(receiver);
    return failures !== undefined && failures.count >= SILENT_AFTER && nowMs - failures.lastMs < SILENT_MS;
  }

  mayBegin(receiver: string, nowMs: number): boolean {
    return (this.running.get(receiver) ?? 0) < (this.isSilent(receiver, nowMs) ? 1 : MOST);
  }

  begin(receiver: string): void {
    this.running.set(receiver, (this.running.get(receiver) ?? 0) + 1);
  }

  end(receiver: string, answered: boolean, nowMs: number): void {
    const left = (this.running.get(receiver) ?? 1) - 1;
    if (left === 0) this.running.delete(receiver);
    else this.running.set(receiver, left);
    if (answered) {
      this.failures.delete(receiver);
      return;
    }
    const count = (this.failures.get(receiver)?.count ?? 0) + 1;
    // The one that failed last is remembered longest.
    this.failures.delete(receiver);
    this.failures.set(receiver, { count, lastMs: nowMs });
    const [oldest] = this.failures.keys();
    if (this.failures.size > MOST_REMEMBERED && oldest !== undefined) this.failures.delete(oldest);
  }
}
