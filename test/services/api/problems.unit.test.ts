import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { PROBLEMS, problemOf } from '../../../src/services/api/problems.js';
import { problemSchema } from '../../../src/services/contract/index.js';

describe('problems', () => {
  it('are in docs/api.md, each with its status and title, and no others', async () => {
    const docs = await readFile(resolve('docs/api.md'), 'utf8');
    const rows = [...docs.matchAll(/^\| `([A-Z_]+)` *\| (\d{3}) *\| (.*?) *\|$/gm)];
    const documented = Object.fromEntries(
      rows.map(([, code = '', status, title = '']) => [code, { status: Number(status), title }]),
    );
    expect(rows).toHaveLength(Object.keys(documented).length);
    expect(documented).toEqual(
      Object.fromEntries(
        Object.entries(PROBLEMS).map(([code, { status, title }]) => [code, { status, title }]),
      ),
    );
  });

  it('are in docs/errors.md, too', async () => {
    const docs = await readFile(resolve('docs/errors.md'), 'utf8');
    expect(Object.keys(PROBLEMS).filter((code) => !docs.includes(`| \`${code}\``))).toEqual([]);
  });

  it('say what the error says, where that is for the outside', () => {
    const error = new HullcastError('PROFILE_UNKNOWN', 'there is no profile "x"', {
      hint: 'There is default.',
    });
    const problem = problemOf(error, 'id', [{ path: 'a', message: 'b' }]);
    expect(problemSchema.strict().parse(problem)).toEqual({
      type: 'https://hullcast.dev/problems/PROFILE_UNKNOWN',
      ...{ title: 'Unknown profile', status: 422, code: 'PROFILE_UNKNOWN', errorId: 'id' },
      ...{ detail: 'there is no profile "x"', hint: 'There is default.' },
      errors: [{ path: 'a', message: 'b' }],
    });
  });

  it('say nothing of the inside', () => {
    const secrets = [
      new HullcastError('DISK_FULL', 'no space left: /srv/inside', { hint: 'look at /srv/inside' }),
      new HullcastError('DB_UNREACHABLE', 'no answer from inside:5432', { hint: 'start inside' }),
      new HullcastError('STORE_UNREACHABLE', 's3://inside does not answer'),
      new HullcastError('STORE_DENIED', 'inside refuses', { hint: 'inside' }),
      new Error('inside'),
      'inside',
      undefined,
    ];
    for (const secret of secrets) {
      const problem = problemOf(secret, 'id');
      expect(JSON.stringify(problem)).not.toContain('inside');
      expect(problem.status).toBeGreaterThanOrEqual(500);
    }
  });

  it('take no code from what an object has by nature', () => {
    expect(problemOf(new HullcastError('constructor', 'x'), 'id').code).toBe('INTERNAL');
    expect(problemOf(new HullcastError('toString', 'x'), 'id').code).toBe('INTERNAL');
  });
});
