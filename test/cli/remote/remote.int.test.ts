import { EventEmitter } from 'node:events';
import { appendFile, chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';
import {
  DONE,
  type FakeServer,
  TOKEN,
  fakeServer,
  once,
  problem,
} from '../../services/client/fake-server.js';
import { type Scratch, scratchFolder, until } from '../../services/client/support.js';
import { cli } from '../terminal.js';

let scratch: Scratch;
let server: FakeServer;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.cleanUp());
beforeEach(async () => {
  server = await fakeServer({ checksums: true });
});
afterEach(() => server.close());

interface Setting {
  env?: NodeJS.ProcessEnv;
  signals?: EventEmitter;
}

function run(argv: readonly string[], { env = {}, signals }: Setting = {}) {
  return cli(argv, {
    commands: COMMANDS,
    cwd: scratch.folder,
    env: {
      HULLCAST_SERVER: server.url,
      HULLCAST_TOKEN: TOKEN,
      HULLCAST_HOME: join(scratch.folder, 'home'),
      ...env,
    },
    ...(signals === undefined ? {} : { signals }),
  });
}

/** True once somebody follows this title: its events are open, and it was asked for after that. */
function followed(id: string): boolean {
  return server.streams() === 1 && server.requests.at(-1) === `GET /v1/titles/${id}`;
}

let files = 0;
/** A file that looks like a master from outside. */
async function master(bytes = 300_000): Promise<{ name: string; content: Buffer }> {
  const name = `master-${(files += 1)}.y4m`;
  const { path, content } = await scratch.file(name, bytes);
  content.write('YUV4MPEG2 W16 H16 F24:1\nFRAME\n');
  await writeFile(path, content);
  return { name, content };
}

