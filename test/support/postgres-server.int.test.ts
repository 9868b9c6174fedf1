import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { type PostgresServer, startPostgres } from './postgres-server.js';

describe('startPostgres', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  it('wants its password', async () => {
    const url = new URL(server.url);
    url.password = 'wrong';
    await expect(new pg.Client(url.href).connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps what was committed when it is killed', async () => {
    await server.query('CREATE TABLE kept (n int)');
    await server.query('INSERT INTO kept VALUES (7)');
    await server.kill();
    await expect(server.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(await server.query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('is silent while it is paused', async () => {
    const client = new pg.Client(server.url);
    await client.connect();
    await server.pause();
    const answer = client.query('SELECT 1').then(() => 'answer');
    const silence = new Promise((resolve) => setTimeout(() => resolve('silence'), 300));
    expect(await Promise.race([answer, silence])).toBe('silence');
    await server.resume();
    expect(await answer).toBe('answer');
    await client.end();
  });

  it('leaves nothing behind', async () => {
    const [row] = await server.query<{ data_directory: string }>('SHOW data_directory');
    expect(existsSync(row!.data_directory)).toBe(true);
    await server.stop();
    expect(existsSync(row!.data_directory)).toBe(false);
    await expect(server.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
  });
});
