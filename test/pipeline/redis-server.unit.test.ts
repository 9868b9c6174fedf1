import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { openQueue } from '../../src/pipeline/index.js';
import { retryPause } from '../../src/pipeline/queue/redis-client.js';
import { checkServer, denial, readInfo, redisName } from '../../src/pipeline/queue/redis-server.js';
import { silent } from './support.js';

const WHERE = 'redis://host:6379';
const GOOD = { version: '7.0.15', policy: 'noeviction', appendOnly: true, cluster: false };

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('what a Redis says of itself', () => {
  it('is read from INFO', () => {
    const info = [
      '# Server',
      'redis_version:7.0.15',
      'redis_mode:standalone',
      '# Memory',
      'maxmemory_policy:allkeys-lru',
      '# Persistence',
      'aof_enabled:1',
      'aof_rewrite_in_progress:0',
      '# Cluster',
      'cluster_enabled:0',
      '',
    ].join('\r\n');
    expect(readInfo(info)).toEqual({ ...GOOD, policy: 'allkeys-lru' });
    expect(readInfo('')).toEqual({ version: '', policy: '', appendOnly: false, cluster: false });
  });

  it.each(['6.2.0', '6.2.14', '6.10.0', '7.0.0', '8.2.1', '10.0.0'])('lets Redis %s pass', (version) => {
    expect(() => checkServer({ ...GOOD, version }, WHERE)).not.toThrow();
  });

  it.each([
    ['QUEUE_VERSION', { version: '6.0.16' }],
    ['QUEUE_VERSION', { version: '5.0.14' }],
    ['QUEUE_VERSION', { version: '' }],
    ['QUEUE_EVICTION', { policy: 'volatile-lru' }],
    ['QUEUE_EVICTION', { policy: '' }],
    ['QUEUE_CLUSTER', { cluster: true }],
  ])('refuses with %s what cannot keep a queue: %j', (code, bad) => {
    const error = thrownBy(() => checkServer({ ...GOOD, ...bad }, WHERE));
    expect(error).toMatchObject({ code, exitCode: EXIT.usage, transient: false });
    expect(error).toHaveProperty('hint', expect.stringMatching(/./));
    expect((error as Error).message).toContain(WHERE);
  });
});

describe('a connection that does not come', () => {
  it.each([
    'WRONGPASS invalid username-password pair or user is disabled.',
    'NOAUTH HELLO must be called with the client already authenticated',
    "NOPERM this user has no permissions to run the 'info' command",
    'ERR invalid password',
  ])('is denied: %s', (message) => {
    expect(denial(new Error(message), WHERE)).toMatchObject({ code: 'QUEUE_DENIED', exitCode: EXIT.usage });
  });

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    'is denied by its certificate: %s',
    (code) => {
      expect(denial(Object.assign(new Error('no'), { code }), WHERE)?.code).toBe('QUEUE_DENIED');
    },
  );

  it.each(['connect ECONNREFUSED 127.0.0.1:1', 'getaddrinfo ENOTFOUND redis', 'LOADING Redis is loading'])(
    'is worth waiting for: %s',
    (message) => {
      expect(denial(new Error(message), WHERE)).toBeUndefined();
    },
  );

  it('is tried again after pauses that grow, and end at 3 s', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (attempt) => {
        const pause = retryPause(attempt);
        expect(pause).toBeGreaterThanOrEqual(50);
        expect(pause).toBeLessThanOrEqual(3000);
      }),
    );
    expect(retryPause(1)).toBeLessThanOrEqual(100);
    expect(retryPause(20)).toBeGreaterThanOrEqual(1500);
  });
});

describe('the name of a queue', () => {
  it('has no password', () => {
    expect(redisName('rediss://user:secret@host:6380/2')).toBe('rediss://host:6380/2');
    expect(redisName('redis://:secret@host/')).toBe('redis://host');
  });

  it.each([
    'http://host:6379',
    'redis:///0',
    'redis:host',
    'redis://:pa#ss@host',
    'redis://host:99999',
    'neither',
  ])('that is no URL of a Redis is refused, and not shown: %s', (spec) => {
    const error = thrownBy(() => openQueue(spec, { folder: '/nowhere', log: silent }));
    expect(error).toMatchObject({ code: 'QUEUE_URL', exitCode: EXIT.usage });
    expect(JSON.stringify([error, (error as Error).message])).not.toContain(spec);
  });

  it.each([undefined, ''])('is the embedded one where it is %s', (spec) => {
    expect(openQueue(spec, { folder: '/nowhere', log: silent }).exclusive).toBe(true);
  });

  it('may be Redis, which others use too', async () => {
    const queue = openQueue('redis://host', { folder: '/nowhere', log: silent });
    expect(queue.exclusive).toBe(false);
    await expect(queue.purge()).rejects.toMatchObject({ code: 'QUEUE_SHARED' });
    expect(thrownBy(() => queue.queue('x'))).toMatchObject({ code: 'QUEUE_CLOSED' });
    await queue.stop();
  });
});
