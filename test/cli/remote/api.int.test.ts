import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands.js';
import { type TestApi, startApi } from '../../services/api/support.js';
import { type CuttingProxy, cuttingProxy } from '../../services/client/cutting-proxy.js';
import { type Scratch, scratchFolder, until } from '../../services/client/support.js';
import { cli } from '../terminal.js';

// The commands against the real API over HTTP, with its database and uploads; only what drives titles is the test.
let scratch: Scratch;
let api: TestApi;
let proxy: CuttingProxy;
let token: string;
beforeAll(async () => {
  [scratch, api] = await Promise.all([scratchFolder(), startApi()]);
  ({ secret: token } = await api.token('submit'));
  // The second and the third chunk are cut in the middle.
  proxy = await cuttingProxy(api.url, [20 * 2 ** 20, 15 * 2 ** 20]);
});
afterAll(async () => {
  await proxy.close();
  await api.close();
  await scratch.cleanUp();
});

function run(...argv: string[]) {
  const env = {
    HULLCAST_SERVER: proxy.url,
    HULLCAST_TOKEN: token,
    HULLCAST_HOME: join(scratch.folder, 'home'),
  };
  return cli(argv, { commands: COMMANDS, cwd: scratch.folder, env });
}

const RESULT = {
  ...{ frames: 24, fps: '24/1', width: 640, height: 360, findings: 0, manifests: ['master.m3u8'] },
  renditions: [
    { id: 'r', codec: 'h264', width: 640, height: 360, averageBitrate: 1e6, peakBitrate: 2e6, vmaf: 94.9 },
  ],
  cost: { wallSeconds: 1, cpuSeconds: 2, encodes: 3, cacheHits: 4 },
};

describe('the commands and the API', () => {
  it.each([
    ['an unknown profile', ['--profile', 'nosuch'], 'PROFILE_UNKNOWN'],
    ['a refused callback URL', ['--callback-url', 'http://10.0.0.1/'], 'CALLBACK_REFUSED'],
  ])('tell of %s before anything is uploaded', async (_what, flags, code) => {
    const { path } = await scratch.file('early.y4m', 4096);
    await writeFile(path, 'YUV4MPEG2 W16 H16 F24:1\nFRAME\n');
    const { code: exit, stderr } = await run('submit', path, ...flags);
    expect([exit, stderr.text]).toEqual([2, expect.stringContaining(`error ${code}: `)]);
    expect(stderr.text).not.toContain('upload: ');
  });

  it('bring a master there over a line that is cut, once, and follow its title', async () => {
    const { path, content } = await scratch.file('film é.y4m', 40 * 2 ** 20);
    content.write('YUV4MPEG2 W16 H16 F24:1\nFRAME\n');
    await writeFile(path, content);

    const submitted = await run('submit', path, '--priority', '7', '--external-id', 'x', '--meta', 'a=b');
    expect(submitted.code, submitted.stderr.text).toBe(0);
    expect(proxy.cuts()).toBe(2);
    const id = submitted.stdout.text.trim();
    const title = (await api.db.titles.get(id))!;
    expect(title).toMatchObject({ name: 'film é.y4m', priority: 7, externalId: 'x', metadata: { a: 'b' } });
    expect(api.director.submitted).toEqual([id]);
    const { key } = title.source as { key: string };
    expect((await api.store.read(key)).equals(content)).toBe(true);

    const again = await run('submit', path, '--priority', '7', '--external-id', 'x', '--meta', 'a=b');
    expect([again.code, again.stdout.text]).toEqual([0, `${id}\n`]);
    const other = await run('submit', path);
    expect([other.code, other.stdout.text]).toEqual([2, '']);
    expect(other.stderr.text).toContain('error IDEMPOTENCY_MISMATCH: ');

    const watching = run('watch', id, '--json');
    await until(() => api.director.listeners.size > 0);
    await api.db.titles.started(id);
    const stages = [{ stage: 'probe', jobs: 4, done: 4, active: 0, failed: 0 }];
    api.director.tell({ titleId: id, stages });
    await new Promise((done) => setTimeout(done, 300));
    await api.db.titles.finished(id, RESULT);
    const { code, stdout } = await watching;
    expect(code).toBe(0);
    const lines = stdout.json();
    // Whether it was still seen queued is chance.
    const states = lines.filter(({ type }) => type === 'title').map(({ state }) => state);
    expect(states.slice(-2)).toEqual(['running', 'done']);
    expect(lines).toContainEqual(
      expect.objectContaining({ type: 'stage', stage: 'probe', state: 'finished' }),
    );
    expect(lines.at(-1)).toMatchObject({ id, state: 'done', result: RESULT });
  });

  it('cancel and try again', async () => {
    const [done] = (await run('list', '--json')).stdout.json();
    const ended = await run('cancel', String(done!['id']));
    expect(ended.code).toBe(1);
    expect(ended.stderr.text).toContain('error TITLE_ENDED: ');

    const { path, content } = await scratch.file('second.y4m', 2 ** 16);
    content.write('YUV4MPEG2 W16 H16 F24:1\nFRAME\n');
    await writeFile(path, content);
    const id = (await run('submit', path)).stdout.text.trim();
    const cancelling = run('cancel', id, '--wait');
    await until(() => api.director.cancelled.includes(id));
    await api.db.titles.cancelled(id);
    const cancelled = await cancelling;
    expect([cancelled.code, cancelled.stdout.text]).toEqual([0, `${id}  second.y4m: cancelled\n`]);
    const retried = await run('retry', id);
    expect([retried.code, retried.stdout.text]).toEqual([0, `${id}  second.y4m: queued, attempt 2\n`]);

    const all = (await run('list', '--limit', '1', '--json')).stdout.json();
    expect(all).toMatchObject([
      { type: 'title', id },
      { type: 'titles', count: 1, more: true },
    ]);
    expect((await run('list', '--state', 'done,failed', '--all')).stdout.text.split('\n')).toHaveLength(3);
  });

  it('tell what the API refuses', async () => {
    const unknown = await run('watch', 'nope');
    expect(unknown.code).toBe(2);
    expect(unknown.stderr.text).toMatch(
      /^error TITLE_NOT_FOUND: there is no title "nope" \(error id [0-9a-f]{16}\)/,
    );
    const s3 = await run('submit', 's3://masters/film.mov');
    expect(s3.code).toBe(2);
    expect(s3.stderr.text).toContain('error BUCKET_REFUSED: ');
    const { secret } = await api.token('read');
    token = secret;
    const refused = await run('cancel', 'x');
    expect(refused.code).toBe(2);
    expect(refused.stderr.text).toContain('error SCOPE_MISSING: ');
  });
});
