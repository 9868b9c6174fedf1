import { hostname } from 'node:os';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { createServiceLog, jobFields, logLevel, publicText } from '../../../src/services/logging/index.js';

const SECRETS = {
  HULLCAST_WEBHOOK_SECRET: 'whsec-7f3d0a',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG',
  AWS_SESSION_TOKEN: 'FwoGZXIvYXdzEBYa',
  HULLCAST_QUEUE: 'redis://:redis-pw-1@redis:6379',
  HULLCAST_DB: 'postgres://hullcast:db-pw-%2F2@db:5432/hullcast',
};
const VALUES = [
  'whsec-7f3d0a',
  'wJalrXUtnFEMI/K7MDENG',
  'FwoGZXIvYXdzEBYa',
  'redis-pw-1',
  'db-pw-%2F2',
  'db-pw-/2',
];

type Line = Record<string, unknown>;

function logging(env: NodeJS.ProcessEnv = {}, fields?: () => Record<string, string>) {
  const text: string[] = [];
  const destination = { write: (line: string) => void text.push(line) };
  const log = createServiceLog({
    ...{ service: 'worker', version: '1.2.3', env: { ...SECRETS, ...env }, fields, destination },
  });
  return { log, text, lines: () => text.map((line) => JSON.parse(line) as Line) };
}

describe('a line of the log', () => {
  it('says when, how bad, who and what', () => {
    const { log, lines } = logging();
    log.info({ title: 't1' }, 'a title has begun');
    const [line] = lines();
    expect(line).toEqual({
      ...{ level: 'info', time: line!['time'], service: 'worker', version: '1.2.3' },
      ...{ host: hostname(), pid: process.pid, title: 't1', msg: 'a title has begun' },
    });
    expect(line!['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('is one of JSON, whatever the message', () => {
    const { log, text } = logging();
    log.warn({ stderr: 'a\nb "c"' }, 'two\nlines');
    expect(text).toHaveLength(1);
    expect(text[0]!.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(text[0]!)).toMatchObject({ msg: 'two\nlines', stderr: 'a\nb "c"' });
  });

  it('tells an error with its code, its hint and its causes', () => {
    const { log, lines } = logging();
    const cause = Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    log.error(
      { err: new HullcastError('DISK_FULL', 'the disk is full', { hint: 'Free some.', cause }) },
      'failed',
    );
    log.error({ error: 'a text is a text' });
    const [first, second] = lines();
    expect(first!['err']).toMatchObject({
      ...{ type: 'HullcastError', code: 'DISK_FULL', message: 'the disk is full', hint: 'Free some.' },
      cause: { type: 'Error', code: 'ENOSPC', message: 'write failed' },
    });
    expect((first!['err'] as Line)['stack']).toContain('service-log.unit.test.ts');
    expect(second!['error']).toBe('a text is a text');
  });

  it('has the fields of the moment', () => {
    let id = 'a1';
    const { log, lines } = logging({}, () => ({ trace_id: id }));
    log.info('one');
    id = 'b2';
    log.child({ job: 'j' }).info('two');
    expect(lines().map((line) => line['trace_id'])).toEqual(['a1', 'b2']);
  });
});

describe('the level', () => {
  it('is info, or what HULLCAST_LOG_LEVEL says', () => {
    const { log, lines } = logging();
    log.debug('no');
    log.info('yes');
    expect(lines().map((line) => line['msg'])).toEqual(['yes']);
    const loud = logging({ HULLCAST_LOG_LEVEL: 'debug' });
    loud.log.debug('yes');
    expect(loud.lines()).toHaveLength(1);
    expect(logLevel({ HULLCAST_LOG_LEVEL: '' })).toBe('info');
  });

  it('is refused where there is none such', () => {
    expect(() => logLevel({ HULLCAST_LOG_LEVEL: 'loud' })).toThrow(
      expect.objectContaining({ code: 'LOG_LEVEL', exitCode: 2 }),
    );
  });
});

describe('secrets', () => {
  it.each(VALUES)('%s is in no line, wherever it was put', (secret) => {
    const { log, text } = logging({ HULLCAST_LOG_LEVEL: 'trace' });
    const error = new Error(`login with ${secret} was refused`, { cause: new Error(`from ${secret}`) });
    log.info(`connected with ${secret}`);
    log.warn({ url: `x://user:${secret}@host/`, deep: { list: [{ note: `is ${secret}` }] } }, 'in fields');
    log.error({ err: error, error }, 'in errors');
    log.child({ connection: `password=${secret}` }).debug('in a child');
    log.trace({ [secret]: 1 }, 'as a name');
    log.info('formatted: %s %j', secret, { secret });
    expect(text).toHaveLength(6);
    expect(text.join('')).not.toContain(secret);
  });

  it('that no environment names are known by their field or their look', () => {
    const { log, text } = logging();
    log
      .child({ token: 'hc_live_1' })
      .info({ req: { headers: { authorization: 'Basic Zm9v' } } }, 'Bearer hc_live_123456');
    log.info({ callbackUrl: 'https://me:hc_live_3@example.com/hook' });
    expect(text.join('')).not.toMatch(/hc_live|Zm9v/);
    expect(text.join('')).toContain('@example.com/hook');
  });

  it('of requests do not come out of a Fastify server', async () => {
    const { log, text, lines } = logging();
    const app = Fastify({ loggerInstance: log });
    app.get('/v1/events', (request) => {
      request.log.info({ headers: request.headers }, 'asked');
      throw new HullcastError('BROKEN', 'with hc_live_tok_123456', { hint: 'x' });
    });
    await app.inject({
      url: '/v1/events?access_token=hc_live_query',
      headers: { authorization: 'Bearer hc_live_header', cookie: 'session=hc_live_cookie' },
    });
    await app.close();
    expect(text.join('')).not.toMatch(/hc_live_(query|header|cookie)/);
    expect(lines().find((line) => line['err'])!['err']).toMatchObject({ code: 'BROKEN', hint: 'x' });
  });

  it('are kept from people outside too', () => {
    expect(publicText(SECRETS)(new Error('redis://:redis-pw-1@redis is away'))).not.toContain('redis-pw-1');
    expect(publicText({})('a text')).toBe('a text');
  });
});

describe('fields of a job', () => {
  it('name its title, stage, job, and what it works on', () => {
    const params = {
      codec: 'av1',
      resolution: { width: 1280, height: 720 },
      crf: 30,
      source: { frames: 50 },
    };
    expect(jobFields({ title: 't', stage: 'probe', job: 'probe.av1-4-1280x720-30', params })).toEqual({
      ...{
        title: 't',
        stage: 'probe',
        job: 'probe.av1-4-1280x720-30',
        shot: 4,
        codec: 'av1',
        size: '1280x720',
      },
    });
    expect(
      jobFields({ title: 't', stage: 'assemble', job: 'assemble.h264-720p-900k', params: null }),
    ).toEqual({
      ...{
        title: 't',
        stage: 'assemble',
        job: 'assemble.h264-720p-900k',
        rung: 'h264-720p-900k',
        codec: 'h264',
      },
    });
    expect(jobFields({ title: 't', stage: 'ingest', job: 'ingest', params: {} })).toEqual({
      ...{ title: 't', stage: 'ingest', job: 'ingest' },
    });
  });
});