describe('submit', () => {
  it('uploads a file and prints the id of its title, and nothing else', async () => {
    const { name, content } = await master();
    const { code, stdout, stderr } = await run([
      'submit',
      name,
      '--priority',
      '8',
      '--meta',
      'a=b',
      '--meta',
      'c=d',
    ]);
    expect(code, stderr.text).toBe(0);
    expect(stdout.text).toBe('t1\n');
    expect(stderr.text).toContain('upload: done, 300 kB in ');
    expect(stderr.text).toMatch(/\nWatch it: npx hullcast watch t1\n$/);
    const [{ key, request } = { key: '', request: undefined }] = server.submissions;
    expect(request).toMatchObject({ priority: 8, metadata: { a: 'b', c: 'd' }, profile: 'default' });
    const { upload } = request!.source as { upload: string };
    expect(key).toBe(`upload-${upload}`);
    expect(await server.uploads.bytes(upload)).toEqual(content);
  });

  it('run again makes no second title, but says so; with another key it does', async () => {
    const { name } = await master();
    await run(['submit', name]);
    server.change('t1', { state: 'running' });
    const again = await run(['submit', name]);
    expect([again.code, again.stdout.text]).toEqual([0, 't1\n']);
    expect(again.stderr.text).toContain(`${name} has been uploaded before\n`);
    expect(again.stderr.text).toContain(`${name} was submitted before; its title is running\n`);
    expect(again.stderr.text).toContain('--idempotency-key');
    expect(server.titles.size).toBe(1);
    const other = await run(['submit', name, '--idempotency-key', 'k2']);
    expect(other.stdout.text).toBe('t2\n');
    expect(server.requests.filter((one) => one === 'POST /v1/uploads')).toHaveLength(1);
  });

  it('of a file that was changed is another title', async () => {
    const { name } = await master();
    await run(['submit', name]);
    await appendFile(join(scratch.folder, name), 'more');
    expect((await run(['submit', name])).stdout.text).toBe('t2\n');
  });

  it('with --json tells everything in lines', async () => {
    const { name } = await master();
    const { code, stdout } = await run(['submit', name, '--json', '--external-id', 'x 1']);
    expect(code).toBe(0);
    const lines = stdout.json();
    expect(lines.slice(0, 2)).toMatchObject([
      { type: 'stage', stage: 'upload', state: 'started' },
      { type: 'stage', stage: 'upload', state: 'finished', bytes: 300_000, bytesTotal: 300_000 },
    ]);
    expect(lines.at(-1)).toEqual({ type: 'submitted', created: true, ...server.titles.get('t1') });
    expect(lines.at(-1)).toMatchObject({ externalId: 'x 1' });
  });

  it('--watch stays until it is done, and prints the ladder', async () => {
    const { name } = await master();
    const running = run(['submit', name, '--watch']);
    await until(() => server.streams() === 1);
    server.change('t1', { state: 'running' });
    server.change('t1', { ...DONE, name: 'clip.mov' });
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout.text.split('\n').slice(0, 3)).toEqual([
      't1',
      'clip.mov: 1 rung',
      '  H.264  1280x720   2400 kbit/s   VMAF 95.0',
    ]);
    expect(stdout.text).toContain(`Manifest  ${server.url}/v1/titles/t1/files/manifest.mpd\n`);
  });

  it('of a master on S3 uploads nothing, and each is a title', async () => {
    const args = [
      'submit',
      's3://masters/a b.mov',
      '--name',
      'film',
      '--callback-url',
      'https://c.example/hook',
    ];
    expect((await run(args)).stdout.text).toBe('t1\n');
    expect((await run([...args, '--profile', 'hdr'])).stdout.text).toBe('t2\n');
    expect(server.requests).toEqual(['POST /v1/titles', 'POST /v1/titles']);
    expect(server.submissions[1]?.request).toEqual({
      ...{ source: { s3: 's3://masters/a b.mov' }, name: 'film', profile: 'hdr', priority: 5 },
      callbackUrl: 'https://c.example/hook',
    });
  });

  it.each([
    ['nothing.mov', 'MASTER_UNREADABLE'],
    ['text.mov', 'MASTER_UNKNOWN_CONTAINER'],
    ['empty.mov', 'MASTER_EMPTY'],
  ])('%s is rejected before anything is sent: %s', async (name, code) => {
    await writeFile(join(scratch.folder, 'text.mov'), 'this is no video');
    await writeFile(join(scratch.folder, 'empty.mov'), '');
    const { code: exit, stderr, stdout } = await run(['submit', name]);
    expect(exit).toBe(3);
    expect(stderr.text).toContain(`error ${code}: ${name}`);
    expect(stdout.text).toBe('');
    expect(server.requests).toEqual([]);
  });

  it('with what the server would refuse is refused before anything is sent', async () => {
    const { name } = await master();
    const { code, stderr } = await run(['submit', name, '--callback-url', 'nowhere']);
    expect(code).toBe(2);
    expect(stderr.text).toContain('error SUBMIT_INVALID: --callback-url: ');
    expect(server.requests).toEqual([]);
  });

  it.each([404, 405])('goes on with a server that cannot check it first: %i', async (status) => {
    const { name } = await master();
    server.faults.push(
      once('POST', /check$/, (_request, response) => problem(response, status, 'ROUTE_NOT_FOUND')),
    );
    const { code, stdout, stderr } = await run(['submit', name]);
    expect([code, stdout.text], stderr.text).toEqual([0, 't1\n']);
    expect(server.requests[0]).toBe('POST /v1/titles/check');
  });

  it('that the server refuses keeps the upload', async () => {
    const { name } = await master();
    server.faults.push(
      once('POST', /titles$/, (_request, response) =>
        problem(response, 422, 'PROFILE_UNKNOWN', {
          detail: 'there is no profile x',
          hint: 'There is: default.',
        }),
      ),
    );
    const { code, stderr } = await run(['submit', name, '--profile', 'x']);
    expect(code).toBe(2);
    expect(stderr.text).toContain(
      'error PROFILE_UNKNOWN: there is no profile x (error id e1d)\nhint: There is: default.\n',
    );
    expect((await run(['submit', name])).stdout.text).toBe('t1\n');
    expect(server.requests.filter((one) => one === 'POST /v1/uploads')).toHaveLength(1);
  });

  it('tells of cuts, and goes on', async () => {
    const { name, content } = await master();
    server.faults.push(
      once('PATCH', /./, (request) => {
        request.socket.destroy();
        return 'handled';
      }),
    );
    const { code, stderr, stdout } = await run(['submit', name, '--json']);
    expect(code).toBe(0);
    expect(stderr.text).toMatch(/cannot reach .*: the connection was cut .*; trying again in 1 s\n/);
    expect(stdout.json()).toContainEqual({
      type: 'notice',
      message: expect.stringContaining('trying again in 1 s') as string,
    });
    const { upload } = server.submissions[0]!.request.source as { upload: string };
    expect(await server.uploads.bytes(upload)).toEqual(content);
  });
});

