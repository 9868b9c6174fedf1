import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { masterRejected } from '../../../src/errors.js';
import { type ApiTitle, titlePageSchema, titleSchema } from '../../../src/services/api/index.js';
import { parseObjectUri } from '../../../src/storage/index.js';
import { type TestApi, problemOf, startApi, upload } from './support.js';

const RESULT = {
  ...{ frames: 720, fps: '24/1', width: 1920, height: 1080, findings: 0, manifests: ['manifest.mpd'] },
  renditions: [],
  cost: { wallSeconds: 1, cpuSeconds: 2, encodes: 3, cacheHits: 0 },
};

let api: TestApi;
let owner: { secret: string; id: string };
const heads: string[] = [];
/** Objects that are not in their bucket any more. */
const missing = new Set<string>();
const profiles: Record<string, unknown> = { default: { codecs: ['h264'] }, archive: { codecs: ['av1'] } };

beforeAll(async () => {
  api = await startApi({
    profiles,
    masterBuckets: ['masters', 'gone'],
    masters: {
      headObject(uri) {
        heads.push(uri);
        const place = parseObjectUri(uri);
        return place.bucket === 'gone' || missing.has(uri)
          ? Promise.reject(masterRejected('MASTER_NOT_FOUND', `there is no object ${uri}`))
          : Promise.resolve({ ...place, bytes: 12345, etag: '"abc"' });
      },
    },
  });
  owner = await api.token('submit');
});
afterAll(() => api.close());
afterEach(() => {
  api.director.outage = undefined;
});

