import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedQueue } from '../../src/pipeline/index.js';
import { openDatabase } from '../../src/pipeline/queue/database.js';
import { queueContract } from './queue.contract.js';
import { capturedLog } from './support.js';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-queue-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

queueContract('embedded', () => join(root, 'contract'));

describe('embedded queue', () => {
  // These use what the contract suite left, because making a database takes seconds.
  const folder = (): string => join(root, 'contract');

  it('forgets all jobs on purge, and goes on', async () => {
    const { log, messages } = capturedLog();
    const backend = embeddedQueue(folder(), log);
    await backend.start();
    const queue = backend.queue<object>('purged');
    await queue.add('x', {}, { jobId: 'a' });
    await backend.purge();
    expect(await queue.getJobCountByTypes('waiting', 'active')).toBe(0);
    await queue.add('x', {}, { jobId: 'a' });
    expect(await queue.getJobCountByTypes('waiting')).toBe(1);
    await queue.close();
    await backend.stop();
    expect(messages).toEqual([]);
  });

  it('keeps jobs over a restart', async () => {
    const backend = embeddedQueue(folder(), capturedLog().log);
    await backend.start();
    const queue = backend.queue<object>('purged');
    expect((await queue.getWaiting()).map((job) => job.id)).toEqual(['a']);
    await queue.close();
    await backend.stop();
  });

  it('moves a database that does not open aside, with a warning, and makes a new one', async () => {
    const { log, messages } = capturedLog();
    await truncate(join(folder(), 'global', 'pg_control'), 0);
    const backend = embeddedQueue(folder(), log);
    await backend.start();
    const queue = backend.queue<object>('purged');
    expect(await queue.getJobCountByTypes('waiting')).toBe(0);
    await queue.add('x', {}, { jobId: 'b' });
    expect((await queue.getWaiting()).map((job) => job.id)).toEqual(['b']);
    await queue.close();
    await backend.stop();
    expect(messages).toEqual(['the queue database does not open: it is made anew']);
    expect((await readdir(root)).sort()).toEqual(['contract', 'contract.broken']);
  });

  it('begins with the template that the build makes, whatever the folder', async () => {
    const made = await openDatabase(undefined);
    const template = await made.dumpDataDir('gzip');
    await made.close();
    const folder = join(root, 'from-template');
    const db = await openDatabase(folder, template);
    await db.exec(`INSERT INTO migration SELECT * FROM migration WHERE false`); // in the schema that the template brought
    await db.close();
    const again = await openDatabase(folder);
    const { rows } = await again.query<{ n: number }>('SELECT count(*)::int AS n FROM migration');
    await again.close();
    expect(rows[0]!.n).toBeGreaterThan(0);
  });

  it('replaces a database of which the template was unpacked in part', async () => {
    const folder = join(root, 'half');
    await mkdir(folder);
    await writeFile(join(folder, 'PG_VERSION'), '17\n');
    const { log, messages } = capturedLog();
    const backend = embeddedQueue(folder, log);
    await backend.start();
    const queue = backend.queue<{ n: number }>('half');
    await queue.add('one', { n: 1 });
    await queue.close();
    await backend.stop();
    expect(messages).toEqual(['the queue database does not open: it is made anew']);
  });

  it('says that it is not open', async () => {
    const backend = embeddedQueue(join(root, 'closed'), capturedLog().log);
    expect(() => backend.queue('x')).toThrow(expect.objectContaining({ code: 'QUEUE_CLOSED' }));
    await backend.stop();
  });
});
