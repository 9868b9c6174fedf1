import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../pipeline/support.js';
import { problemOf } from '../api/support.js';
import { type BoardSetting, basic, openBoard } from './fleet.js';

interface Listed {
  queues: { name: string; isPaused: boolean; jobs: { id: string; data: unknown }[] }[];
}

let addresses = 0;
/** An address of which nothing has come yet. */
const fresh = (): Record<string, string> => ({ 'x-forwarded-for': `198.51.100.${++addresses}` });

describe.each(['redis', 'embedded'] as const)('the board of queues: %s', (kind) => {
  let board: BoardSetting;
  let admin: string;
  beforeAll(async () => {
    board = await openBoard(kind);
    admin = basic((await board.api.token('admin')).secret);
  });
  afterAll(() => board.stop());

  const ask = (
    path: string,
    authorization?: string,
    { method = 'GET', headers = {}, body }: { method?: string; headers?: object; body?: object } = {},
  ): Promise<Response> =>
    fetch(board.url + path, {
      method,
      headers: {
        ...fresh(),
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const sameOrigin = { 'sec-fetch-site': 'same-origin' };
  const list = async (query = ''): Promise<Listed['queues']> => {
    const response = await ask(`/api/queues${query}`, admin);
    expect(response.status).toBe(200);
    return ((await response.json()) as Listed).queues;
  };
  const isPaused = async (name: string): Promise<boolean | undefined> =>
    (await list()).find((queue) => queue.name === name)?.isPaused;

  it('shows nothing of itself without a token', async () => {
    const paths = ['', '/', '/api/queues', '/static/favicon.ico', '/queue/title', '/nosuch', '/api/nosuch'];
    for (const path of paths) {
      const response = await ask(path);
      expect(response.headers.get('www-authenticate'), path).toBe('Basic realm="hullcast", charset="UTF-8"');
      expect(await problemOf(response), path).toMatchObject({ status: 401, code: 'AUTH_REQUIRED' });
    }
    const change = await ask('/api/queues/fetch/pause', undefined, { method: 'PUT', headers: sameOrigin });
    expect(change.status).toBe(401);
    expect(await isPaused('fetch')).toBe(false);
  });

  it('takes no wrong, revoked or otherwise sent token', async () => {
    const revoked = await board.api.token('admin');
    await board.api.db.tokens.revoke(revoked.id);
    const right = await board.api.token('admin');
    for (const [authorization, code] of [
      [basic('wrong'), 'TOKEN_INVALID'],
      [basic(''), 'TOKEN_INVALID'],
      [basic(revoked.secret), 'TOKEN_REVOKED'],
      [basic('', right.secret), 'TOKEN_INVALID'],
      [`Basic ${Buffer.from(right.secret).toString('base64')}`, 'AUTH_REQUIRED'],
      [`Bearer ${right.secret}`, 'AUTH_REQUIRED'],
    ] as const) {
      const response = await ask('', authorization);
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic /);
      expect(await problemOf(response), authorization).toMatchObject({ status: 401, code });
    }
  });

  it('is closed to tokens that may not administer', async () => {
    for (const scopes of [['read'], ['submit', 'read']] as const) {
      const { secret } = await board.api.token(...scopes);
      for (const path of ['', '/api/queues', '/static/favicon.ico', '/nosuch'])
        expect(await problemOf(await ask(path, basic(secret)))).toMatchObject({ code: 'SCOPE_MISSING' });
    }
  });

  it('counts wrong tokens together with the API, and then listens to nobody from there', async () => {
    const here = fresh();
    const token = (await board.api.token('admin')).secret;
    for (let i = 0; i < 3; i++) expect((await ask('', basic(`no-${i}`), { headers: here })).status).toBe(401);
    for (let i = 0; i < 3; i++) {
      const response = await board.api.call('GET', '/v1/titles', `no-${i}`, { headers: here });
      expect(response.status).toBe(401);
    }
    expect((await ask('', basic(token), { headers: here })).status).toBe(429);
    expect((await board.api.call('GET', '/v1/titles', token, { headers: here })).status).toBe(429);
    expect((await ask('', basic(token))).status).toBe(200);
  });

  it('gives an administrator its page, which nobody may put into a frame', async () => {
    for (const path of ['', '/', '/queue/title']) {
      const response = await ask(path, admin);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/html/);
      expect(response.headers.get('content-security-policy')).toMatch(
        /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
      );
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await ask('/static/favicon.ico', admin)).status).toBe(200);
    expect(await (await fetch(`${board.api.url}/openapi.json`)).text()).not.toContain('/admin');
    expect(await problemOf(await ask('/nosuch', admin))).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
  });

  it('lists every queue, and the jobs of one', async () => {
    expect((await list()).map(({ name }) => name).sort()).toEqual(board.names.sort());
    const of = async (name: string): Promise<unknown[]> =>
      (await list(`?activeQueue=${name}&status=latest&page=1&jobsPerPage=10`))
        .find((queue) => queue.name === name)!
        .jobs.map(({ data }) => data);
    expect(await of('title')).toMatchObject([{ title: 'a-title-1', priority: 7 }]);
    expect(await of('fetch')).toMatchObject([{ title: 'a-title-1', params: { source: { key: 'a.mov' } } }]);
  });

  it('shows no secret', async () => {
    const [job] = await board.queues.queue('fetch').getJobs(['waiting', 'prioritized']);
    const answers = await Promise.all(
      [
        ...board.names.map((name) => `/api/queues?activeQueue=${name}&status=latest&page=1&jobsPerPage=50`),
        '/api/queues/title/a-title-1',
        '/api/queues/title/a-title-1/flow',
        '/api/queues/title/a-title-1/logs',
        `/api/queues/fetch/${job!.id}`,
        '/api/queues/title/default-job-options',
        '/api/queues/title/workers',
        '/api/redis/stats',
        '',
      ].map(async (path) => (await ask(path, admin)).text()),
    );
    const all = answers.join('\n');
    expect(all).toContain('a-title-1');
    for (const secret of board.secrets) expect(all).not.toContain(secret);
  });

  it('lets an administrator change something from its own page only', async () => {
    const pause = (headers: object, what = 'pause'): Promise<Response> =>
      ask(`/api/queues/fetch/${what}`, admin, { method: 'PUT', headers });
    const { origin, host } = new URL(board.url);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site', origin },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'cross-site', origin },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `http://${host}.evil.example` },
      {},
    ]) {
      const response = await pause(headers);
      expect(await problemOf(response), JSON.stringify(headers)).toMatchObject({
        ...{ status: 403, code: 'CROSS_SITE' },
      });
    }
    const post = await ask('/api/queues/fetch/add', admin, {
      ...{ method: 'POST', headers: { 'sec-fetch-site': 'cross-site' }, body: { name: 'x', data: {} } },
    });
    expect(await problemOf(post)).toMatchObject({ status: 403, code: 'CROSS_SITE' });
    expect(await isPaused('fetch')).toBe(false);

    expect((await pause({ origin })).status).toBe(200);
    expect(await isPaused('fetch')).toBe(true);
    expect((await pause(sameOrigin, 'resume')).status).toBe(200);
    expect(await isPaused('fetch')).toBe(false);
  });

  it('makes no jobs and changes none: an id could be a key of the queue’s own', async () => {
    for (const jobId of ['wait', 'meta', 'mine']) {
      const response = await ask('/api/queues/fetch/add', admin, {
        ...{ method: 'POST', headers: sameOrigin },
        body: { name: 'x', data: { params: {} }, options: { jobId } },
      });
      expect(response.status).toBe(403);
    }
    const [job] = await board.queues.queue('fetch').getJobs(['waiting', 'prioritized']);
    const response = await ask(`/api/queues/fetch/${job!.id}/update-data`, admin, {
      ...{ method: 'PATCH', headers: sameOrigin, body: { jobData: { params: {} } } },
    });
    expect(response.status).toBe(403);
    const after = await board.queues.queue('fetch').getJobs(['waiting', 'prioritized']);
    expect(after.map(({ id, data }) => ({ id, data }))).toEqual([{ id: job!.id, data: job!.data }]);
  });

  it('removes a job, which comes again while its title needs it', async () => {
    const queue = board.queues.queue('fetch');
    const [job] = await queue.getJobs(['waiting', 'prioritized']);
    const path = `/api/queues/fetch/${job!.id}/clean`;
    expect((await ask(path, admin, { method: 'PUT', headers: sameOrigin })).status).toBe(204);
    await until(async () => {
      const again = await queue.getJob(job!.id!);
      return again !== undefined && again.timestamp > job!.timestamp;
    });
  });

  it('keeps the words of an error inside', async () => {
    const queue = board.queues.queue('fetch');
    const counts = queue.getJobCounts.bind(queue);
    queue.getJobCounts = () => Promise.reject(new Error('password=hunter2 at redis'));
    const response = await ask('/api/queues', admin);
    queue.getJobCounts = counts;
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
    const line = board.api.log.find(({ errorId }) => errorId === problem.errorId);
    expect(JSON.stringify(line)).toContain('hunter2');
  });
});
