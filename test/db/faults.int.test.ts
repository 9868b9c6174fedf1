import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { postgresEngine } from '../../src/db/engine/postgres.js';
import { guarded } from '../../src/db/engine/guard.js';
import { parseTarget } from '../../src/db/engine/target.js';
import { type Database, openDatabase } from '../../src/db/index.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { RESULT, capturedLog, never, newTitle, pause, silent, until } from './support.js';

let server: PostgresServer;
const opened: Database[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.close()));
  if (server.pid === undefined) await server.restart();
});
afterAll(() => server.stop());

async function open(
  options: Partial<Parameters<typeof openDatabase>[1]> = {},
  url = server.url,
): Promise<Database> {
  const db = await openDatabase(url, { home: '/nowhere', log: silent, signal: never, ...options });
  opened.push(db);
  return db;
}

/** Does something again as long as the database is away, as everybody has to who uses it. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error as { transient?: boolean }).transient) throw error;
      await pause(50);
    }
  }
}

/** The server's URL with something else in it. */
function changed(change: (url: URL) => void): string {
  const url = new URL(server.url);
  change(url);
  return url.href;
}

describe('a server that is down at the start', () => {
  it('is waited for, and that is said', async () => {
    await server.kill();
    const { log, messages, text } = capturedLog();
    const opening = open({ log });
    await until(
      () => messages().filter((message) => message === 'waiting for the database').length > 1,
      'waiting',
    );
    await server.restart();
    const db = await opening;
    await db.ping();
    expect(messages().at(-1)).toBe('the database answers');
    expect(text()).toContain(`127.0.0.1:${server.port}/hullcast`);
    expect(text()).not.toContain(new URL(server.url).password);
  });

  it('is waited for no longer than was said', async () => {
    await server.kill();
    const start = performance.now();
    const error: unknown = await open({ waitSeconds: 1 }).catch((thrown: unknown) => thrown);
    expect(performance.now() - start).toBeLessThan(8000);
    expect(error).toMatchObject({ code: 'DB_UNREACHABLE', transient: true, exitCode: 1 });
    expect((error as Error).message).toContain('ECONNREFUSED');
    expect(JSON.stringify(error) + String(error)).not.toContain(new URL(server.url).password);
  });

  it('is waited for until somebody stops it', async () => {
    await server.kill();
    const stop = new AbortController();
    const { log, messages } = capturedLog();
    const opening = open({ log, signal: stop.signal });
    await until(() => messages().length > 0, 'waiting');
    stop.abort(new Error('stopped'));
    await expect(opening).rejects.toThrow('stopped');
    await expect(open({ signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before');
  });

  it('is waited for while it is silent, until somebody stops it', async () => {
    const silentServer = createServer();
    await new Promise<void>((resolve) => silentServer.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = silentServer.address() as AddressInfo;
      const stop = new AbortController();
      const opening = open(
        { signal: stop.signal },
        changed((url) => (url.port = String(port))),
      );
      await pause(200);
      const start = performance.now();
      stop.abort(new Error('stopped'));
      await expect(opening).rejects.toThrow('stopped');
      expect(performance.now() - start).toBeLessThan(3000);
    } finally {
      silentServer.close();
    }
  });
});

describe('a server that goes away later', () => {
  it('is an error that may pass, until it is back', async () => {
    const { log, messages } = capturedLog();
    const db = await open({ log });
    const { title } = await db.titles.create(newTitle());
    await server.kill();
    const attempts = [
      () => db.ping(),
      () => db.titles.get(title.id),
      () => db.titles.started(title.id),
      () => db.events.after(0, { limit: 1 }),
      () => db.outbox.take(1, 1),
    ];
    for (const attempt of [...attempts, ...attempts, ...attempts])
      await expect(attempt()).rejects.toMatchObject({ code: 'DB_UNREACHABLE', transient: true });
    await server.restart();
    // No connection of the pool is lost for good by all these failures.
    const calls = Array.from({ length: 30 }, () => insist(() => db.titles.get(title.id)));
    expect(await Promise.all(calls)).toEqual(calls.map(() => title));
    expect(await db.titles.started(title.id)).toBe(true);
    const said = messages().filter((message) => message.startsWith('the database'));
    expect(said).toEqual(['the database is away', 'the database answers again']);
  });

  it('loses nothing that it had acknowledged, and doubles nothing that was asked again', async () => {
    const db = await open();
    const peer = await open();
    const acknowledged = new Set<string>();
    let writing = true;
    const write = async (on: Database, writer: number): Promise<void> => {
      for (let i = 0; writing; i += 1) {
        const wanted = newTitle({ idempotencyKey: `${writer}-${i}` });
        const { title } = await insist(() => on.titles.create(wanted));
        expect(await insist(() => on.titles.started(title.id))).toBe(true);
        expect(await insist(() => on.titles.finished(title.id, RESULT))).toBe(true);
        acknowledged.add(title.id);
      }
    };
    const writers = [db, peer, db, peer].map(write);
    for (let round = 0; round < 2; round += 1) {
      const before = acknowledged.size;
      await until(() => acknowledged.size > before + 5, 'titles');
      await server.kill();
      await pause(100);
      await server.restart();
    }
    const before = acknowledged.size;
    await until(() => acknowledged.size > before + 5, 'titles after the restarts');
    writing = false;
    await Promise.all(writers);
    const rows = await server.query<{ id: string; types: string[] }>(`
      SELECT t.id, array_agg(e.type ORDER BY e.id) AS types FROM hullcast.title t
      JOIN hullcast.event e ON e.title_id = t.id WHERE t.state = 'done' GROUP BY t.id`);
    expect(new Set(rows.map(({ id }) => id))).toEqual(acknowledged);
    for (const { types } of rows)
      expect(types).toEqual(['title.submitted', 'title.started', 'title.published']);
  });

  it('tells who waits for events when it is back, and of those after', async () => {
    const db = await open();
    let last = await db.events.last();
    const seen: string[] = [];
    db.events.changed(() => {
      void db.events.after(last, { limit: 100 }).then(
        (found) => {
          last = found.at(-1)?.id ?? last;
          seen.push(...found.map(({ titleId }) => titleId));
        },
        () => undefined, // away again: another call follows
      );
    });
    await pause(200);
    await server.kill();
    await server.restart();
    // Somebody else writes before this one has noticed anything.
    const other = await open();
    const { title } = await other.titles.create(newTitle());
    await until(() => seen.includes(title.id), 'the event of the other one');
    const { title: next } = await other.titles.create(newTitle());
    await until(() => seen.includes(next.id), 'the next event');
  });

  it('does not end the process when it goes while nobody asks anything', async () => {
    const { log, messages } = capturedLog();
    const db = await open({ log });
    await Promise.all(Array.from({ length: 5 }, () => db.ping()));
    await server.kill();
    await until(() => messages().some((message) => message.includes('connection')), 'broken connections');
    await server.restart();
    await insist(() => db.ping());
  });
});

describe('a server that is silent', () => {
  it('is given up after a while, and used again when it answers', async () => {
    const timeouts = { connect: 1000, statement: 300, idleTransaction: 1000, silence: 300 };
    const db = await open();
    const { title } = await db.titles.create(newTitle());
    const engine = guarded(postgresEngine(parseTarget(server.url), silent, timeouts), 'test', silent);
    try {
      await engine.run((sql) => sql.execute('SELECT 1'));
      await server.pause();
      const unreachable = { code: 'DB_UNREACHABLE', transient: true };
      await expect(engine.transaction((sql) => sql.execute('SELECT 2'))).rejects.toMatchObject(unreachable);
      await expect(engine.run((sql) => sql.execute('SELECT 3'))).rejects.toMatchObject(unreachable);
      await server.resume();
      await insist(() => engine.run((sql) => sql.execute('SELECT 4')));
      // The transaction that nobody waits for any more has not swallowed what came after it.
      await engine.run((sql) =>
        sql.execute(`UPDATE hullcast.title SET name = 'after' WHERE id = '${title.id}'`),
      );
      expect(await db.titles.get(title.id)).toEqual({ ...title, name: 'after' });
    } finally {
      await server.resume();
      await engine.close();
    }
  });

  it('does not hold up who closes the database', async () => {
    const db = await open();
    db.events.changed(() => undefined);
    await db.ping();
    await pause(200);
    await server.pause();
    const start = performance.now();
    await db.close();
    expect(performance.now() - start).toBeLessThan(5000);
    await server.resume();
  });
});

describe('a process that hangs within a transaction', () => {
  it('does not hold up the others for long', async () => {
    const timeouts = { connect: 5000, statement: 5000, idleTransaction: 500, silence: 1000 };
    const db = await open();
    const { title } = await db.titles.create(newTitle());
    const engine = guarded(postgresEngine(parseTarget(server.url), silent, timeouts), 'test', silent);
    try {
      let hang = (): void => undefined;
      let locked = false;
      const hanging = engine.transaction(async (sql) => {
        await sql.execute(`SELECT FROM hullcast.title WHERE id = '${title.id}' FOR UPDATE`);
        locked = true;
        await new Promise<void>((resolve) => (hang = resolve));
        await sql.execute('SELECT 1');
      });
      const ended = expect(hanging).rejects.toMatchObject({ code: 'DB_UNREACHABLE', transient: true });
      await until(() => locked, 'the lock');
      expect(await db.titles.started(title.id)).toBe(true);
      hang();
      await ended;
    } finally {
      await engine.close();
    }
  });
});

describe('what nobody can wait for', () => {
  const password = (): string => new URL(server.url).password;
  it.each<[string, string, () => string]>([
    ['DB_DENIED', 'a wrong password', () => changed((url) => (url.password = 'wrong-secret'))],
    ['DB_DENIED', 'no password', () => changed((url) => (url.password = ''))],
    ['DB_DENIED', 'an unknown user', () => changed((url) => (url.username = 'nobody'))],
    ['DB_MISSING', 'an unknown database', () => changed((url) => (url.pathname = '/elsewhere'))],
    ['DB_TLS', 'a server without TLS', () => changed((url) => (url.search = '?sslmode=verify-full'))],
    ['DB_URL', 'another kind of database', () => changed((url) => (url.protocol = 'mysql'))],
    ['DB_URL', 'a port that is none', () => server.url.replace(String(server.port), '99999')],
    ['DB_URL', 'a password that is not escaped', () => server.url.replace('@', '#@')],
    ['DB_URL', 'no certificate there', () => `${server.url}?sslrootcert=/no/such/ca.pem`],
  ])('%s: %s', async (code, _what, url) => {
    const { log, text } = capturedLog();
    const error: unknown = await open({ log }, url()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, exitCode: 2, transient: false });
    const said = `${String(error)} ${(error as Error).stack} ${JSON.stringify(error)} ${text()}`;
    expect(said).not.toContain(password());
    expect(said).not.toContain('wrong-secret');
    expect((error as { hint?: string }).hint).toMatch(/\w+/);
  });

  it('a user who may not make the schema is told, and one who may use it is not', async () => {
    await server.query(`CREATE ROLE guest LOGIN PASSWORD 'guest'`);
    await server.query('CREATE DATABASE narrow');
    const url = changed((one) =>
      Object.assign(one, { username: 'guest', password: 'guest', pathname: '/narrow' }),
    );
    await expect(open({}, url)).rejects.toMatchObject({ code: 'DB_DENIED', exitCode: 2 });
    const admin = new pg.Client(changed((one) => (one.pathname = '/narrow')));
    await admin.connect();
    await admin.query('CREATE SCHEMA hullcast AUTHORIZATION guest');
    await admin.end();
    const db = await open({}, url);
    expect((await db.titles.create(newTitle())).created).toBe(true);
  });

  it('a database that was closed', async () => {
    const db = await open();
    await db.close();
    await db.close();
    await expect(db.ping()).rejects.toMatchObject({ code: 'DB_CLOSED' });
    await expect(db.titles.create(newTitle())).rejects.toMatchObject({ code: 'DB_CLOSED' });
  });
});
