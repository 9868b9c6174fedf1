import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbedded } from '../../src/db/engine/embedded.js';
import type { Session } from '../../src/db/engine/engine.js';
import { openDatabase } from '../../src/db/index.js';
import { migrate } from '../../src/db/migrate.js';
import { MIGRATIONS, type Migration } from '../../src/db/migrations.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { never, newTitle, silent } from './support.js';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());

/** Empty databases, of each kind. */
const KINDS: Record<string, () => Promise<{ session: Session; close: () => Promise<unknown> }>> = {
  async PGlite() {
    const { session, engine } = await openEmbedded(undefined);
    return { session, close: () => engine.close() };
  },
  async PostgreSQL() {
    const client = new pg.Client(await emptyDatabase());
    await client.connect();
    return {
      session: {
        async query(text) {
          const results = [await client.query(text)].flat() as pg.QueryResult<Record<string, unknown>>[];
          return results.at(-1)!.rows;
        },
      },
      close: () => client.end(),
    };
  },
};

let databases = 0;
async function emptyDatabase(): Promise<string> {
  const name = `empty${(databases += 1)}`;
  await server.query(`CREATE DATABASE ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Steps as later versions of the program may have them: one that changes data, one that adds. */
const LATER: readonly Migration[] = [
  {
    name: "a title's length; names in capitals",
    sql: `ALTER TABLE hullcast.title ADD COLUMN seconds double precision;
      UPDATE hullcast.title SET name = upper(name);
      UPDATE hullcast.title SET seconds = (result ->> 'frames')::float / 24 WHERE result IS NOT NULL`,
  },
  { name: "it's a step", sql: 'CREATE TABLE hullcast.more (id integer PRIMARY KEY)' },
];

const TITLE = `INSERT INTO hullcast.title (id, name, source, profile, priority, request_digest, token_id, result)
  VALUES ('t', 'master.mov', '{"kind":"s3"}', 'default', 5, 'd', 'k', '{"frames":48}');
  INSERT INTO hullcast.event (type, title_id, data) VALUES ('title.submitted', 't', '{"id":"t"}');
  INSERT INTO hullcast.delivery (event_id, title_id, url) SELECT id, 't', 'https://example.com/' FROM hullcast.event;
  INSERT INTO hullcast.token (id, name, scopes, digest) VALUES ('k', 'ci', '["read"]', 'digest');
  INSERT INTO hullcast.upload (id, name, bytes, token_id, expires_at) VALUES ('u', 'n', 1, 'k', now())`;

const TABLES = ['title', 'event', 'delivery', 'token', 'upload'];

describe.each(Object.keys(KINDS))('migrations on %s', (kind) => {
  let session: Session;
  let close: () => Promise<unknown>;
  beforeAll(async () => {
    ({ session, close } = await KINDS[kind]!());
  });
  afterAll(() => close());

  const dump = async (): Promise<Record<string, unknown>> => {
    const tables: Record<string, unknown> = {};
    for (const table of TABLES) tables[table] = await session.query(`TABLE hullcast.${table}`);
    return tables;
  };

  // The tests are the life of one database, as to make one takes seconds.
  it('make the schema of an empty database, and do nothing a second time', async () => {
    expect(await migrate(session, 'here', MIGRATIONS.slice(0, 1))).toBe(1);
    expect(await migrate(session, 'here', MIGRATIONS.slice(0, 1))).toBe(0);
  });

  it('keep what the first version wrote', async () => {
    await session.query(TITLE);
    const before = await dump();
    await migrate(session, 'here');
    const after = await dump();
    for (const table of TABLES) expect(after[table]).toMatchObject(before[table] as object[]);
  });

  it('that fail leave everything as it was', async () => {
    const before = await dump();
    const broken = { name: 'broken', sql: `${LATER[0]!.sql}; DELETE FROM hullcast.token; SELECT 1 / 0` };
    await expect(migrate(session, 'here', [...MIGRATIONS, broken])).rejects.toThrow('division by zero');
    expect(await dump()).toEqual(before);
  });

  it('go on from where the database is, and keep what is in it', async () => {
    expect(await migrate(session, 'here', [...MIGRATIONS, ...LATER])).toBe(LATER.length);
    expect(await session.query('SELECT id, name, seconds FROM hullcast.title')).toEqual([
      { id: 't', name: 'MASTER.MOV', seconds: 2 },
    ]);
    const steps = await session.query('SELECT version, name FROM hullcast.migration ORDER BY version');
    expect(steps).toEqual([...MIGRATIONS, ...LATER].map(({ name }, i) => ({ version: i + 1, name })));
  });

  it('refuse a database that is newer than the program', async () => {
    const before = await dump();
    await expect(migrate(session, 'here')).rejects.toMatchObject({
      code: 'DB_NEWER',
      exitCode: 2,
      transient: false,
    });
    expect(await dump()).toEqual(before);
    // Nothing is left open: the same session goes on.
    expect(await migrate(session, 'here', [...MIGRATIONS, ...LATER])).toBe(0);
  });
});

describe('programs that start at once', () => {
  const options = { home: '/nowhere', log: silent, signal: never };

  it('make one schema', async () => {
    const url = await emptyDatabase();
    const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase(url, options)));
    await Promise.all(opened.map((db) => db.titles.create(newTitle())));
    expect(await opened[0]!.titles.count()).toMatchObject({ queued: 6 });
    await Promise.all(opened.map((db) => db.close()));
  });

  it('do not wait for a server that has a newer schema', async () => {
    const url = await emptyDatabase();
    await (await openDatabase(url, options)).close();
    const client = new pg.Client(url);
    await client.connect();
    await client.query(`INSERT INTO hullcast.migration (version, name) VALUES (1000, 'of the future')`);
    await client.end();
    await expect(openDatabase(url, options)).rejects.toMatchObject({ code: 'DB_NEWER', exitCode: 2 });
  });
});