describe('list', () => {
  it('prints a table, the newest first', async () => {
    server.add({ id: 'a', name: 'one.mov', externalId: 'x' });
    server.add({ id: 'b', name: 'two.mov', state: 'failed', error: { code: 'DISK_FULL', message: 'full' } });
    const all = await run(['list']);
    expect(all.code).toBe(0);
    expect(all.stdout.text.split('\n').map((line) => line.slice(0, 21))).toEqual([
      'title  state         ',
      'b      failed (DISK_F',
      'a      queued        ',
      '',
    ]);
    expect((await run(['list', '--external-id', 'x', '--json'])).stdout.json()).toEqual([
      { type: 'title', ...server.titles.get('a') },
      { type: 'titles', count: 1, more: false },
    ]);
    expect((await run(['list', '--state', 'failed', '--state', 'done,running'])).stdout.text).toContain(
      'two.mov',
    );
  });

  it('goes through pages as far as wanted', async () => {
    for (let i = 0; i < 450; i++) server.add({ id: `t${i}` });
    const ids = async (...args: string[]) => {
      const lines = (await run(['list', '--json', ...args])).stdout.json();
      return [lines.slice(0, -1).map(({ id }) => id), lines.at(-1)] as const;
    };
    const newest = Array.from({ length: 450 }, (_, i) => `t${449 - i}`);
    expect(await ids()).toEqual([newest.slice(0, 20), { type: 'titles', count: 20, more: true }]);
    expect(await ids('--limit', '250')).toEqual([
      newest.slice(0, 250),
      { type: 'titles', count: 250, more: true },
    ]);
    expect(await ids('--all')).toEqual([newest, { type: 'titles', count: 450, more: false }]);
    expect((await run(['list'])).stderr.text).toContain('There are more');
  });

  it('of nothing says so', async () => {
    const { code, stdout, stderr } = await run(['list']);
    expect([code, stdout.text, stderr.text]).toEqual([0, '', 'No titles.\n']);
  });
});

