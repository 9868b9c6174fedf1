import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.js';
import { openDatabase } from '../../src/db/index.js';
import { digestOf, tokenIdOf } from '../../src/services/tokens/index.js';
import { type PostgresServer, startPostgres } from '../support/postgres-server.js';
import { type CliRun, cli } from './terminal.js';

let server: PostgresServer;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'hullcast-token-'));
  server = await startPostgres();
});
afterAll(async () => {
  await server.stop();
  await rm(home, { recursive: true, force: true });
});

const run = (argv: string[], database: string | undefined = server.url): Promise<CliRun> =>
  cli(['token', ...argv], { commands: COMMANDS, env: { HULLCAST_HOME: home, HULLCAST_DB: database } });

/** The database as `serve` has it open. */
async function served<T>(
  work: (db: Awaited<ReturnType<typeof openDatabase>>) => Promise<T>,
  url?: string,
): Promise<T> {
  const log = pino({ level: 'silent' });
  const db = await openDatabase(url, { home, log, signal: new AbortController().signal });
  return work(db).finally(() => db.close());
}

describe('hullcast token', () => {
  it('prints a secret, alone, that the database knows by its digest', async () => {
    const { code, stdout, stderr } = await run(['create', 'ci', '--days', '2', '--verbose']);
    expect(code).toBe(0);
    const secret = stdout.text.trim();
    expect(stdout.text).toBe(`${secret}\n`);
    const id = tokenIdOf(secret);
    expect(id).toBeDefined();
    const token = await served(({ tokens }) => tokens.find(digestOf(secret)), server.url);
    expect(token).toMatchObject({ id, name: 'ci', scopes: ['read', 'submit'], valid: true });
    expect(Math.abs(Date.parse(token!.expiresAt!) - Date.now() - 2 * 86_400_000)).toBeLessThan(60_000);
    expect(stderr.text).toContain(`Token ${id} (ci) may read, submit until ${token!.expiresAt}.`);
    // Nowhere else is the secret, nor in the database; and the log tells no password.
    expect(stderr.text).not.toContain(secret.slice(16));
    expect(stderr.text).not.toContain(new URL(server.url).password);
    const rows = await server.query('SELECT * FROM hullcast.token');
    expect(JSON.stringify(rows)).not.toContain(secret.slice(16));
    expect(JSON.stringify(rows)).toContain(digestOf(secret));
  });

  it('lists tokens without what would let somebody use them', async () => {
    const made = await run(['create', 'anna \u001b[31m', '--scopes', 'admin,read,admin']);
    const secret = made.stdout.text.trim();
    const { code, stdout } = await run(['list']);
    expect(code).toBe(0);
    const lines = stdout.text.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ID +NAME +SCOPES +CREATED +EXPIRES +LAST USED +REVOKED$/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(new RegExp(`^${tokenIdOf(secret)}  anna \uFFFD\\[31m +admin,read +\\d{4}-`));
    expect(stdout.text).not.toContain(secret.slice(16));
    expect(stdout.text).not.toContain(digestOf(secret));
    // What the table says is in columns.
    const column = lines[0]!.indexOf('CREATED');
    for (const line of lines.slice(1))
      expect(line.slice(column, column + 16)).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d$/);
  });

  it('tells all of it as JSON lines', async () => {
    const made = await run(['create', 'json', '--json', '--scopes', 'submit']);
    expect(made.stderr.text).toBe('');
    const [line, ...rest] = made.stdout.json();
    expect(rest).toEqual([]);
    const { secret, ...token } = line!;
    expect(token).toEqual({
      ...{ type: 'token', id: tokenIdOf(String(secret)), name: 'json', scopes: ['submit'] },
      ...{ createdAt: token['createdAt'], expiresAt: null, revokedAt: null, lastUsedAt: null },
    });
    const listed = (await run(['list', '--json'])).stdout.json();
    expect(listed.find(({ id }) => id === token['id'])).toEqual(token);
  });

  it('revokes by id, or by a secret that somebody found', async () => {
    const secrets = [await run(['create', 'a']), await run(['create', 'b'])].map(({ stdout }) =>
      stdout.text.trim(),
    );
    const [a = '', b = ''] = secrets;
    const byId = await run(['revoke', tokenIdOf(a)!]);
    expect([byId.code, byId.stdout.text]).toEqual([0, `Token ${tokenIdOf(a)} is revoked.\n`]);
    const bySecret = await run(['revoke', b, '--json']);
    expect(bySecret.stdout.json()).toEqual([{ type: 'revoked', id: tokenIdOf(b) }]);
    for (const secret of secrets)
      expect(await served(({ tokens }) => tokens.find(digestOf(secret)), server.url)).toMatchObject({
        valid: false,
      });
  });

  it('knows no token that there is not, and does not repeat a secret', async () => {
    const secret = `hc_000000000000_${'x'.repeat(43)}`;
    const { code, stderr } = await run(['revoke', secret]);
    expect(code).toBe(2);
    expect(stderr.text).toContain('error TOKEN_NOT_FOUND: there is no token 000000000000\n');
    expect(stderr.text).not.toContain(secret);
  });

  it('ends with 2 where the server refuses it, without the password', async () => {
    const url = new URL(server.url);
    url.password = 'wrong-secret';
    const { code, stdout, stderr } = await run(['list', '--verbose'], url.href);
    expect(code).toBe(2);
    expect(stderr.text).toContain('error DB_DENIED: ');
    expect(stdout.text + stderr.text).not.toContain('wrong-secret');
  });

  it('uses the embedded database where there is no other, and only while nobody else does', async () => {
    const secret = (await run(['create', 'local'], '')).stdout.text.trim();
    expect((await run(['list', '--json'], '')).stdout.json()).toMatchObject([{ name: 'local' }]);
    await served(async ({ tokens }) => {
      expect(await tokens.find(digestOf(secret))).toMatchObject({ valid: true });
      const { code, stderr } = await run(['list'], '');
      expect(code).toBe(1);
      expect(stderr.text).toContain(`error DB_BUSY: process ${process.pid} is using the database `);
      expect(stderr.text).toContain('hullcast serve');
    });
  });
});