const submit = (body: unknown, key?: string, secret = owner.secret): Promise<Response> =>
  api.call('POST', '/v1/titles', secret, {
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
const s3 = (key = randomBytes(4).toString('hex')): { source: { s3: string } } => ({
  source: { s3: `s3://masters/films/${key}.mov` },
});
async function title(response: Response): Promise<ApiTitle> {
  return titleSchema.strict().parse(await response.json());
}
const queued = async (): Promise<string> => (await title(await submit(s3()))).id;

describe('submitting', () => {
  it('makes a queued title of an upload, tells the director, and gives it back', async () => {
    const id = await upload(api, owner.secret, randomBytes(1000), 'film.mov');
    const response = await submit({
      source: { upload: id },
      ...{ profile: 'archive', priority: 9, externalId: 'E-1', metadata: { studio: 'x' } },
      callbackUrl: 'http://127.0.0.1:9/hook',
    });
    expect(response.status).toBe(201);
    const made = await title(response);
    expect(made).toMatchObject({
      name: 'film.mov',
      state: 'queued',
      profile: 'archive',
      priority: 9,
      attempt: 1,
    });
    expect(response.headers.get('location')).toBe(`/v1/titles/${made.id}`);
    expect(api.director.submitted).toContain(made.id);
    expect(await title(await api.call('GET', `/v1/titles/${made.id}`, owner.secret))).toEqual(made);
    expect(await api.db.titles.get(made.id)).toMatchObject({
      source: { kind: 'upload', id, key: `uploads/${id}`, bytes: 1000 },
      options: { codecs: ['av1'] },
      tokenId: owner.id,
    });
  });

  it('pins the entity tag and the size of an object', async () => {
    const { id, name } = await title(await submit(s3('a b/c')));
    expect(name).toBe('c.mov');
    expect((await api.db.titles.get(id))?.source).toEqual({
      ...{ kind: 's3', bucket: 'masters', key: 'films/a b/c.mov' },
      ...{ bytes: 12345, etag: '"abc"' },
    });
  });

  it('gives the same title for the same key, and refuses another request with it', async () => {
    const body = s3();
    const first = await submit(body, 'key-1');
    const made = await title(first);
    const again = await submit(body, 'key-1');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(await title(again)).toEqual(made);
    // What is left out is what the default says.
    expect((await submit({ priority: 5, profile: 'default', ...body }, 'key-1')).status).toBe(200);
    const other = await submit({ ...body, priority: 6 }, 'key-1');
    expect(await problemOf(other)).toMatchObject({ status: 422, code: 'IDEMPOTENCY_MISMATCH' });
    // Keys are the token's own.
    const stranger = await api.token('submit');
    expect((await submit(body, 'key-1', stranger.secret)).status).toBe(201);
  });

  it('gives the title for its key when its profile is gone', async () => {
    const body = { ...s3(), profile: 'archive' };
    const made = await title(await submit(body, 'later'));
    const { archive } = profiles;
    delete profiles['archive'];
    try {
      expect((await submit(body, 'new-key')).status).toBe(422);
      const again = await submit(body, 'later');
      expect(again.status).toBe(200);
      expect(await title(again)).toEqual(made);
      const other = await submit({ ...body, priority: 6 }, 'later');
      expect(await problemOf(other)).toMatchObject({ status: 422, code: 'IDEMPOTENCY_MISMATCH' });
    } finally {
      profiles['archive'] = archive;
    }
  });

  it('gives the title for its key when its master is gone', async () => {
    const body = s3('short-lived');
    const made = await title(await submit(body, 'gone'));
    missing.add(body.source.s3);
    expect(await problemOf(await submit(body, 'another'))).toMatchObject({ code: 'MASTER_NOT_FOUND' });
    const again = await submit(body, 'gone');
    expect([again.status, (await title(again)).id]).toEqual([200, made.id]);
  });

  it('loses none and makes none twice when 200 come at once, each sent twice', async () => {
    const before = await api.db.titles.count();
    const keys = Array.from({ length: 100 }, (_, i) => `many-${i}`);
    const answers = await Promise.all(
      [...keys, ...keys].map(async (key) => {
        const response = await submit(s3(key), key);
        return { key, status: response.status, id: (await title(response)).id };
      }),
    );
    const ids = new Map<string, Set<string>>();
    for (const { key, id } of answers) ids.set(key, (ids.get(key) ?? new Set()).add(id));
    expect([...ids.values()].every((set) => set.size === 1)).toBe(true);
    expect(new Set([...ids.values()].flatMap((set) => [...set])).size).toBe(100);
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect((await api.db.titles.count()).queued - before.queued).toBe(100);
  });

  it('takes 200 uploads and titles at once', async () => {
    const before = (await api.db.titles.count()).queued;
    const made = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const bytes = Buffer.from(`master number ${i}`);
        const id = await upload(api, owner.secret, bytes);
        const { id: titleId } = await title(await submit({ source: { upload: id } }, `small-${i}`));
        return { titleId, stored: (await api.store.read(`uploads/${id}`)).equals(bytes) };
      }),
    );
    expect(made.every(({ stored }) => stored)).toBe(true);
    expect(new Set(made.map(({ titleId }) => titleId)).size).toBe(200);
    expect((await api.db.titles.count()).queued - before).toBe(200);
    expect(made.filter(({ titleId }) => !api.director.submitted.includes(titleId))).toEqual([]);
  });

  it('is checked but for the master, and nothing is made', async () => {
    const check = (body: unknown, secret = owner.secret): Promise<Response> =>
      api.call('POST', '/v1/titles/check', secret, { body });
    const before = await api.db.titles.count();
    expect((await check({ priority: 9, callbackUrl: 'http://127.0.0.1:9/hook' })).status).toBe(204);
    expect(await problemOf(await check({ profile: 'nosuch' }))).toMatchObject({ code: 'PROFILE_UNKNOWN' });
    expect(await problemOf(await check({ callbackUrl: 'http://10.0.0.1/' }))).toMatchObject({
      code: 'CALLBACK_REFUSED',
    });
    expect(await problemOf(await check({ priority: 10 }))).toMatchObject({ code: 'REQUEST_INVALID' });
    const reader = await api.token('read');
    expect(await problemOf(await check({}, reader.secret))).toMatchObject({ code: 'SCOPE_MISSING' });
    expect(await api.db.titles.count()).toEqual(before);
  });

  it('keeps a title whose job could not be queued', async () => {
    api.director.outage = new Error('the queue is away');
    const response = await submit(s3(), 'away');
    const made = await title(response);
    expect([response.status, made.state]).toEqual([201, 'queued']);
    api.director.outage = undefined;
    expect((await submit(s3('other'), 'away')).status).toBe(422);
    expect(api.director.submitted).not.toContain(made.id);
  });

  it.each([
    ['an unknown profile', { ...s3(), profile: 'nosuch' }, 422, 'PROFILE_UNKNOWN'],
    ['a profile that every object has', { ...s3(), profile: 'constructor' }, 422, 'PROFILE_UNKNOWN'],
    ['an unknown upload', { source: { upload: 'nosuch' } }, 404, 'UPLOAD_NOT_FOUND'],
    ['another bucket', { source: { s3: 's3://secrets/a' } }, 422, 'BUCKET_REFUSED'],
    ['an object that is not there', { source: { s3: 's3://gone/a' } }, 422, 'MASTER_NOT_FOUND'],
    ['no object', { source: { s3: 's3://masters/' } }, 422, 'OBJECT_URI'],
    ['no S3 URL', { source: { s3: '/etc/passwd' } }, 422, 'OBJECT_URI'],
    ['a private callback', { ...s3(), callbackUrl: 'http://10.0.0.1/' }, 422, 'CALLBACK_REFUSED'],
    ['a link-local callback', { ...s3(), callbackUrl: 'http://169.254.169.254/' }, 422, 'CALLBACK_REFUSED'],
    [
      'a callback with a password',
      { ...s3(), callbackUrl: 'http://a:b@127.0.0.1/' },
      422,
      'CALLBACK_REFUSED',
    ],
  ])('refuses %s', async (_what, body, status, code) => {
    expect(await problemOf(await submit(body))).toMatchObject({ status, code });
  });

  it.each([
    ['an empty object', {}, 'body.source'],
    ['two sources', { source: { upload: 'a', s3: 's3://a/b' } }, 'body.source'],
    ['a priority of 10', { ...s3(), priority: 10 }, 'body.priority'],
    ['a priority that is a text', { ...s3(), priority: '5' }, 'body.priority'],
    ['a field that there is not', { ...s3(), color: 'red' }, 'body'],
    ['metadata that is no text', { ...s3(), metadata: { a: 1 } }, 'body.metadata.a'],
    ['a callback that is no URL', { ...s3(), callbackUrl: 'hooks' }, 'body.callbackUrl'],
    ['a callback by ftp', { ...s3(), callbackUrl: 'ftp://a.example/' }, 'body.callbackUrl'],
    ['a name that is too long', { ...s3(), name: 'x'.repeat(256) }, 'body.name'],
    ['a list', [], 'body'],
    ['nothing', 'null', 'body'],
  ])('says which field of %s is wrong', async (_what, body, path) => {
    const problem = await problemOf(await submit(body));
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });

  it.each(['', 'a b', 'é', 'x'.repeat(256)])('refuses the key %j', async (key) => {
    const response = await api.call('POST', '/v1/titles', owner.secret, {
      body: s3(),
      headers: { 'idempotency-key': key },
    });
    const problem = await problemOf(response);
    expect(problem.errors?.[0]?.path).toBe('headers.idempotency-key');
  });

  it('refuses an upload that has not ended, and somebody else’s', async () => {
    const created = await api.call('POST', '/v1/uploads', owner.secret, {
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '5' },
    });
    const id = created.headers.get('location')!.split('/').at(-1)!;
    expect(await problemOf(await submit({ source: { upload: id } }))).toMatchObject({
      ...{ status: 409, code: 'UPLOAD_UNFINISHED' },
    });
    const stranger = await api.token('submit');
    const foreign = await submit({ source: { upload: id } }, undefined, stranger.secret);
    expect(await problemOf(foreign)).toMatchObject({ status: 403, code: 'UPLOAD_FOREIGN' });
  });

  it('makes a name for people of whatever it is told', async () => {
    const { name } = await title(await submit({ ...s3(), name: '../../etc/\u0000pass\u202ewd ' }));
    expect(name).toBe('passwd');
  });
});