describe('watch', () => {
  it('shows stages as encode does, and ends with the title', async () => {
    server.add({ id: 'a' });
    const running = run(['watch', 'a', '--json']);
    await until(() => followed('a'));
    server.change('a', { state: 'running' });
    const stage = { stage: 'probe', jobs: 4, active: 1, failed: 0 };
    server.tell({ titleId: 'a', stages: [{ ...stage, done: 1 }] });
    await new Promise((done) => setTimeout(done, 400));
    server.tell({ titleId: 'a', stages: [{ ...stage, done: 4, active: 0 }] });
    await new Promise((done) => setTimeout(done, 100));
    server.change('a', DONE);
    const { code, stdout, stderr } = await running;
    expect([code, stderr.text]).toEqual([0, '']);
    expect(stdout.json()).toMatchObject([
      { type: 'title', id: 'a', state: 'queued' },
      { type: 'title', id: 'a', state: 'running' },
      { type: 'stage', stage: 'probe', state: 'started' },
      { type: 'stage', stage: 'probe', state: 'finished', jobs: 4, jobsFailed: 0, frames: 0 },
      { type: 'title', id: 'a', state: 'done', result: DONE.result },
    ]);
  });

  it('for people tells states and stages on standard error, the ladder on standard output', async () => {
    server.add({ id: 'a', state: 'running' });
    const running = run(['watch', 'a']);
    await until(() => followed('a'));
    server.tell({ titleId: 'a', stages: [{ stage: 'probe', jobs: 4, done: 4, active: 0, failed: 0 }] });
    await new Promise((done) => setTimeout(done, 100));
    server.change('a', DONE);
    const { stdout, stderr } = await running;
    expect(stderr.text).toBe('clip.mov: running\nprobe: started\nprobe: done, 4 jobs in 0 s\n');
    expect(stdout.text).toMatch(/^clip\.mov: 1 rung\n/);
  });

  it.each([
    ['MASTER_NO_VIDEO', 3],
    ['DISK_FULL', 1],
  ])('ends with the error of a title that failed: %s, exit code %i', async (code, exitCode) => {
    const error = { code, message: 'that is why', hint: 'Do this.' };
    server.add({ id: 'a', state: 'failed', error });
    const { code: exit, stdout, stderr } = await run(['watch', 'a', '--json']);
    expect(exit).toBe(exitCode);
    expect(stderr.text).toBe(`error ${code}: clip.mov: that is why\nhint: Do this.\n`);
    expect(stdout.json()).toMatchObject([
      { type: 'title', state: 'failed' },
      { type: 'error', code, message: 'clip.mov: that is why', hint: 'Do this.', exitCode },
    ]);
  });

  it('ends with 1 where the title is cancelled', async () => {
    server.add({ id: 'a', state: 'cancelled' });
    const { code, stderr } = await run(['watch', 'a', '--server', server.url]);
    expect(code).toBe(1);
    expect(stderr.text).toBe(
      `error TITLE_CANCELLED: clip.mov was cancelled\nhint: Begin it again: npx hullcast retry a --server ${server.url}\n`,
    );
  });

  it('ends with 2 where there is no such title', async () => {
    const { code, stderr } = await run(['watch', 'nope']);
    expect(code).toBe(2);
    expect(stderr.text).toContain('error TITLE_NOT_FOUND: there is no title nope');
  });

  it('stopped by Ctrl-C ends with 130, and leaves the title alone', async () => {
    server.add({ id: 'a', state: 'running' });
    const signals = new EventEmitter();
    const running = run(['watch', 'a'], { signals });
    await until(() => followed('a'));
    signals.emit('SIGINT');
    const { code, stderr } = await running;
    expect(code).toBe(130);
    expect(stderr.text).toContain('The title goes on. Watch it: npx hullcast watch a\n');
    expect(server.titles.get('a')?.state).toBe('running');
    expect(server.requests.filter((one) => !one.startsWith('GET '))).toEqual([]);
    await until(() => server.streams() === 0);
  });

  it('lives through a restart of the server, and says so once', async () => {
    server.add({ id: 'a', state: 'running' });
    const running = run(['watch', 'a']);
    await until(() => followed('a'));
    await server.stop();
    await new Promise((done) => setTimeout(done, 2500));
    await server.start();
    server.change('a', DONE);
    const { code, stderr } = await running;
    expect(code).toBe(0);
    expect(stderr.text.match(/trying again/g)).toHaveLength(1);
  });
});

describe('cancel', () => {
  it('ends a title, and one that is ended so already', async () => {
    server.add({ id: 'a', state: 'running' });
    const first = await run(['cancel', 'a']);
    expect([first.code, first.stdout.text, first.stderr.text]).toEqual([0, 'a  clip.mov: cancelling\n', '']);
    server.change('a', { state: 'cancelled' });
    const second = await run(['cancel', 'a']);
    expect([second.code, second.stdout.text]).toEqual([0, 'a  clip.mov: cancelled\n']);
  });

  it.each([['done'], ['failed']] as const)('of a title that is %s fails', async (state) => {
    server.add({ id: 'a', state });
    const { code, stderr } = await run(['cancel', 'a']);
    expect(code).toBe(1);
    expect(stderr.text).toContain(`error TITLE_ENDED: the title is ${state}`);
    expect(server.titles.get('a')?.state).toBe(state);
  });

  it('of several does what can be done, and tells of the rest', async () => {
    server.add({ id: 'a', state: 'running' });
    server.add({ id: 'b', state: 'done' });
    server.add({ id: 'c' });
    const { code, stdout, stderr } = await run(['cancel', 'a', 'nope', 'b', 'c', 'a', '--json']);
    expect(code).toBe(1);
    expect(stdout.json()).toMatchObject([
      { type: 'title', id: 'a', state: 'cancelling' },
      { type: 'failure', id: 'nope', code: 'TITLE_NOT_FOUND', hint: null },
      { type: 'failure', id: 'b', code: 'TITLE_ENDED' },
      { type: 'title', id: 'c', state: 'cancelling' },
      { type: 'error', code: 'TITLES_FAILED', exitCode: 1 },
    ]);
    expect(stderr.text).toContain('2 of 4 titles: nope (TITLE_NOT_FOUND), b (TITLE_ENDED)');
  });

  it('--wait waits until the work has stopped', async () => {
    server.add({ id: 'a', state: 'running' });
    server.add({ id: 'b', state: 'running' });
    const running = run(['cancel', 'a', 'b', '--wait']);
    await until(() => server.streams() === 2);
    expect(['a', 'b'].map((id) => server.titles.get(id)?.state)).toEqual(['cancelling', 'cancelling']);
    server.change('b', { state: 'cancelled' });
    server.change('a', { state: 'cancelled' });
    const { code, stdout } = await running;
    expect(code).toBe(0);
    expect(stdout.text.split('\n').sort()).toEqual(['', 'a  clip.mov: cancelled', 'b  clip.mov: cancelled']);
  });
});

