import { once } from 'node:events';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IN_MEMORY, type OpenOptions, openDatabase } from '../../src/db/index.js';
import { type Script, bundleScript, killHard } from '../pipeline/script.js';
import { never, newTitle, silent, until } from './support.js';

let home: string;
let options: OpenOptions;
let writer: Script;
beforeAll(async () => {
  writer = await bundleScript('writer', import.meta.dirname);
  home = await mkdtemp(join(tmpdir(), 'hullcast-db-'));
  options = { home, log: silent, signal: never };
});
afterAll(async () => {
  await writer.cleanUp();
  await rm(home, { recursive: true, force: true });
});

describe('the embedded database', () => {
  // The tests are the life of one folder, as to make one takes seconds.
  it('is a folder of the home, and keeps what was written', async () => {
    for (const spec of [undefined, '']) {
      const db = await openDatabase(spec, options);
      await db.titles.create(newTitle());
      await db.close();
    }
    const db = await openDatabase(undefined, options);
    expect(await db.titles.count()).toMatchObject({ queued: 2 });
    await db.close();
    expect(await readdir(home)).toEqual(['db']);
  });

  it('is for one at a time', async () => {
    const db = await openDatabase(undefined, options);
    await expect(openDatabase(undefined, options)).rejects.toMatchObject({
      ...{ code: 'DB_BUSY', exitCode: 1 },
      message: expect.stringContaining(`process ${process.pid} `) as string,
    });
    await db.ping();
    await db.close();
    await expect(db.ping()).rejects.toMatchObject({ code: 'DB_CLOSED' });
  });

  it('keeps all that it acknowledged when its process is killed, which held it alone', async () => {
    const child = writer.start(home);
    const acknowledged: string[] = [];
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (id) => acknowledged.push(id));
    const closed = once(lines, 'close');
    try {
      await until(() => acknowledged.length >= 20, 'twenty titles');
      await expect(openDatabase(undefined, options)).rejects.toMatchObject({
        code: 'DB_BUSY',
        message: expect.stringContaining(`process ${child.pid} `) as string,
      });
    } finally {
      await killHard(child);
    }
    await closed; // all that it printed has arrived
    const db = await openDatabase(undefined, options);
    for (const id of acknowledged) expect(await db.titles.get(id)).toMatchObject({ id, state: 'running' });
    await db.close();
  });

  it('that does not open is left as it is, and not made anew', async () => {
    await truncate(join(home, 'db', 'global', 'pg_control'), 0);
    const files = async (): Promise<string[]> =>
      (await readdir(join(home, 'db'))).filter((name) => name !== 'postmaster.pid');
    const before = await files();
    await expect(openDatabase(undefined, options)).rejects.toMatchObject({ code: 'DB_DAMAGED', exitCode: 1 });
    expect(await files()).toEqual(before);
    expect(await readdir(home)).toEqual(['db']);
  });

  it('can be in memory, for tests, and then writes nothing', async () => {
    const db = await openDatabase(IN_MEMORY, { ...options, home: join(home, 'nowhere') });
    expect((await db.titles.create(newTitle())).created).toBe(true);
    await db.close();
    expect(await readdir(home)).toEqual(['db']);
  });

  it('says so where the folder cannot be made', async () => {
    const file = join(home, 'file');
    await writeFile(file, '');
    await expect(openDatabase(undefined, { ...options, home: file })).rejects.toMatchObject({
      code: 'DB_FAILED',
    });
  });
});
