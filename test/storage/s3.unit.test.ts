import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import { Truncated, asStoreError, isPassing } from '../../src/storage/s3/errors.js';
import { DEFAULT_TIMING, Patience, pauseBefore } from '../../src/storage/s3/patience.js';
import { parseObjectUri, parseS3Uri } from '../../src/storage/s3-uri.js';

/** As the SDK throws it. */
const answer = (status: number, name: string): Error =>
  Object.assign(new Error(`${name}!`), { name, $metadata: { httpStatusCode: status } });
const network = (code: string): Error => Object.assign(new Error(code), { code });

describe('errors of a store', () => {
  it.each([
    [answer(404, 'NoSuchBucket'), 'BUCKET_MISSING', 2, false],
    [answer(403, 'AccessDenied'), 'STORE_DENIED', 2, false],
    [answer(403, 'SignatureDoesNotMatch'), 'STORE_DENIED', 2, false],
    [answer(401, 'Unauthorized'), 'STORE_DENIED', 2, false],
    [Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'STORE_DENIED', 2, false],
    [answer(500, 'InternalError'), 'STORE_UNREACHABLE', 1, true],
    [answer(503, 'SlowDown'), 'STORE_UNREACHABLE', 1, true],
    [answer(504, 'Unknown'), 'STORE_UNREACHABLE', 1, true],
    [answer(429, 'Unknown'), 'STORE_UNREACHABLE', 1, true],
    [answer(200, 'InternalError'), 'STORE_UNREACHABLE', 1, true],
    [network('ECONNREFUSED'), 'STORE_UNREACHABLE', 1, true],
    [network('EAI_AGAIN'), 'STORE_UNREACHABLE', 1, true],
    [new Truncated('half'), 'STORE_UNREACHABLE', 1, true],
    [answer(507, 'InsufficientStorage'), 'DISK_FULL', 1, true],
    [answer(403, 'QuotaExceeded'), 'DISK_FULL', 1, true],
    [network('ENOSPC'), 'DISK_FULL', 1, true],
    [answer(400, 'InvalidArgument'), 'STORE_REFUSED', 1, false],
    [answer(501, 'NotImplemented'), 'STORE_REFUSED', 1, false],
  ])('%s', (error, code, exitCode, transient) => {
    const ours = asStoreError(error, 's3://b/', 'b');
    expect(ours).toBeInstanceOf(HullcastError);
    expect(ours).toMatchObject({ code, exitCode, transient, cause: expect.anything() as unknown });
    expect((ours as HullcastError).hint).toBeTruthy();
  });

  it('leaves what is no answer of the store as it is', () => {
    const own = new HullcastError('OBJECT_MISSING', 'x');
    const aborted = Object.assign(new Error('x'), { name: 'AbortError' });
    for (const error of [own, aborted, network('ENOENT'), new TypeError('x')])
      expect(asStoreError(error, 's3://b/', 'b')).toBe(error);
  });

  it('names no secret: a signature stays out of messages', () => {
    const error = asStoreError(answer(403, 'SignatureDoesNotMatch'), 's3://b/', 'b') as HullcastError;
    expect(error.message).toBe(
      'the object store s3://b/ refuses access: SignatureDoesNotMatch (403): SignatureDoesNotMatch!',
    );
  });
});

describe('patience', () => {
  const timing = { ...DEFAULT_TIMING, patienceMs: 200, pauseMs: 1, longestPauseMs: 10 };

  it('pauses double up to a bound, spread by chance, and never stand still', () => {
    const gaps = fc.tuple(fc.nat(1000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }));
    fc.assert(
      fc.property(gaps, ([retry, chance]) => {
        const pause = pauseBefore(retry, DEFAULT_TIMING, () => chance);
        const most = Math.min(
          DEFAULT_TIMING.longestPauseMs,
          DEFAULT_TIMING.pauseMs * 2 ** Math.min(retry, 40),
        );
        expect(pause).toBeLessThanOrEqual(most);
        expect(pause).toBeGreaterThanOrEqual(most / 10);
      }),
    );
  });

  it('outlasts half a minute by far, with pauses that a server can bear', () => {
    const half = { ...DEFAULT_TIMING };
    expect(half.patienceMs).toBeGreaterThan(2 * 30_000);
    expect(half.idleMs).toBeLessThan(30_000);
    let [retries, waited] = [0, 0];
    while (waited < 30_000) waited += pauseBefore(retries++, half, () => 0.5);
    expect(retries).toBeLessThan(25);
  });

  it('tries again what passes until it is over; progress begins the time anew', async () => {
    const told: unknown[] = [];
    const patience = new Patience(timing, (error) => told.push(error));
    let runs = 0;
    const began = performance.now();
    const result = await patience.retry((progress) => {
      runs += 1;
      if (performance.now() - began > 500) return Promise.resolve('done');
      progress();
      return Promise.reject(network('ECONNRESET'));
    });
    expect(result).toBe('done');
    expect(told).toHaveLength(runs - 1);
    await expect(patience.retry(() => Promise.reject(network('ECONNRESET')))).rejects.toThrow('ECONNRESET');
  });

  it('does not try again what does not pass, nor what nobody waits for', async () => {
    const patience = new Patience(timing, () => undefined);
    let runs = 0;
    const fail = (error: Error) => (): Promise<never> => {
      runs += 1;
      return Promise.reject(error);
    };
    await expect(patience.retry(fail(answer(403, 'AccessDenied')))).rejects.toThrow('AccessDenied');
    expect(runs).toBe(1);
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    await expect(patience.retry(fail(network('EPIPE')), stop.signal)).rejects.toThrow('enough');
    expect(runs).toBe(1);
  });

  it('knows what passes', () => {
    for (const error of [answer(500, 'X'), answer(409, 'OperationAborted'), answer(400, 'BadDigest')])
      expect(isPassing(error)).toBe(true);
    for (const error of [
      answer(404, 'NoSuchKey'),
      answer(412, 'PreconditionFailed'),
      answer(501, 'X'),
      undefined,
    ])
      expect(isPassing(error)).toBe(false);
  });
});

describe('addresses', () => {
  it('have a bucket and a path', () => {
    expect(parseS3Uri('s3://bucket')).toEqual({ bucket: 'bucket', path: '' });
    expect(parseS3Uri('s3://my.bucket-1/a/b c')).toEqual({ bucket: 'my.bucket-1', path: 'a/b c' });
    expect(parseObjectUri('s3://bucket/a//b')).toEqual({ bucket: 'bucket', key: 'a//b' });
    for (const uri of ['s3://ab', 's3://-ab/x', 's3://a b/x', 'S3://bucket/x', 'x'])
      expect(parseS3Uri(uri)).toBeUndefined();
  });
});
