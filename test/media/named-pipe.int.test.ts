import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRunner, withNamedPipe } from '../../src/media/index.js';

const run = createRunner();
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-pipe-'));
  path = join(folder, 'pipe');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('gives its content to the one who opens it by name, and is only its owner’s', async () => {
  const content = Buffer.from('--keys=label=a:key=00ff\n');
  const { stdout } = await withNamedPipe(run, path, content, async () => {
    const found = await stat(path);
    expect(found.isFIFO()).toBe(true);
    expect(found.mode & 0o777).toBe(0o600);
    return run({ file: 'cat', args: [path], timeoutMs: 30_000 });
  });
  expect(stdout.equals(content)).toBe(true);
});

it('gives more than a pipe holds, to a reader who takes its time', async () => {
  const content = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 31) % 256));
  const code = `const { createReadStream } = require('node:fs'); const { createHash } = require('node:crypto');
    setTimeout(() => { const hash = createHash('sha256'); const s = createReadStream(process.argv[1]);
      s.on('data', (d) => { hash.update(d); s.pause(); setTimeout(() => s.resume(), 5); }).on('end', () => console.log(hash.digest('hex'))); }, 200)`;
  const { stdout } = await withNamedPipe(run, path, content, () =>
    run({ file: process.execPath, args: ['-e', code, path], timeoutMs: 60_000 }),
  );
  expect(stdout.toString().trim()).toBe(createHash('sha256').update(content).digest('hex'));
});

it('leaves nothing waiting where nobody reads it, or not to the end', async () => {
  const content = Buffer.alloc(1_000_000, 1);
  expect(await withNamedPipe(run, path, content, () => Promise.resolve('unread'))).toBe('unread');
  await rm(path);
  const { stdout } = await withNamedPipe(run, path, content, () =>
    run({ file: 'head', args: ['-c', '10', path], timeoutMs: 30_000 }),
  );
  expect(stdout).toHaveLength(10);
});

it('throws what its user throws', async () => {
  const failed = withNamedPipe(run, path, Buffer.from('x'), () => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  // What was in the pipe is gone with it: nothing was written to the folder.
  expect(await readdir(folder)).toEqual(['pipe']);
  expect((await stat(path)).size).toBe(0);
});

it('says where there is one already', async () => {
  await withNamedPipe(run, path, Buffer.from('x'), () => readFile(path));
  await expect(withNamedPipe(run, path, Buffer.from('x'), () => readFile(path))).rejects.toMatchObject({
    code: 'PROCESS_FAILED',
  });
});