describe('retry', () => {
  it('queues titles again', async () => {
    server.add({ id: 'a', state: 'failed', error: { code: 'DISK_FULL', message: 'full' } });
    server.add({ id: 'b', state: 'cancelled' });
    const { code, stdout } = await run(['retry', 'a', 'b']);
    expect([code, stdout.text]).toEqual([
      0,
      'a  clip.mov: queued, attempt 2\nb  clip.mov: queued, attempt 2\n',
    ]);
  });

  it('of a title that is done, or has not ended, fails', async () => {
    server.add({ id: 'a', state: 'done' });
    server.add({ id: 'b', state: 'running' });
    const { code, stderr } = await run(['retry', 'a', 'b']);
    expect(code).toBe(1);
    expect(stderr.text).toContain('2 of 2 titles: a (TITLE_DONE), b (TITLE_NOT_ENDED)');
  });

  it('--wait ends as the titles do', async () => {
    server.add({ id: 'a', state: 'failed' });
    const failing = run(['retry', 'a', '--wait']);
    await until(() => server.streams() === 1);
    server.change('a', { state: 'failed', error: { code: 'MASTER_TRUNCATED', message: 'it ends' } });
    const failed = await failing;
    expect([failed.code, failed.stderr.text]).toEqual([3, 'error MASTER_TRUNCATED: clip.mov: it ends\n']);
    const second = run(['retry', 'a', '--wait']);
    await until(() => server.titles.get('a')?.attempt === 3);
    server.change('a', DONE);
    const { code, stdout } = await second;
    expect([code, stdout.text]).toEqual([0, 'a  clip.mov: done, attempt 3\n']);
  });
});

describe('the server', () => {
  it('that is down is told of within seconds', async () => {
    const { name } = await master();
    await server.stop();
    const began = performance.now();
    const runs = await Promise.all([run(['list']), run(['watch', 'a']), run(['submit', name])]);
    expect(performance.now() - began).toBeLessThan(8000);
    for (const { stderr } of runs) expect(stderr.text).toContain('the connection was refused (ECONNREFUSED)');
    expect(runs.map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(runs[0].stderr.text).toMatch(
      /^error SERVER_UNREACHABLE: cannot reach .*\nhint: Does `hullcast serve` run/,
    );
  });

  it('that does not know the token', async () => {
    const { code, stderr, stdout } = await run(['list', '--json'], {
      env: { HULLCAST_TOKEN: 'wrong.secret' },
    });
    expect(code).toBe(2);
    expect(stderr.text).toContain('error TOKEN_INVALID: the token is unknown');
    expect(stdout.text + stderr.text).not.toContain('wrong.secret');
  });

  it('gets the token of a file that only its owner may read', async () => {
    const path = join(scratch.folder, 'token');
    await writeFile(path, TOKEN);
    await chmod(path, 0o644);
    const exposed = await run(['list', '--token-file', 'token']);
    expect(exposed.code).toBe(2);
    expect(exposed.stderr.text).toContain(
      'error TOKEN_FILE_EXPOSED: the token file token may be read by others',
    );
    expect(server.requests).toEqual([]);
    await chmod(path, 0o600);
    const read = await run(['list', '--token-file', 'token'], { env: { HULLCAST_TOKEN: 'wrong' } });
    expect(read.code).toBe(0);
  });

  it('is warned of where the token would travel in the open', async () => {
    const { stderr } = await run(['list', '--server', 'http://nowhere.invalid']);
    expect(stderr.text).toContain('warn the token goes to http://nowhere.invalid unencrypted\n');
  });
});
