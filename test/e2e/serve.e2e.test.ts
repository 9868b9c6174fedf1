import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { titleMaster } from '../../fixtures/title.js';
import { QUICK } from '../support/cli.js';

const MAIN = resolve('bin/hullcast.js');

let folder: string;
let env: Record<string, string>;
let server: Awaited<ReturnType<typeof serve>>;

/** Runs a command as users do. */
const run = (...args: string[]) => execa(process.execPath, [MAIN, ...args], { reject: false, env });

/** `hullcast serve` on a free port; resolves when it says where it is. */
async function serve() {
  const child = execa(process.execPath, [MAIN, 'serve', ...QUICK], { reject: false, env });
  const url = await new Promise<string>((done, fail) => {
    let said = '';
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
      const found = /serves (http:\S+?),/.exec(said)?.[1];
      if (found) done(found);
    });
    void child.then(({ stderr }) => fail(new Error(`serve ended: ${stderr}`)));
  });
  return { url, child };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-serve-'));
  env = { HULLCAST_HOME: join(folder, 'home'), HULLCAST_LISTEN: '127.0.0.1:0', HULLCAST_TOKEN: '' };
  const { stdout, exitCode } = await run('token', 'create', 'test', '--scopes', 'submit,admin');
  expect(exitCode).toBe(0);
  server = await serve();
  env = { ...env, HULLCAST_TOKEN: stdout.trim(), HULLCAST_SERVER: server.url };
});
afterAll(async () => {
  server.child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const ask = (path: string) =>
  fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${env['HULLCAST_TOKEN']}` } });
const sha256 = async (path: string) =>
  createHash('sha256')
    .update(Buffer.from(await (await ask(path)).arrayBuffer()))
    .digest('hex');

describe('hullcast serve, all in one process', () => {
  let id: string;

  it('makes a title that was submitted, and serves it', async () => {
    const master = await titleMaster();
    const { exitCode, stdout, stderr } = await run('submit', master, '--watch', '--json');
    expect(exitCode, stderr).toBe(0);
    const lines = stdout.split('\n').filter((line) => line !== '');
    const last = JSON.parse(lines.at(-1)!) as { id: string; state: string; result: { manifests: string[] } };
    expect(last.state).toBe('done');
    id = last.id;
    for (const manifest of last.result.manifests) {
      expect((await ask(`/v1/titles/${id}/files/${manifest}`)).status).toBe(200);
    }
    const report = (await (await ask(`/v1/titles/${id}/files/report.json`)).json()) as {
      renditions: { frames: number }[];
      title: { frames: number };
    };
    expect(report.renditions.length).toBeGreaterThan(0);
    for (const { frames } of report.renditions) expect(frames).toBe(report.title.frames);
  });

  it('makes the same bytes as `hullcast encode`', async () => {
    const out = join(folder, 'encoded');
    const { exitCode } = await execa(
      process.execPath,
      [MAIN, 'encode', await titleMaster(), '--out', out, ...QUICK],
      { reject: false, env: { HULLCAST_HOME: join(folder, 'other') } },
    );
    expect(exitCode).toBe(0);
    const files = (await readdir(out, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.name.startsWith('report.'))
      .map((entry) => join(entry.parentPath, entry.name));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) {
      const path = file.slice(out.length + 1);
      const digest = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      expect(await sha256(`/v1/titles/${id}/files/${path}`), path).toBe(digest);
    }
  });

  it('knows what it published, and puts it right', async () => {
    expect(await run('fsck', '--deep')).toMatchObject({
      exitCode: 0,
      stdout: expect.not.stringContaining('files') as string,
    });
    const origin = join(folder, 'home', 'store', 'titles', id);
    const [segment] = (await readdir(origin, { recursive: true })).filter((path) =>
      /\.(m4s|mp4)$/.test(path),
    );
    await rm(join(origin, 'master.m3u8'));
    await truncate(join(origin, segment!));
    const found = await run('fsck');
    expect(found.exitCode).toBe(1);
    expect(found.stdout).toContain(`file-missing: titles/${id}/master.m3u8 `);
    expect(found.stdout).toContain(`file-corrupt: titles/${id}/${segment} `);
    expect((await run('fsck', '--repair')).exitCode).toBe(0);
    expect((await run('fsck', '--deep')).exitCode).toBe(0);
    await rm(join(origin, 'report.json'));
    expect((await run('fsck', '--repair')).stdout).toMatch(/report\.json .*\n.*backup/);
  });

  it('fails a title whose master is none, with exit code 3 for who watches', async () => {
    const master = join(folder, 'not-a-film.mp4');
    await writeFile(master, 'certainly no video');
    const { exitCode, stderr } = await run('submit', master, '--watch');
    expect(stderr).toContain('MASTER_');
    expect(exitCode).toBe(3);
  });

  it('does not take the port of another', async () => {
    const { host } = new URL(server.url);
    const child = await execa(process.execPath, [MAIN, 'serve', '--listen', host], {
      ...{ reject: false, env: { ...env, HULLCAST_HOME: join(folder, 'other') } },
    });
    expect([child.exitCode, child.stderr]).toEqual([
      1,
      expect.stringContaining(`SERVE_PORT: cannot listen on ${host}`),
    ]);
  });

  it('has its page, its metrics and its health, and ends when it is told to', async () => {
    expect(await (await fetch(server.url)).text()).toContain('<title>');
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(
      /hullcast_titles_ended_total\{state="done"\} 1/,
    );
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${server.url}/v1/titles`)).status).toBe(401);
    const board = `${server.url}/admin/queues/api/queues`;
    expect((await fetch(board)).status).toBe(401);
    const password = Buffer.from(`me:${env['HULLCAST_TOKEN']}`).toString('base64');
    const shown = await fetch(board, { headers: { authorization: `Basic ${password}` } });
    const { queues } = (await shown.json()) as { queues: { name: string }[] };
    expect(queues.map(({ name }) => name)).toEqual(expect.arrayContaining(['title', 'fetch', 'encode']));
    server.child.kill('SIGTERM');
    const { exitCode } = await server.child;
    expect(exitCode).toBe(0);
  });
});
