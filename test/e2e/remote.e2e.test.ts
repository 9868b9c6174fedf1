import { createHash } from 'node:crypto';
import { chmod, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DONE, type FakeServer, TOKEN, fakeServer } from '../services/client/fake-server.js';
import { until } from '../services/client/support.js';
import { cli, startCli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const home = join(folder, 'home');
const tokenFile = join(folder, 'token');
await writeFile(tokenFile, TOKEN);
await chmod(tokenFile, 0o600);

let server: FakeServer;
beforeEach(async () => {
  server = await fakeServer({ checksums: true });
});
afterEach(() => server.close());

/** Four chunks of what looks like a master, no place of it like another. */
async function master(name: string): Promise<{ path: string; sha256: string }> {
  const path = join(folder, name);
  const content = Buffer.alloc(56 * 2 ** 20);
  for (let i = 0; i < content.length; i += 4) content.writeUInt32LE(i, i);
  content.write('YUV4MPEG2 W16 H16 F24:1\nFRAME\n');
  await writeFile(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

const remote = (...args: string[]): string[] => [...args, '--server', server.url, '--token-file', tokenFile];
const count = (method: string): number =>
  server.requests.filter((one) => one.startsWith(`${method} `)).length;

async function arrived(): Promise<string> {
  const { upload } = server.submissions[0]!.request.source as { upload: string };
  return createHash('sha256')
    .update(await server.uploads.bytes(upload))
    .digest('hex');
}

describe('submit in a process of its own', () => {
  it('killed in the middle of an upload goes on there when it is run again', async () => {
    const { path, sha256 } = await master('killed.y4m');
    server.chunkDelayMs = 1500;
    const first = startCli(remote('submit', path), { home });
    await until(() => count('PATCH') === 2);
    first.kill('SIGKILL');
    expect((await first).signal).toBe('SIGKILL');
    expect(server.submissions).toEqual([]);

    server.chunkDelayMs = 0;
    server.requests.length = 0;
    // The lock of the process that is gone is in the way of nobody.
    expect((await readdir(join(home, 'uploads'))).filter((name) => name.endsWith('.lock'))).toHaveLength(1);
    const { exitCode, stdout, stderr } = await cli(remote('submit', path), { home });
    expect([exitCode, stdout], stderr).toEqual([0, 't1']);
    expect(stderr).toMatch(/going on with the upload of killed\.y4m after (16\.8|33\.6) MB of 58\.7 MB/);
    expect(await arrived()).toBe(sha256);
    expect(server.requests.filter((one) => one === 'POST /v1/titles')).toHaveLength(1);
    expect(count('PATCH')).toBeLessThan(4);
  });

  it('killed between the submission and its answer makes one title', async () => {
    const { path } = await master('late.y4m');
    let release = (): void => undefined;
    server.faults.push((request, response) => {
      if (request.method !== 'POST' || request.url !== '/v1/titles' || server.submissions.length > 0)
        return 'pass';
      // The title is made, and nobody is left to be told.
      const answered = new Promise<void>((done) => (release = done));
      const end = response.end.bind(response);
      response.end = ((...args: Parameters<typeof end>) => {
        void answered.then(() => end(...args));
        return response;
      }) as typeof response.end;
      return 'pass';
    });
    const first = startCli(remote('submit', path), { home });
    await until(() => server.submissions.length === 1);
    first.kill('SIGKILL');
    await first;
    release();
    const { exitCode, stdout, stderr } = await cli(remote('submit', path), { home });
    expect([exitCode, stdout]).toEqual([0, 't1']);
    expect(stderr).toContain('late.y4m was submitted before; its title is queued');
    expect([...server.titles.keys()]).toEqual(['t1']);
  });

  it('stopped by a signal ends soon, and goes on later', async () => {
    const { path, sha256 } = await master('stopped.y4m');
    server.chunkDelayMs = 1500;
    const first = startCli(remote('submit', path), { home });
    await until(() => count('PATCH') === 2);
    first.kill('SIGTERM');
    const ended = await first;
    expect(ended.exitCode).toBe(143);
    expect(ended.stderr).toContain('error CANCELLED: stopped by SIGTERM\nhint: Run the same command again');
    server.chunkDelayMs = 0;
    expect((await cli(remote('submit', path), { home })).exitCode).toBe(0);
    expect(await arrived()).toBe(sha256);
    expect(server.requests.filter((one) => one === 'POST /v1/uploads')).toHaveLength(1);
  });
});

describe('watch in a process of its own', () => {
  it('ends with the title, although the server was restarted meanwhile, and shows the token to nobody', async () => {
    server.add({ id: 'a', state: 'running' });
    const running = startCli(remote('watch', 'a', '--json'), { home });
    await until(() => server.streams() === 1);
    expect(await readFile(`/proc/${running.pid}/cmdline`, 'utf8')).not.toContain(TOKEN);
    await server.stop();
    await server.start();
    await until(() => server.streams() === 1);
    server.change('a', DONE);
    const { exitCode, stdout } = await running;
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ type: 'title', state: 'done' });
  });
});
