import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEntry } from '../../../src/keys/audit/entry.js';
import { type AuditEntry, AuditTrail, readTrail } from '../../../src/keys/audit/index.js';
import { timeOfTrailKey, trailKey } from '../../../src/keys/audit/trail.js';
import { isKey } from '../../../src/storage/object-store.js';
import { MemoryStore } from '../../pipeline/maintenance/memory-store.js';
import { all } from '../key-service.contract.js';

const use = (subject: string, more: Partial<AuditEntry> = {}): Omit<AuditEntry, 'time' | 'host'> => ({
  ...{ service: 'built in', purpose: 'license', subject, contentId: 'film' },
  keys: [{ kid: 'a'.repeat(32), label: 'HD' }],
  ...more,
});
const subjectsOf = async (
  store: MemoryStore,
  filter: Parameters<typeof readTrail>[1] = {},
): Promise<string[]> =>
  (await all(readTrail(store, filter))).map(({ entry, damaged }) => entry?.subject ?? damaged!);

/** A store whose writes wait until they are let through. */
class SlowStore extends MemoryStore {
  readonly writes: { go(): void; fail(error: Error): void }[] = [];

  override async put(key: string, data: string) {
    await new Promise<void>((go, fail) => this.writes.push({ go, fail }));
    return super.put(key, data);
  }
}
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

describe('names of the trail', () => {
  it('tell their time, sort by it, and are keys of a store', () => {
    const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(time, time, fc.uuid(), fc.uuid(), (a, b, x, y) => {
        const keys = [trailKey(a, x), trailKey(b, y)] as const;
        expect(isKey(keys[0])).toBe(true);
        expect(timeOfTrailKey(keys[0])).toBe(a.getTime());
        if (a < b) expect(keys[0] < keys[1]).toBe(true);
      }),
    );
    expect(timeOfTrailKey('keys/audit/notes.txt')).toBeNaN();
  });
});

describe('the trail', () => {
  it('has an entry as soon as it is noted, with time and host', async () => {
    const store = new MemoryStore();
    await new AuditTrail(store).note(use('session 1'));
    const [found] = await all(readTrail(store));
    expect(found?.entry).toMatchObject(use('session 1'));
    expect(Object.keys(found!.entry!).sort()).toEqual([
      'contentId',
      'host',
      'keys',
      'purpose',
      'service',
      'subject',
      'time',
    ]);
  });

  it('takes what is noted during a write into the next one, and nobody is told too early', async () => {
    const store = new SlowStore();
    const trail = new AuditTrail(store);
    const told: number[] = [];
    const note = (i: number): Promise<unknown> => trail.note(use(`${i}`)).then(() => told.push(i));
    const notes = [note(0)];
    await turn();
    for (let i = 1; i < 500; i += 1) notes.push(note(i));
    await turn();
    expect([store.writes.length, told]).toEqual([1, []]);
    store.writes[0]!.go();
    await turn();
    expect([store.writes.length, told]).toEqual([2, [0]]);
    store.writes[1]!.go();
    await Promise.all(notes);
    expect(store.objects.size).toBe(2);
    expect(await subjectsOf(store)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
  });

  it('tells those whose entries were not written, and goes on', async () => {
    const store = new SlowStore();
    const trail = new AuditTrail(store);
    const lost = [trail.note(use('a')), trail.note(use('b'))];
    await turn();
    const next = trail.note(use('c'));
    const full = new Error('full');
    store.writes[0]!.fail(full);
    for (const note of lost) await expect(note).rejects.toBe(full);
    await turn();
    store.writes[1]!.go();
    await next;
    expect(await subjectsOf(store)).toEqual(['c']);
  });

  it('never writes an object twice', async () => {
    const store = new MemoryStore();
    const trails = Array.from({ length: 20 }, () => new AuditTrail(store));
    await Promise.all(trails.map((trail, i) => trail.note(use(`${i}`))));
    expect(store.objects.size).toBe(20);
  });

  it('is read by key, title and time', async () => {
    const store = new MemoryStore();
    const lines = (...entries: Partial<AuditEntry>[]): string =>
      entries.map((entry) => JSON.stringify({ host: 'h', ...use(''), ...entry })).join('\n');
    const at = (hour: string): string => `2026-08-09T${hour}:00:00.000Z`;
    store.set(
      trailKey(new Date(at('10')), 'x'),
      lines({ time: at('09'), subject: '1' }, { time: at('10'), subject: '2' }),
      0,
    );
    store.set(
      trailKey(new Date(at('12')), 'x'),
      lines(
        { time: at('11'), subject: '3', keys: [{ kid: 'b'.repeat(32), label: 'SD' }] },
        { time: at('12'), subject: 'film 2', contentId: 'film 3' },
      ),
      0,
    );
    expect(await subjectsOf(store)).toEqual(['1', '2', '3', 'film 2']);
    expect(await subjectsOf(store, { kid: 'b'.repeat(32) })).toEqual(['3']);
    expect(await subjectsOf(store, { title: 'film' })).toEqual(['1', '2', '3']);
    expect(await subjectsOf(store, { title: 'film 2' })).toEqual(['film 2']);
    expect(await subjectsOf(store, { title: 'film 3' })).toEqual(['film 2']);
    expect(await subjectsOf(store, { sinceMs: Date.parse(at('10')) })).toEqual(['2', '3', 'film 2']);
    expect(await subjectsOf(store, { sinceMs: Date.parse(at('11')), title: 'film' })).toEqual(['3']);
    expect(await subjectsOf(store, { sinceMs: Date.parse(at('13')) })).toEqual([]);
  });

  it('does not read what is older than it was asked for', async () => {
    const store = new MemoryStore();
    const old = trailKey(new Date('2026-08-08T23:59:59.999Z'), 'x');
    store.set(old, 'damaged', 0);
    expect(await subjectsOf(store, { sinceMs: Date.parse('2026-08-09T00:00:00.000Z') })).toEqual([]);
    expect(await subjectsOf(store)).toEqual([old]);
  });

  it('tells of what is damaged, and of all that is not', async () => {
    const store = new MemoryStore();
    const good = JSON.stringify({ time: '2026-08-09T10:00:00.000Z', host: 'h', ...use('sound') });
    const keys = [1, 2].map((hour) => trailKey(new Date(`2026-08-09T0${hour}:00:00Z`), 'x'));
    store.set(keys[0]!, `${good}\n${good.slice(0, 40)}\n${good}\n`, 0);
    store.set(keys[1]!, `${good}\n`, 0);
    store.set('keys/audit/notes.txt', 'by hand', 0);
    expect(await subjectsOf(store)).toEqual(['sound', 'sound', keys[0], 'sound', 'keys/audit/notes.txt']);
    expect(parseEntry(good)).toBeDefined();
    for (const wrong of ['', '{}', '[]', good.replace('license', 'play'), good.replace('2026-08-09T', '')])
      expect(parseEntry(wrong)).toBeUndefined();
  });
});
