import type { Job, Processor, QueueEventsListener } from 'bullmq';
import { UnrecoverableError, WaitingChildrenError } from 'bullmq';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Gate, type QueueBackend } from '../../src/pipeline/index.js';
import { firstPriority } from '../../src/pipeline/queue/gated-worker.js';
import { openBackend } from './backends.js';
import { type Script, bundleScript, killHard, printed } from './script.js';
import { sleep, until } from './support.js';

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
    let stopped: (() => Promise<void>)[] = [];
    const held: (() => void)[] = [];

    beforeAll(async () => {
      script = await bundleScript('queue-holder');
      const child = script.start(kind, place(), 'crash');
      await printed(child, /^active held$/);
      await killHard(child);
      backend = openBackend(kind, place());
      await backend.start();
    });
    afterEach(async () => {
      held.forEach((end) => end());
      await Promise.all(opened.map((one) => one.close()));
      opened = [];
      await Promise.all(stopped.map((stop) => stop()));
      stopped = [];
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
      const parent = stepParent('drop', ['d.1', 'd.2'], () => Promise.resolve('goes on'));
      const done = results(parent, 1);
      await parentQueue.add('t', {}, { jobId: 'd', removeOnComplete: true });
      await until(async () => (await parentQueue.getJob('d'))?.isWaitingChildren() ?? false);
      await (await parentQueue.getJob('d'))?.removeUnprocessedChildren();
      expect(await child.getJobCountByTypes('waiting', 'active', 'delayed')).toBe(0);
      // One data store wakes the step job, which then has nothing to wait for; the other leaves it to be removed.
      if ((await parentQueue.remove('d')) === 0) expect(await done).toEqual({ d: 'goes on' });
      expect(await parentQueue.getJob('d')).toBeUndefined();
    });

    it('takes the lowest priority first, of one priority the oldest, and before all what has none', async () => {
      const queue = queueOf('priority');
      const priorities = [7, 2_000_000, 0, 3, 7, 1, 3];
      await queue.addBulk(
        priorities.map((priority, i) => ({
          name: 'x',
          data: {},
          opts: { priority, jobId: `${priority}.${i}` },
        })),
      );
      await (await queue.getJob('2000000.1'))?.changePriority({ priority: 2 });
      const order: string[] = [];
      const worker = work('priority', (job) => Promise.resolve(order.push(job.id!)));
      await results(worker, priorities.length);
      expect(order).toEqual(['0.2', '1.5', '2000000.1', '3.3', '3.6', '7.0', '7.4']);
    });

    it('tells the priority of the job that it would give next', async () => {
      const queue = queueOf('first');
      const first = () => firstPriority(queue.getBackend());
      const add = (priority: number) => queue.add('x', {}, { priority, jobId: `p${priority}` });
      expect(await first()).toBeUndefined();
      await add(2_097_151);
      expect(await first()).toBe(2_097_151);
      await add(70_000);
      await add(80_000);
      expect(await first()).toBe(70_000);
      await add(0);
      expect(await first()).toBe(0);
      await queue.remove('p0');
      await queue.remove('p70000');
      expect(await first()).toBe(80_000);
    });

    it('tells every listener what becomes of jobs', async () => {
      const listeners = [open(backend.events('events')), open(backend.events('events'))];
      await Promise.all(listeners.map((one) => one.waitUntilReady()));
      const heard = listeners.map(
        (one) =>
          new Promise((resolve) =>
            one.on('completed', ({ jobId, returnvalue }) => resolve([jobId, returnvalue])),
          ),
      );
      work('events', () => Promise.resolve({ n: 1 }));
      await queueOf('events').add('x', {}, { jobId: 'e' });
      expect(await Promise.all(heard)).toEqual([
        ['e', { n: 1 }],
        ['e', { n: 1 }],
      ]);
    });

    it('tells every listener of one name what is published there, in order and from the moment it is ready', async () => {
      const publisher = open(backend.publisher('bus'));
      const other = open(backend.publisher('other-bus'));
      await publisher.publishEvent({ eventName: 'hello', text: 'before' });
      const listeners = [1, 2, 3].map(() => open(backend.events('bus')));
      const heard = listeners.map(() => [] as string[]);
      listeners.forEach((one, i) => {
        one.on<Hello, 'hello'>('hello', ({ text }) => heard[i]!.push(text));
      });
      await Promise.all(listeners.map((one) => one.waitUntilReady()));
      await other.publishEvent({ eventName: 'hello', text: 'to others' });
      const sent = Array.from({ length: 50 }, (_, i) => `{"n":${i}}`);
      for (const text of sent) await publisher.publishEvent({ eventName: 'hello', text });
      await until(() => heard.every((texts) => texts.length >= sent.length));
      expect(heard).toEqual([sent, sent, sent]);
    });

    /** Another process that works on the same queues, as far as the data store allows one. */
    const another = async (): Promise<QueueBackend> => {
      if (backend.exclusive) return backend;
      const other = openBackend(kind, place());
      await other.start();
      stopped.push(() => other.stop());
      return other;
    };

    /** A run that lasts until the end of the test, or until what `ended` gets is called. */
    const hold = (ended: (end: () => void) => void = () => undefined): Promise<null> =>
      new Promise((resolve) => {
        const end = (): void => resolve(null);
        held.push(end);
        ended(end);
      });

    it('shares jobs among processes as they have places, not as they came', async () => {
      const queue = queueOf('share');
      const jobs = Array.from({ length: 6 }, (_, i) => ({ name: 'x', data: {}, opts: { jobId: `j${i}` } }));
      const hosts = [backend, await another()].map((host) => {
        const ran: string[] = [];
        let ends: (() => void)[] = [];
        const run = (job: Job): Promise<null> => {
          ran.push(job.id!);
          return hold((end) => ends.push(end));
        };
        const serve = () => open(host.worker('share', run, { gate: new Gate({ size: 1 }) }));
        const end = () => {
          ends.forEach((resolve) => resolve());
          ends = [];
        };
        return { ran, serve, end };
      });
      const [first, second] = hosts as [(typeof hosts)[0], (typeof hosts)[0]];
      first.serve();
      await queue.addBulk(jobs);
      await until(() => first.ran.length === 1);
      await sleep(300);
      expect(await queue.getJobCountByTypes('active')).toBe(1); // it holds no job that it cannot run
      second.serve();
      for (let round = 1; round <= 3; round += 1) {
        await until(() => hosts.every(({ ran }) => ran.length === round));
        expect(await queue.getJobCountByTypes('active')).toBe(2);
        hosts.forEach(({ end }) => end());
      }
      await until(async () => (await queue.getJobCountByTypes('active', 'waiting')) === 0);
      expect(hosts.flatMap(({ ran }) => ran).sort()).toEqual(jobs.map(({ opts }) => opts.jobId));
    });

    it('runs what a full process was woken for in another one, at once', async () => {
      const gate = new Gate({ size: 1 });
      const busy = open(backend.worker('busy', () => hold(), { gate }));
      const full = open(
        backend.worker<object, string>('pass-on', () => Promise.resolve('the full one'), { gate }),
      );
      await Promise.all([busy.waitUntilReady(), full.waitUntilReady()]);
      await sleep(300); // it waits for a job: who waited longest is woken first
      const other = await another();
      const idle = open(
        other.worker<object, string>('pass-on', () => Promise.resolve('the idle one'), {
          gate: new Gate({ size: 1 }),
        }),
      );
      await idle.waitUntilReady();
      await sleep(300);
      await queueOf('busy').add('x', {});
      await until(() => gate.busy === 1);
      const done = results(idle, 1);
      const added = performance.now();
      await queueOf('pass-on').add('x', {}, { jobId: 'p' });
      expect(await done).toEqual({ p: 'the idle one' });
      expect(performance.now() - added).toBeLessThan(2000);
    });

    it('gives places to the queue whose first job has the lowest priority, whatever came first', async () => {
      const gate = new Gate({ size: 1, order: ['d-early', 'd-late'] });
      const order: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const run = async (job: Job): Promise<null> => {
        order.push(job.id!);
        await (order.length === 1 ? held : sleep(30)); // its worker comes back for the next one meanwhile
        return null;
      };
      const add = (name: string, priorities: number[]) =>
        queueOf(name).addBulk(
          priorities.map((priority) => ({
            ...{ name: 'x', data: {}, opts: { priority, jobId: `${name}-${priority}` } },
          })),
        );
      for (const name of ['d-early', 'd-late']) open(backend.worker(name, run, { gate }));
      await add('d-late', [50]);
      await until(() => order.length === 1);
      await add('d-late', [30, 10, 40]);
      await add('d-early', [20, 60]);
      await until(() => gate.waiting === 2);
      await add('d-early', [5, 40]); // its worker waits already
      release();
      await until(() => order.length === 8);
      expect(order.slice(1)).toEqual([
        ...['d-early-5', 'd-late-10', 'd-early-20', 'd-late-30', 'd-late-40', 'd-early-40', 'd-early-60'],
      ]);
      await until(() => gate.busy === 0);
    });

    it('tries a job again though others have more urgent ones all the time, and asks no idle queue for each', async () => {
      const gate = new Gate({ size: 1, order: ['t-retry', 't-idle', 't-busy'] });
      const order: string[] = [];
      const idle = { comes: 0, asked: 0 };
      const enter = gate.enter.bind(gate);
      gate.enter = (name, firstDue, signal) => {
        if (name !== 't-idle') return enter(name, firstDue, signal);
        idle.comes += 1;
        return enter(name, () => ((idle.asked += 1), firstDue()), signal);
      };
      const run = async (job: Job): Promise<null> => {
        order.push(job.id!);
        await sleep(15);
        if (job.id === 'retry' && order.filter((id) => id === 'retry').length === 1) throw new Error('once');
        return null;
      };
      for (const name of ['t-retry', 't-idle', 't-busy'])
        open(backend.worker(name, run, { gate, drainDelay: 0.1 })).on('error', () => undefined);
      await queueOf('t-retry').add('x', {}, { ...{ jobId: 'retry', priority: 9 }, attempts: 2, backoff: 50 });
      await until(() => order.length === 1);
      const busy = Array.from({ length: 60 }, (_, i) => ({
        ...{ name: 'x', data: {}, opts: { jobId: `busy${i}`, priority: 1 } },
      }));
      await queueOf('t-busy').addBulk(busy);
      await until(() => order.length === 62);
      expect(order.lastIndexOf('retry')).toBeLessThan(55);
      expect(idle.asked).toBeLessThanOrEqual(2 * idle.comes); // not for each of sixty jobs
    });

    it('gives places to later stages first, and takes none for a queue without jobs', async () => {
      const gate = new Gate({ size: 1, order: ['g-early', 'g-late', 'g-empty'] });
      const order: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => (release = resolve));
      const run = async (job: Job): Promise<null> => {
        order.push(job.id!);
        if (job.id === 'e0') await held;
        return null;
      };
      const workers = ['g-early', 'g-late', 'g-empty'].map((name) =>
        open(backend.worker(name, run, { gate })),
      );
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      const add = (name: string, ids: string[]) =>
        queueOf(name).addBulk(ids.map((jobId) => ({ name: 'x', data: {}, opts: { jobId } })));
      await add('g-early', ['e0', 'e1', 'e2']);
      await until(() => order.length === 1);
      await add('g-late', ['l0', 'l1']);
      await sleep(300); // it has heard of them, and waits in the gate
      release();
      await until(() => order.length === 5);
      expect(order.slice(0, 2)).toEqual(['e0', 'l0']);
      expect(order.indexOf('l1')).toBeLessThan(order.indexOf('e2'));
      await until(() => gate.busy === 0);
    });

    it('closes or pauses a worker that waits for a place', async () => {
      const gate = new Gate({ size: 1 });
      const leave = gate.tryEnter('elsewhere')!;
      const queue = queueOf('leave');
      await queue.add('x', {}, { jobId: 'a' });
      const closing = backend.worker('leave', () => Promise.resolve(1), { gate });
      const pausing = open(backend.worker<object, number>('leave', () => Promise.resolve(2), { gate }));
      await until(() => gate.waiting === 2);
      await closing.close();
      expect(gate.waiting).toBe(1);
      await pausing.pause();
      expect(gate.waiting).toBe(0);
      expect(await queue.getJobCountByTypes('waiting')).toBe(1);
      leave();
      await sleep(200);
      expect(await queue.getJobCountByTypes('waiting')).toBe(1); // paused is paused
      const done = results(pausing, 1);
      await pausing.resume();
      expect(await done).toEqual({ a: 2 });
      await until(() => gate.busy === 0);
    });
  });
}

interface Hello extends QueueEventsListener {
  hello: (args: { text: string }, id: string) => void;
}
