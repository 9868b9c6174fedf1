import { describe, expect, it } from 'vitest';
import { type Check, createHealth, parseListen } from '../../../src/services/health/index.js';

const passing = (name = 'store'): Check => ({ name, run: () => Promise.resolve() });

describe('readiness', () => {
  it('is the passing of every check', async () => {
    const failing: Check = { name: 'queue', run: () => Promise.reject(new Error('connection refused')) };
    expect(await createHealth([passing()]).ready()).toMatchObject({ status: 'ok' });
    const report = await createHealth([passing(), failing]).ready();
    expect(report.status).toBe('unready');
    expect(report.checks).toMatchObject([
      { name: 'store', ok: true },
      { name: 'queue', ok: false, error: 'connection refused' },
    ]);
    expect(await createHealth([]).ready()).toEqual({ status: 'ok', checks: [] });
  });

  it('tells of what it can do without, and does not depend on it', async () => {
    const failing: Check = { name: 'queue', dispensable: true, run: () => Promise.reject(new Error('away')) };
    expect(await createHealth([passing(), failing]).ready()).toMatchObject({
      status: 'ok',
      checks: [{ ok: true }, { name: 'queue', ok: false, error: 'away' }],
    });
    const needed: Check = { name: 'database', run: () => Promise.reject(new Error('away')) };
    expect(await createHealth([failing, needed]).ready()).toMatchObject({ status: 'unready' });
  });

  it('is over when the process drains, even while a check runs, and does not come back', async () => {
    let pass: () => void = () => undefined;
    const health = createHealth([{ name: 'slow', run: () => new Promise((resolve) => (pass = resolve)) }]);
    const asked = health.ready();
    health.drain();
    pass();
    expect(await asked).toMatchObject({ status: 'draining' });
    expect(await health.ready()).toMatchObject({ status: 'draining' });
    expect(health.live()).toMatchObject({ status: 'ok' }); // a restart would lose the work it finishes
  });

  it('gives a check its time and no more, and tells it to end', async () => {
    let aborted = false;
    const hanging: Check = {
      ...{ name: 'database', timeoutMs: 20 },
      run: (signal) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = true), { once: true })),
    };
    const report = await createHealth([hanging]).ready();
    expect(report.checks).toMatchObject([{ ok: false, error: 'no answer within 20 ms' }]);
    expect(aborted).toBe(true);
  });

  it('takes a check that throws at once for one that fails', async () => {
    const broken: Check = {
      name: 'broken',
      run: () => {
        throw new Error('at once');
      },
    };
    expect(await createHealth([broken]).ready()).toMatchObject({ checks: [{ ok: false, error: 'at once' }] });
  });

  it('tells errors as it is asked to', async () => {
    const failing: Check = { name: 'queue', run: () => Promise.reject(new Error('redis://:pw@host')) };
    const report = await createHealth([failing], () => 'hidden').ready();
    expect(report.checks).toMatchObject([{ error: 'hidden' }]);
  });

  it('runs a check once for all who ask at once, and again when its answer is old', async () => {
    let runs = 0;
    const counted: Check = {
      ...{ name: 'store', cacheMs: 30 },
      run: () => {
        runs += 1;
        return new Promise((resolve) => setTimeout(resolve, 5));
      },
    };
    const health = createHealth([counted]);
    await Promise.all(Array.from({ length: 50 }, () => health.ready()));
    expect(runs).toBe(1);
    await health.ready();
    expect(runs).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await health.ready();
    expect(runs).toBe(2);
  });
});

describe('an address to listen on', () => {
  it('is of the loopback interface unless another is named', () => {
    expect(parseListen('9090', 'X')).toEqual({ host: '127.0.0.1', port: 9090 });
    expect(parseListen('0.0.0.0:8080', 'X')).toEqual({ host: '0.0.0.0', port: 8080 });
    expect(parseListen('[::1]:0', 'X')).toEqual({ host: '::1', port: 0 });
    expect(parseListen('control.internal:80', 'X')).toEqual({ host: 'control.internal', port: 80 });
  });

  it.each([
    '',
    ':80',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    'a b:1',
    'http://x:1',
    '1:2:3',
    '::1:80',
  ])('is refused where it is none: %j', (text) => {
    expect(() => parseListen(text, 'HULLCAST_LISTEN')).toThrow(
      expect.objectContaining({ code: 'LISTEN_ADDRESS', exitCode: 2 }),
    );
  });
});
