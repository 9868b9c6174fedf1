import type { Job, Processor } from 'bullmq';
import { UnrecoverableError, WaitingChildrenError } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { QueueBackend } from '../../src/pipeline/index.js';
import { openBackend } from './backends.js';
import { type Script, bundleScript, killHard, printed } from './script.js';
import { until } from './support.js';

interface Closable {
  close(): Promise<void>;
}
type Worker = ReturnType<QueueBackend['worker']>;

/** What the pipeline relies on in every queue backend. `kind` is a key of backends.ts; `place` names fresh data. */
export function queueContract(kind: string, place: () => string): void {
  describe(`queue contract: ${kind}`, () => {
    let backend: QueueBackend;
    let script: Script;
    let opened: Closable[] = [];

    beforeAll(async () => {
      script = await bundleScript('queue-holder');
      const child = script.start(kind, place(), 'crash');
      await printed(child, /^active held$/);
      await killHard(child);
      backend = openBackend(kind, place());
      await backend.start();
    });
    afterEach(async () => {
      await Promise.all(opened.map((one) => one.close()));
      opened = [];
    });
    afterAll(async () => {
      await backend.stop();
      await script.cleanUp();
    });

    const open = <T extends Closable>(one: T): T => {
      opened.push(one);
      return one;
    };
    const queueOf = <D = object>(name: string) => open(backend.queue<D>(name));
    const work = <D, R>(
      name: string,
      run: Processor<D, R>,
      options?: Parameters<QueueBackend['worker']>[2],
    ) => {
      const worker = open(backend.worker<D, R>(name, run, options));
      worker.on('error', () => undefined);
      return worker;
    };
    /** Results of the worker's next `count` jobs by id; rejects when one fails. */
    const results = (worker: unknown, count: number): Promise<Record<string, unknown>> =>
      new Promise((resolve, reject) => {
        const done: Record<string, unknown> = {};
        (worker as Worker).on('completed', (job, result) => {
          done[job.id ?? ''] = result;
          if (Object.keys(done).length === count) resolve(done);
        });
        (worker as Worker).on('failed', (_, error) => reject(error));
      });
    const failure = (worker: unknown): Promise<{ job: Job; error: Error }> =>
      new Promise((resolve) =>
        (worker as Worker).on('failed', (job, error) => resolve({ job: job!, error })),
      );

    it('hands a job whose process was killed to another worker, and loses none that waited', async () => {
      const worker = work<{ from?: string }, string>(
        'crash',
        (job) => Promise.resolve(job.data.from ?? 'nothing'),
        {
          stalledInterval: 300,
          lockDuration: 1000,
        },
      );
      // The lock of the killed process has to run out first.
      expect(await results(worker, 2)).toEqual({ held: 'the killed process', waits: 'nothing' });
    }, 60_000);

    it('runs every job once and gives its result', async () => {
      const queue = queueOf<{ n: number }>('plain');
      let runs = 0;
      const worker = work<{ n: number }, number>(
        'plain',
        ({ data }) => ((runs += 1), Promise.resolve(data.n * 2)),
        {
          concurrency: 4,
        },
      );
      const done = results(worker, 20);
      await queue.addBulk(
        Array.from({ length: 20 }, (_, n) => ({ name: 'x', data: { n }, opts: { jobId: `j${n}` } })),
      );
      expect(await done).toEqual(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`j${n}`, n * 2])));
      expect(runs).toBe(20);
    });

    it('wakes an idle worker at once', async () => {
      const queue = queueOf('wake');
      const worker = work('wake', () => Promise.resolve(1), { drainDelay: 30 });
      const first = results(worker, 1);
      await queue.add('x', {}, { jobId: 'first' });
      await first;
      await new Promise((resolve) => setTimeout(resolve, 300)); // it goes to wait
      const second = results(worker, 1);
      const added = performance.now();
      await queue.add('x', {}, { jobId: 'second' });
      await second;
      expect(performance.now() - added).toBeLessThan(2000);
    });

    it('takes a job of a known id once', async () => {
      const queue = queueOf('same');
      await Promise.all([1, 2, 3].map(() => queue.add('x', {}, { jobId: 'one' })));
      await queue.add('x', {}, { jobId: 'last' });
      let runs = 0;
      const worker = work('same', () => Promise.resolve((runs += 1)), { concurrency: 1 });
      await results(worker, 2);
      expect(runs).toBe(2);
    });

    it('runs a flow: children of two queues first, their results for the parent', async () => {
      const flows = open(backend.flows());
      work<{ n: number }, number>('flow-a', ({ data }) => Promise.resolve(data.n));
      work<{ n: number }, number>('flow-b', ({ data }) => Promise.resolve(data.n));
      const parent = work<object, number[]>('flow-parent', async (job) =>
        Object.values((await job.getChildrenValues<number>()) ?? {}).sort(),
      );
      const done = results(parent, 1);
      await flows.add({
        name: 'parent',
        queueName: 'flow-parent',
        opts: { jobId: 'p' },
        children: [
          { name: 'a', queueName: 'flow-a', data: { n: 1 }, opts: { jobId: 'p.a' } },
          { name: 'b', queueName: 'flow-b', data: { n: 2 }, opts: { jobId: 'p.b' } },
        ],
      });
      expect(await done).toEqual({ p: [1, 2] });
    });

    /** A step job that adds its children while it runs, waits for them, and then gives what `last` makes of it. */
    const stepParent = (name: string, ids: readonly string[], last: (job: Job) => Promise<unknown>) => {
      const children = queueOf(`${name}-child`);
      return work<{ step?: string }, unknown>(`${name}-parent`, async (job, token) => {
        if (job.data.step === 'waited') return last(job);
        await job.updateData({ step: 'waited' });
        const parent = { id: job.id ?? '', queue: job.queueQualifiedName };
        const opts = { parent, continueParentOnFailure: true, removeOnComplete: true, removeOnFail: true };
        await children.addBulk(ids.map((id) => ({ name: id, data: {}, opts: { ...opts, jobId: id } })));
        if (await job.moveToWaitingChildren(token ?? '')) throw new WaitingChildrenError();
        return last(job);
      });
    };

    it('lets a step job add children at run time and wait for them', async () => {
      const ids = Array.from({ length: 10 }, (_, i) => `s.${i}`);
      let finished = 0;
      const parent = stepParent('step', ids, () => Promise.resolve(finished));
      work('step-child', () => Promise.resolve((finished += 1)), { concurrency: 4 });
      const done = results(parent, 1);
      await queueOf('step-parent').add('t', {}, { jobId: 's' });
      expect(await done).toEqual({ s: 10 });
    });

    it('wakes a step job when a child fails, with the reason, while another still runs', async () => {
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const parents = queueOf('fail-parent');
      const parent = stepParent('fail', ['f.bad', 'f.slow'], async (job) => {
        throw new UnrecoverableError(Object.values(await job.getIgnoredChildrenFailures()).join());
      });
      const child = work<object, null>(
        'fail-child',
        async (job) => {
          if (job.id === 'f.slow') return held.then(() => null);
          // A child that fails before its parent waits wakes nobody: the parent only sees it with the next child's end.
          await until(async () => (await parents.getJob('f'))?.isWaitingChildren() ?? false);
          throw new UnrecoverableError('the reason');
        },
        { concurrency: 2 },
      );
      const failed = failure(parent);
      await parents.add('t', {}, { jobId: 'f' });
      expect((await failed).error.message).toBe('the reason');
      const slow = new Promise((resolve) => child.on('completed', (job) => resolve(job.id)));
      release();
      expect(await slow).toBe('f.slow');
    });

    it('lets a finished step job be added again under the same id', async () => {
      const queue = queueOf('again');
      const worker = work('again', () => Promise.resolve(1));
      for (const _ of [1, 2, 3]) {
        const done = results(worker, 1);
        await queue.add('x', {}, { jobId: 'same', removeOnComplete: true });
        expect(await done).toEqual({ same: 1 });
      }
    });

    it('tries again with exponential backoff', async () => {
      const starts: number[] = [];
      const worker = work<object, string>('retry', (job) => {
        starts.push(performance.now());
        return job.attemptsMade < 2 ? Promise.reject(new Error('passing')) : Promise.resolve('third time');
      });
      const done = new Promise((resolve) => worker.on('completed', (_, result) => resolve(result)));
      await queueOf('retry').add('x', {}, { attempts: 3, backoff: { type: 'exponential', delay: 200 } });
      expect(await done).toBe('third time');
      const [first, second, third] = starts as [number, number, number];
      expect(second - first).toBeGreaterThanOrEqual(195);
      expect(third - second).toBeGreaterThanOrEqual(395);
    });

    it('gives up after the last attempt, and at once on an unrecoverable error', async () => {
      const queue = queueOf('hopeless');
      let runs = 0;
      const worker = work<{ kind: string }, null>('hopeless', ({ data }) => {
        runs += 1;
        return Promise.reject(
          data.kind === 'bad' ? new UnrecoverableError('bad input') : new Error('passing'),
        );
      });
      const opts = { attempts: 3, backoff: { type: 'exponential', delay: 1 } };
      const bad = failure(worker);
      await queue.add('x', { kind: 'bad' }, { ...opts, jobId: 'bad' });
      expect((await bad).error.message).toBe('bad input');
      expect(runs).toBe(1);
      await queue.add('x', { kind: 'passing' }, { ...opts, jobId: 'passing' });
      await until(async () => (await queue.getJob('passing'))?.isFailed() ?? false);
      expect(runs).toBe(4);
      expect((await queue.getJob('bad'))?.failedReason).toBe('bad input');
    });

    /** A worker whose job runs until its signal aborts. */
    const untilAborted = (name: string, options?: Parameters<QueueBackend['worker']>[2]) => {
      let started: () => void = () => undefined;
      let aborted: (reason: unknown) => void = () => undefined;
      const active = new Promise<void>((resolve) => (started = resolve));
      const reason = new Promise<unknown>((resolve) => (aborted = resolve));
      const run: Processor<object, null> = (_job, _token, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            aborted(signal.reason);
            reject(new UnrecoverableError('aborted'));
          });
          started();
        });
      return { worker: work(name, run, options), active, reason };
    };

    it('aborts the signal of a job that is cancelled', async () => {
      const { worker, active, reason } = untilAborted('cancel');
      await queueOf('cancel').add('x', {}, { jobId: 'c' });
      await active;
      const failed = failure(worker);
      expect(worker.cancelJob('c', 'not wanted')).toBe(true);
      expect(await reason).toBe('not wanted');
      expect((await failed).job.id).toBe('c');
    });

    it('says when the lock of a job is lost, so that its work can be stopped', async () => {
      const queue = queueOf('lost');
      const { worker, active, reason } = untilAborted('lost', { lockDuration: 1000, skipStalledCheck: true });
      worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => worker.cancelJob(id, 'lock lost')));
      await queue.add('x', {}, { jobId: 'l' });
      await active;
      await queue.obliterate({ force: true }); // takes the job away under the worker
      expect(await reason).toBe('lock lost');
    });

    it('reports progress, and keeps the last', async () => {
      const queue = queueOf('progress');
      const worker = work<object, null>('progress', async (job) => {
        await job.updateProgress({ done: 1, total: 4 });
        await job.updateProgress({ done: 3, total: 4 });
        return null;
      });
      const seen: unknown[] = [];
      worker.on('progress', (_, progress) => seen.push(progress));
      const done = results(worker, 1);
      await queue.add('x', {}, { jobId: 'p' });
      await done;
      expect(seen).toEqual([
        { done: 1, total: 4 },
        { done: 3, total: 4 },
      ]);
      expect((await queue.getJob('p'))?.progress).toEqual({ done: 3, total: 4 });
    });

    it('removes the children of a step job that nobody has begun', async () => {
      const parentQueue = queueOf('drop-parent');
      const child = queueOf('drop-child');
      const parent = stepParent('drop', ['d.1', 'd.2'], () => Promise.resolve(null));
      await parentQueue.add('t', {}, { jobId: 'd' });
      await until(async () => (await parentQueue.getJob('d'))?.isWaitingChildren() ?? false);
      await (await parentQueue.getJob('d'))?.removeUnprocessedChildren();
      expect(await child.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
      expect(await parentQueue.remove('d')).toBe(1);
      expect(await parentQueue.getJob('d')).toBeUndefined();
      await parent.close();
    });
  });
}
