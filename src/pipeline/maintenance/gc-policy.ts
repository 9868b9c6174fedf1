/** What may go. Times are in milliseconds. */
export interface GcPolicy {
  /** What was not used for this long goes. */
  maxAgeMs?: number | undefined;
  /** Most bytes that artifacts may have together; where there are more, the longest unused go first. */
  maxBytes?: number | undefined;
  /** Nothing that was written or used within this time goes, whatever the above say. */
  minAgeMs: number;
}

const BUCKET_MS = 60_000;

/** Bytes by the minute of their last use. */
export class UseHistogram {
  private readonly buckets = new Map<number, number>();
  private protectedBytes = 0;

  /** `lastUsedMs` is Infinity for what may not go. */
  add(lastUsedMs: number, bytes: number): void {
    if (lastUsedMs === Infinity) {
      this.protectedBytes += bytes;
      return;
    }
    const bucket = Math.floor(lastUsedMs / BUCKET_MS);
    this.buckets.set(bucket, (this.buckets.get(bucket) ?? 0) + bytes);
  }

  get totalBytes(): number {
    return [...this.buckets.values()].reduce((sum, bytes) => sum + bytes, this.protectedBytes);
  }

  /** The earliest time such that what was used after it, with what may not go, has at most `maxBytes`. */
  cutoffFor(maxBytes: number): number {
    let bytes = this.protectedBytes;
    for (const [bucket, more] of [...this.buckets].sort(([a], [b]) => b - a)) {
      bytes += more;
      if (bytes > maxBytes) return (bucket + 1) * BUCKET_MS - 1;
    }
    return -Infinity;
  }
}

/** What was last used then or earlier goes. */
export function cutoffOf(policy: GcPolicy, nowMs: number, histogram: UseHistogram): number {
  const byAge = policy.maxAgeMs === undefined ? -Infinity : nowMs - policy.maxAgeMs;
  const bySize = policy.maxBytes === undefined ? -Infinity : histogram.cutoffFor(policy.maxBytes);
  return Math.min(nowMs - policy.minAgeMs, Math.max(byAge, bySize));
}