describe('the list', () => {
  it('is told in pages, the newest first, each title once', async () => {
    const externalId = `list-${randomBytes(4).toString('hex')}`;
    const made: string[] = [];
    for (let i = 0; i < 7; i++) made.push((await title(await submit({ ...s3(), externalId }))).id);
    const seen: string[] = [];
    let next: string | undefined;
    do {
      const cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(next)}`;
      const response = await api.call(
        'GET',
        `/v1/titles?externalId=${externalId}&limit=3${cursor}`,
        owner.secret,
      );
      const page = titlePageSchema.parse(await response.json());
      expect(page.titles.length).toBeLessThanOrEqual(3);
      seen.push(...page.titles.map(({ id }) => id));
      next = page.next;
    } while (next !== undefined);
    expect(seen).toEqual(made.reverse());
  });

  it('is filtered by states', async () => {
    const id = await queued();
    await api.db.titles.started(id);
    const states = async (query: string): Promise<string[]> => {
      const page = titlePageSchema.parse(
        await (await api.call('GET', `/v1/titles?${query}`, owner.secret)).json(),
      );
      return [...new Set(page.titles.map(({ state }) => state))].sort();
    };
    expect(await states('state=running')).toEqual(['running']);
    expect(await states('state=running&state=queued&limit=200')).toEqual(['queued', 'running']);
    expect(await states('state=failed')).toEqual([]);
  });

  it.each([
    ['state=gone', 'query.state'],
    ['limit=0', 'query.limit'],
    ['limit=201', 'query.limit'],
    ['limit=many', 'query.limit'],
    ['page=2', 'query'],
  ])('refuses ?%s', async (query, path) => {
    const problem = await problemOf(await api.call('GET', `/v1/titles?${query}`, owner.secret));
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
    expect(problem.errors?.[0]?.path).toBe(path);
  });

  it('refuses a cursor that it did not give', async () => {
    const crafted = Buffer.from('["0000-01-01T00:00:00.000Z","x"]').toString('base64url');
    for (const cursor of ['abc', crafted]) {
      const problem = await problemOf(await api.call('GET', `/v1/titles?cursor=${cursor}`, owner.secret));
      expect(problem).toMatchObject({ status: 400, code: 'CURSOR_INVALID' });
    }
  });
});

describe('cancel, retry, delete', () => {
  const post = (id: string, what: string): Promise<Response> =>
    api.call('POST', `/v1/titles/${id}/${what}`, owner.secret);

  it('cancel a title, and again without harm', async () => {
    const id = await queued();
    for (let i = 0; i < 2; i++) {
      const response = await post(id, 'cancel');
      expect([response.status, (await title(response)).state]).toEqual([202, 'cancelling']);
    }
    expect(api.director.cancelled).toContain(id);
    await api.db.titles.cancelled(id);
    expect(await problemOf(await post(id, 'cancel'))).toMatchObject({ status: 409, code: 'TITLE_ENDED' });
  });

  it('cancel even where the queue is away', async () => {
    const id = await queued();
    api.director.outage = new Error('the queue is away');
    expect((await post(id, 'cancel')).status).toBe(202);
    expect((await api.db.titles.get(id))?.state).toBe('cancelling');
  });

  it('do not cancel or retry what is done', async () => {
    const id = await queued();
    await api.db.titles.started(id);
    expect(await problemOf(await post(id, 'retry'))).toMatchObject({ status: 409, code: 'TITLE_NOT_ENDED' });
    await api.db.titles.finished(id, RESULT);
    expect(await problemOf(await post(id, 'cancel'))).toMatchObject({ status: 409, code: 'TITLE_ENDED' });
    expect(await problemOf(await post(id, 'retry'))).toMatchObject({ status: 409, code: 'TITLE_DONE' });
    expect((await title(await api.call('GET', `/v1/titles/${id}`, owner.secret))).result).toEqual(RESULT);
  });

  it('retry what failed', async () => {
    const id = await queued();
    await api.db.titles.failed(id, {
      code: 'MASTER_EMPTY',
      message: 'the file has 0 bytes',
      hint: 'copy it again',
    });
    const failed = await title(await api.call('GET', `/v1/titles/${id}`, owner.secret));
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'MASTER_EMPTY', hint: 'copy it again' } });
    const response = await post(id, 'retry');
    expect(response.status).toBe(202);
    const retried = await title(response);
    expect(retried).toMatchObject({ state: 'queued', attempt: 2 });
    expect(retried.error).toBeUndefined();
    expect(api.director.submitted.filter((submitted) => submitted === id)).toHaveLength(2);
  });

  it('delete ended titles with their files, and no others', async () => {
    const id = await queued();
    const remove = (): Promise<Response> => api.call('DELETE', `/v1/titles/${id}`, owner.secret);
    expect(await problemOf(await remove())).toMatchObject({ status: 409, code: 'TITLE_NOT_ENDED' });
    expect(api.removed).not.toContain(id);
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    expect((await remove()).status).toBe(204);
    expect(api.removed).toContain(id);
    expect(await problemOf(await remove())).toMatchObject({ status: 404, code: 'TITLE_NOT_FOUND' });
  });

  it.each(['cancel', 'retry'])('know no title that there is not: %s', async (what) => {
    expect(await problemOf(await post('nosuch', what))).toMatchObject({
      status: 404,
      code: 'TITLE_NOT_FOUND',
    });
  });
});

describe('deliveries', () => {
  it('are listed and sent again', async () => {
    const { id } = await title(await submit({ ...s3(), callbackUrl: 'http://127.0.0.1:9/hook' }));
    const list = async (): Promise<
      { id: number; state: string; attempts: number; type: string; url: string }[]
    > =>
      (
        (await (await api.call('GET', `/v1/titles/${id}/deliveries`, owner.secret)).json()) as {
          deliveries: { id: number; state: string; attempts: number; type: string; url: string }[];
        }
      ).deliveries;
    const [delivery] = await list();
    expect(delivery).toMatchObject({
      ...{ state: 'pending', attempts: 0, type: 'title.submitted', url: 'http://127.0.0.1:9/hook' },
    });
    expect(delivery).not.toHaveProperty('data');
    await api.db.outbox.delivered((await api.db.outbox.of(id))[0]!, 200);
    expect(await list()).toMatchObject([{ state: 'delivered', lastStatus: 200 }]);
    const replay = (of: number | string): Promise<Response> =>
      api.call('POST', `/v1/deliveries/${of}/replay`, owner.secret);
    expect((await replay(delivery!.id)).status).toBe(202);
    expect(await list()).toMatchObject([{ state: 'pending' }]);
    expect(await problemOf(await replay(999_999))).toMatchObject({ status: 404, code: 'DELIVERY_NOT_FOUND' });
    expect((await problemOf(await replay('x'))).errors?.[0]?.path).toBe('params.id');
  });

  it('are listed when their title is gone, so that the last one can be sent again', async () => {
    const { id } = await title(await submit({ ...s3(), callbackUrl: 'http://127.0.0.1:9/hook' }));
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    expect((await api.call('DELETE', `/v1/titles/${id}`, owner.secret)).status).toBe(204);
    const path = `/v1/titles/${id}/deliveries`;
    const { deliveries } = (await (await api.call('GET', path, owner.secret)).json()) as {
      deliveries: { id: number; type: string }[];
    };
    expect(deliveries.map(({ type }) => type)).toEqual(['title.submitted', 'title.failed', 'title.deleted']);
    const last = deliveries.at(-1)!.id;
    expect((await api.call('POST', `/v1/deliveries/${last}/replay`, owner.secret)).status).toBe(202);
    const unknown = await api.call('GET', '/v1/titles/nosuch/deliveries', owner.secret);
    expect(await problemOf(unknown)).toMatchObject({ status: 404, code: 'TITLE_NOT_FOUND' });
  });
});

describe('without configuration', () => {
  it('takes no callback URLs where nothing could sign them, and no buckets', async () => {
    const bare = await startApi({ db: api.db }, { webhooks: false });
    const at = (body: unknown): Promise<Response> => bare.call('POST', '/v1/titles', owner.secret, { body });
    expect((await problemOf(await at(s3()))).code).toBe('BUCKET_REFUSED');
    const problem = await problemOf(await at({ ...s3(), callbackUrl: 'http://127.0.0.1/' }));
    expect(problem).toMatchObject({ code: 'CALLBACK_REFUSED', status: 422 });
    expect(problem.hint).toContain('HULLCAST_WEBHOOK_SECRET');
    await bare.close();
  });
});
