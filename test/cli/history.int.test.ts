import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerGc } from '../../src/cli/gc.js';
import { type Database, openDatabase } from '../../src/db/index.js';
import { newTitle, never, silent } from '../db/support.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { type CliRun, cli } from './terminal.js';

let root: string;
let server: PostgresServer;
let homes = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-history-'));
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true, force: true });
});

const newHome = (): string => join(root, `home-${(homes += 1)}`);
const gc = (home: string, argv: readonly string[], database?: string): Promise<CliRun> =>
  cli(['gc', ...argv], {
    commands: [registerGc],
    cwd: root,
    env: { HULLCAST_HOME: home, ...(database === undefined ? {} : { HULLCAST_DB: database }) },
  });
const open = (home: string, url?: string): Promise<Database> =>
  openDatabase(url, { home, log: silent, signal: never });

/** A title that has failed, one delivery of which was given up, and one that waits. */
async function fill(db: Database): Promise<void> {
  const { title } = await db.titles.create(newTitle({ callbackUrl: 'https://example.com/' }));
  await db.titles.failed(title.id, { code: 'X', message: 'x' });
  await db.titles.create(newTitle());
  const [first] = await db.outbox.take(1, 0.001);
  await db.outbox.missed(first!, { error: 'gone', retryInSeconds: undefined });
}

const history = (removed: object, dryRun = false): object => ({ type: 'history', dryRun, removed });

const left = async (db: Database): Promise<unknown> => [
  (await db.events.after(0, { limit: 10 })).map(({ type }) => type),
  await db.titles.count(),
];
const LEFT = [['title.failed', 'title.submitted'], expect.objectContaining({ failed: 1, queued: 1 })];

describe('the history of a database', () => {
  it('is counted by a dry run, and then removed, by age, while others have a PostgreSQL open', async () => {
    const home = newHome();
    const db = await open(home, server.url);
    await fill(db);
    const run = (...argv: string[]) => gc(home, argv, server.url);
    const young = await run('--json');
    expect([young.code, young.stderr.text]).toEqual([0, '']);
    expect(young.stdout.json().slice(1)).toEqual([history({ deliveries: 0, events: 0 })]);
    const dry = await run('--json', '--dry-run', '--max-history', '0');
    expect(dry.stdout.json().slice(1)).toEqual([history({ deliveries: 1, events: 1 }, true)]);
    const told = await run('--dry-run', '--max-history', '0');
    expect(told.stdout.text).toMatch(/\nWould remove 1 event and 1 webhook from the database\.\n$/);
    const real = await run('--json', '--max-history', '0');
    expect(real.stdout.json().slice(1)).toEqual([history({ deliveries: 1, events: 1 })]);
    expect(await left(db)).toEqual(LEFT);
    await db.close();
  });

  it('is removed from the home', async () => {
    const home = newHome();
    const before = await open(home);
    await fill(before);
    await before.close();
    const real = await gc(home, ['--max-history', '0']);
    expect(real.stdout.text).toMatch(/\nRemoved 1 event and 1 webhook from the database\.\n$/);
    const after = await open(home);
    expect(await left(after)).toEqual(LEFT);
    await after.close();
  });
});

describe('a database in the home', () => {
  it('is not made where there is none', async () => {
    const home = newHome();
    const { code, stdout } = await gc(home, ['--json', '--max-history', '0']);
    expect([code, stdout.json().map(({ type }) => type)]).toEqual([0, ['gc']]);
    expect(await readdir(home).catch(() => [])).not.toContain('db');
  });

  it('that is in use is left, and that is said, unless it was asked for', async () => {
    const home = newHome();
    const db = await open(home);
    const run = await gc(home, ['--json']);
    expect([run.code, run.stdout.json().map(({ type }) => type)]).toEqual([0, ['gc']]);
    expect(run.stderr.text).toMatch(/^Events and webhooks were left: .* is using the database .*\.\n$/);
    const asked = await gc(home, ['--json', '--max-history', '30']);
    expect([asked.code, asked.stdout.json().at(-1)]).toMatchObject([1, { type: 'error', code: 'DB_BUSY' }]);
    await db.close();
  });
});
