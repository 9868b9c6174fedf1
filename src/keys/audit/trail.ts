import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { ObjectStore } from '../../storage/index.js';
import type { AuditEntry } from './entry.js';

export const TRAIL = 'keys/audit/';

/** Where lines lie that were written at that time: names sort by time, and no two are equal. */
export function trailKey(time: Date, id: string): string {
  const text = time.toISOString();
  return `${TRAIL}${text.slice(0, 10)}/${text.slice(11, 23).replaceAll(':', '')}-${id}.jsonl`;
}

/** When an object of the trail was written, milliseconds since 1970; NaN for what is none. No entry in it is later. */
export function timeOfTrailKey(key: string): number {
  const [, day, h, m, s] = /^keys\/audit\/([\d-]{10})\/(\d\d)(\d\d)(\d\d\.\d{3})-/.exec(key) ?? [];
  return day === undefined ? NaN : Date.parse(`${day}T${h}:${m}:${s}Z`);
}

interface Batch {
  lines: string[];
  written: Promise<void>;
}

/**
 * Notes uses of keys in the store, in objects of their own that nobody writes a second time. What is noted while a write
 * is under way goes with the next one, so that a busy licence server does not make an object for every licence.
 */
export class AuditTrail {
  private next: Batch | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly store: ObjectStore) {}

  /** Resolves when the entry is in the store. Throws what the store throws; then it may be there or not. */
  note(entry: Omit<AuditEntry, 'time' | 'host'>): Promise<void> {
    const line = JSON.stringify({ time: new Date().toISOString(), host: hostname(), ...entry });
    this.next ??= this.begin();
    this.next.lines.push(line);
    return this.next.written;
  }

  private begin(): Batch {
    const lines: string[] = [];
    const written = this.last.then(async () => {
      this.next = undefined; // from here on it takes no more
      await this.store.put(trailKey(new Date(), randomUUID()), `${lines.join('\n')}\n`);
    });
    this.last = written.catch(() => undefined); // whoever noted is told; the next ones are not concerned
    return { lines, written };
  }
}
