import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readToken } from '../../../src/cli/remote/token.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-token-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const SECRET = 'hc_0123-abc.DEF~/+==';

async function file(content: string, mode = 0o600): Promise<string> {
  const path = join(folder, `token-${mode.toString(8)}`);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const token = (path?: string, env: NodeJS.ProcessEnv = {}) => readToken({ cwd: folder, env }, path);

describe('the token', () => {
  it('is that of the file, of HULLCAST_TOKEN, or none', async () => {
    const path = await file(`${SECRET}\n`);
    expect(await token(path)).toBe(SECRET);
    expect(await token('token-600', { HULLCAST_TOKEN: 'other' })).toBe(SECRET);
    expect(await token(undefined, { HULLCAST_TOKEN: ` ${SECRET} ` })).toBe(SECRET);
    expect(await token()).toBeUndefined();
    expect(await token(undefined, { HULLCAST_TOKEN: '' })).toBeUndefined();
  });

  it.each([0o640, 0o604, 0o660, 0o644, 0o620])(
    'of a file with mode %o is refused, as by ssh',
    async (mode) => {
      const path = await file(SECRET, mode);
      const refused = token(path);
      await expect(refused).rejects.toMatchObject({ code: 'TOKEN_FILE_EXPOSED', exitCode: 2 });
      await expect(refused).rejects.toMatchObject({
        hint: expect.stringContaining(`chmod 600 ${path}`) as string,
      });
    },
  );

  it.each([0o400, 0o700])('of a file with mode %o is taken', async (mode) => {
    expect(await token(await file(SECRET, mode))).toBe(SECRET);
  });

  it('may come from a pipe', async () => {
    const fifo = join(folder, 'fifo');
    await promisify(execFile)('mkfifo', ['-m', '600', fifo]);
    const [read] = await Promise.all([token(fifo), writeFile(fifo, SECRET)]);
    expect(read).toBe(SECRET);
  });

  it('of a file that is not there', async () => {
    await expect(token('nowhere')).rejects.toMatchObject({
      ...{ code: 'TOKEN_FILE', exitCode: 2, message: 'the token file nowhere does not exist' },
    });
    await expect(token('.')).rejects.toMatchObject({ code: 'TOKEN_FILE' });
  });

  it.each([['two words'], ['a\nb'], ['umläut'], ['a'.repeat(513)], ['  ']])(
    'that is none is refused without being told: %j',
    async (text) => {
      const refused = token(await file(text));
      await expect(refused).rejects.toMatchObject({ code: 'TOKEN_MALFORMED', exitCode: 2 });
      await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining(text) as string });
    },
  );
});
