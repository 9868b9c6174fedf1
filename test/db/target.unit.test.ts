import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../src/db/engine/target.js';

describe('parseTarget', () => {
  it.each([
    ['postgres://u:secret@db.example:6432/hullcast', 'postgres://db.example:6432/hullcast'],
    ['postgresql://u:secret@db/x', 'postgres://db:5432/x'],
    ['postgres://u:se%23cr%2Fet@[::1]:5433/x', 'postgres://[::1]:5433/x'],
    ['postgres://u:secret@/x?host=/run/postgresql', 'postgres:///run/postgresql:5432/x'],
    ['postgres://u:secret@db', 'postgres://db:5432/u'],
  ])('%s', (url, name) => {
    const target = parseTarget(url);
    expect(target.name).toBe(name);
    expect(target.config.connectionString).toBe(url);
  });

  it.each([
    'mysql://u:secret@db/x',
    'secret',
    'postgres:u:secret@db/x',
    'postgres://u:secret#@db/x',
    'postgres://u:sec/ret@db:x/x',
    'postgres://u:secret@db:99999/x',
    'postgres://u:secret@db/x?sslcert=/no/such/file',
  ])('refuses %s without repeating it', (url) => {
    let thrown: unknown;
    try {
      parseTarget(url);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: 'DB_URL', exitCode: 2 });
    expect((thrown as Error).cause).toBeUndefined();
    expect(`${String(thrown)} ${JSON.stringify(thrown)} ${(thrown as Error).stack}`).not.toMatch(
      /secret|sec\/ret/,
    );
  });
});
