import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Database, IN_MEMORY, type Title, openDatabase } from '../../../src/db/index.js';
import { HullcastError, masterRejected } from '../../../src/errors.js';
import type { Bus, QueueBackend, Stage } from '../../../src/pipeline/index.js';
import type { Control } from '../../../src/services/control/index.js';
import type { WorkerNode } from '../../../src/services/worker/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { capturedLog, countedStage, silent, sleep, until } from '../../pipeline/support.js';
import { type FleetParts, RESULT, controlOf, newTitle, workerOf } from './fleet.js';

interface N {
  n: number;
}

/** How titles of a database are driven over a queue, whatever that is. `open` gives a started one of the test's own. */
export function fleetContract(
  name: string,
  open: () => Promise<{ backend: QueueBackend; bus: () => Bus; stop(): Promise<void> }>,
): void {
  describe(`titles over a queue: ${name}`, () => {
    let root: string;
    let queue: Awaited<ReturnType<typeof open>>;
    let db: Database;
    let token: string;
    let opened: (() => Promise<void>)[] = [];
    let count = 0;

    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'hullcast-fleet-'));
      queue = await open();
      const signal = new AbortController().signal;
      db = await openDatabase(IN_MEMORY, { home: root, log: silent, signal });
      token = (await db.tokens.create({ id: 'tok', name: 'test', scopes: ['submit'], digest: 'd' })).id;
    });
    afterEach(async () => {
      for (const close of opened.reverse()) await close();
      opened = [];
    });
    afterAll(async () => {
      await db.close();
      await queue.stop();
      await rm(root, { recursive: true, force: true });
    });

    const parts = (stages: readonly Stage[], flow: FleetParts['flow']): FleetParts => {
      const bus = queue.bus();
      opened.push(() => bus.close());
      const store = new FileStore(join(root, `store-${(count += 1)}`));
      return { ...{ backend: queue.backend, bus, db, store, stages, flow }, scratch: join(root, 'scratch') };
    };
    const control = (of: FleetParts, published?: Map<string, unknown>): Control => {
      const started = controlOf(of, published);
      opened.push(() => started.close());
      return started;
    };
    const worker = (of: FleetParts, slots?: number): WorkerNode => {
      const node = workerOf(of, slots);
      opened.push(() => node.drain(0));
      return node;
    };
    const submit = async ({ director }: Control): Promise<string> => {
      const { title } = await db.titles.create(newTitle(`t${(count += 1)}`, token));
      await director.submit(title);
      return title.id;
    };
    const state = async (id: string) => (await db.titles.get(id))?.state;
    const reaches = (id: string, wanted: string) => until(async () => (await state(id)) === wanted);
    const eventsOf = async (id: string) =>
      (await db.events.after(0, { titleId: id, limit: 100 })).map(({ type }) => type);

    const double = () => countedStage<N, N>('double', ({ n }) => Promise.resolve({ n: n * 2 }));
    const twice =
      (stage: Stage<N, N>): FleetParts['flow'] =>
      () =>
      async (t) => {
        const first = await t.stages(
          stage,
          [1, 2, 3].map((n) => ({ id: `a${n}`, params: { n } })),
        );
        const second = await t.stages(
          stage,
          first.map(({ n }, i) => ({ id: `b${i}`, params: { n: n * 10 } })),
        );
        return second.map(({ n }) => n);
      };
    /** A stage that runs until it is stopped, or told to end. */
    const held = () => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let aborted = 0;
      const stage = countedStage<N, N>('held', ({ n }, { signal }) => {
        const stopped = new Promise<never>((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted += 1;
            reject(signal.reason as Error);
          }),
        );
        return Promise.race([released.then(() => ({ n })), stopped]);
      });
      return { stage, release, aborted: () => aborted };
    };
    const holding =
      (stage: Stage<N, N>): FleetParts['flow'] =>
      (id) =>
      async (t) =>
        t.stages(
          stage,
          [1, 2, 3, 4].map((n) => ({ id: String(n), params: { n, id } as N })),
        );

    it('are run to their end, each event once, with live progress', async () => {
      const stage = double();
      const of = parts([stage], twice(stage));
      const published = new Map<string, unknown>();
      const { director, ...rest } = control(of, published);
      worker(of);
      const seen: number[] = [];
      director.watch(({ stages }) => seen.push(stages[0]?.done ?? -1));
      const id = await submit({ director, ...rest });
      await reaches(id, 'done');
      expect(published.get(id)).toEqual([40, 80, 120]);
      expect(stage.total()).toBe(6);
      expect(await eventsOf(id)).toEqual(['title.submitted', 'title.started', 'title.published']);
      await until(() => director.progress(id)?.stages[0]?.done === 6);
      expect(director.progress(id)?.stages).toEqual([
        { stage: 'double', jobs: 6, done: 6, active: 0, failed: 0 },
      ]);
      await until(() => director.workers().length > 0);
      expect(director.workers()).toMatchObject([{ slots: 2, stages: ['double'] }]);
    });

    it('get on where a worker has one place and all later stages have nothing to do', async () => {
      const stage = double();
      const idle = Array.from({ length: 8 }, (_, i) =>
        countedStage<N, N>(`idle-${String.fromCharCode(97 + i)}`, () => Promise.resolve({ n: 0 })),
      );
      const of = parts([stage, ...idle], twice(stage));
      const id = await submit(control(of));
      worker(of, 1);
      worker(of, 1);
      await reaches(id, 'done');
      expect(stage.total()).toBe(6);
    });

    it('go before all that is less urgent, though their jobs are of earlier stages', async () => {
      const ran: string[] = [];
      const stageOf = (name: string): Stage<{ title: string; n: number }, N> =>
        countedStage(name, async ({ title, n }) => {
          ran.push(title);
          await sleep(15);
          return { n };
        });
      const [early, middle, late] = [stageOf('first-stage'), stageOf('mid-stage'), stageOf('stage-at-last')];
      const jobs = (title: string, count: number) =>
        Array.from({ length: count }, (_, n) => ({ id: String(n), params: { title, n } }));
      const flow: FleetParts['flow'] = (title) => async (t) => {
        if (title.startsWith('backfill')) return t.stages(late, jobs(title, 40));
        await t.stages(early, jobs(title, 6));
        return t.stages(middle, jobs(title, 6));
      };
      const of = parts([early, middle, late], flow);
      const { director } = control(of);
      const add = async (id: string, priority: number): Promise<void> =>
        director.submit((await db.titles.create(newTitle(id, token, { priority }))).title);
      await Promise.all([add('backfill-a', 0), add('backfill-b', 0)]);
      worker(of, 2);
      await until(() => ran.length >= 6);
      const before = ran.length;
      await add('tonight', 9);
      await reaches('tonight', 'done');
      expect(await state('backfill-a')).toBe('running');
      expect(await state('backfill-b')).toBe('running');
      // Beside it ran what was under way when it came, and what was taken while its next jobs were planned.
      const since = ran.slice(before, ran.lastIndexOf('tonight') + 1);
      expect(since.filter((title) => title === 'tonight')).toHaveLength(12);
      expect(since.length).toBeLessThan(20);
      for (const id of ['backfill-a', 'backfill-b']) await reaches(id, 'done');
      expect(ran).toHaveLength(92);
    });

    it('that are submitted twice at the same time run once', async () => {
      const stage = double();
      const of = parts([stage], twice(stage));
      const both = control(of);
      worker(of);
      const { title } = await db.titles.create(newTitle(`t${(count += 1)}`, token));
      await Promise.all([1, 2, 3].map(() => both.director.submit(title)));
      await reaches(title.id, 'done');
      expect(stage.total()).toBe(6);
    });

    it('fail with the error of the stage, and may be tried again', async () => {
      let broken = true;
      const stage = countedStage<N, N>('breaks', ({ n }) => {
        if (broken) throw masterRejected('MASTER_BROKEN', 'no good', 'Export it again.');
        return Promise.resolve({ n });
      });
      const of = parts([stage], () => (t) => t.run(stage, { n: 1 }));
      const { director, ...rest } = control(of);
      worker(of);
      const id = await submit({ director, ...rest });
      await reaches(id, 'failed');
      expect((await db.titles.get(id))?.error).toEqual({
        ...{ code: 'MASTER_BROKEN', message: 'no good', hint: 'Export it again.' },
      });
      await until(() => director.failures().length > 0);
      expect(director.failures()[0]).toMatchObject({
        title: id,
        stage: 'breaks',
        code: 'MASTER_BROKEN',
        willRetry: false,
      });
      broken = false;
      await director.submit(await db.titles.retry(id));
      await reaches(id, 'done');
    });

    it('fail as soon as a job has failed as often as it may, and are not tried again in vain', async () => {
      const stage = countedStage<N, N>('away', () => {
        throw new HullcastError('AWAY', 'store is away', { transient: true, hint: 'Wait.' });
      });
      const { log, messages } = capturedLog();
      const of = parts([stage], () => (t) => t.run(stage, { n: 1 }));
      const id = await submit(control({ ...of, log, retryDelayMs: 2 }));
      worker(of);
      await reaches(id, 'failed');
      expect((await db.titles.get(id))?.error).toEqual({
        code: 'AWAY',
        message: 'store is away',
        hint: 'Wait.',
      });
      expect(stage.total()).toBe(9);
      expect(messages).toEqual(['a title failed']);
    });

    it('get over failures that pass, of a stage and of the publication', async () => {
      let failures = 3;
      const stage = countedStage<N, N>('shaky', ({ n }) => {
        if ((failures -= 1) >= 0) throw new HullcastError('AWAY', 'store is away', { transient: true });
        return Promise.resolve({ n });
      });
      const of = parts([stage], () => (t) => t.run(stage, { n: 1 }));
      const published = new Map<string, unknown>();
      let refused = 0;
      const set = published.set.bind(published);
      published.set = (key, value) => {
        if ((refused += 1) < 3) throw new HullcastError('AWAY', 'origin is away', { transient: true });
        return set(key, value);
      };
      const id = await submit(control(of, published));
      worker(of);
      await reaches(id, 'done');
      expect([stage.total(), refused]).toEqual([4, 3]);
    });

    it('that are cancelled stop their jobs, running and waiting, and can be tried again at once', async () => {
      const { stage, release, aborted } = held();
      const of = parts([stage], holding(stage));
      const { director, ...rest } = control(of);
      worker(of);
      const id = await submit({ director, ...rest });
      await until(() => stage.total() === 2);
      await db.titles.requestCancel(id);
      await director.cancel(id);
      await reaches(id, 'cancelled');
      expect(aborted()).toBe(2);
      expect((await director.queues()).map(({ waiting, delayed }) => waiting + delayed)).toEqual([0]);
      release();
      await director.submit(await db.titles.retry(id));
      await reaches(id, 'done');
      expect(stage.total()).toBe(6); // two that were stopped, four anew
      expect(await eventsOf(id)).not.toContain('title.failed');
    });

    it('that are cancelled before anybody works on them are over', async () => {
      const { stage } = held();
      const told: string[] = [];
      const of = parts([stage], holding(stage));
      const { director, ...rest } = control({ ...of, onEnded: ({ state }) => told.push(state) });
      const id = await submit({ director, ...rest });
      await until(async () => (await director.queues())[0]?.waiting === 4);
      await db.titles.requestCancel(id);
      await director.cancel(id);
      await reaches(id, 'cancelled');
      expect((await director.queues())[0]).toMatchObject({ waiting: 0, active: 0, delayed: 0 });
      expect(stage.total()).toBe(0);
      await until(() => told.length > 0);
      expect(told).toEqual(['cancelled']);
    });

    it('whose cancellation was heard by nobody are cancelled by comparison', async () => {
      const { stage, aborted } = held();
      const of = parts([stage], holding(stage));
      const id = await submit(control(of));
      worker(of);
      await until(() => stage.total() === 2);
      await db.titles.requestCancel(id);
      await reaches(id, 'cancelled');
      expect(aborted()).toBe(2);
    });

    it('that are cancelled while they are published are taken back', async () => {
      const stage = double();
      const published = new Map<string, unknown>();
      const cancel = ({ id }: Title) => db.titles.requestCancel(id);
      const of = { ...parts([stage], twice(stage)), onPublished: cancel };
      const id = await submit(control(of, published));
      worker(of);
      await reaches(id, 'cancelled');
      expect([...published.keys()]).toEqual([]);
    });

    it('whose publication fails are taken back', async () => {
      const stage = double();
      const published = new Map<string, unknown>();
      const fail = () => Promise.reject(new HullcastError('STORE_FULL', 'no space is left'));
      const of = { ...parts([stage], twice(stage)), onPublished: fail };
      const id = await submit(control(of, published));
      worker(of);
      await reaches(id, 'failed');
      expect([...published.keys()]).toEqual([]);
    });

    it('fail also where nothing can be taken back, as the store is away', async () => {
      const stage = double();
      const away = () => Promise.reject(new HullcastError('STORE_UNREACHABLE', 'away', { transient: true }));
      const broken = () => Promise.reject(new HullcastError('STORE_FULL', 'no space is left'));
      const of = { ...parts([stage], twice(stage)), onPublished: broken, onWithdraw: away };
      const id = await submit(control(of));
      worker(of);
      await reaches(id, 'failed');
    });

    it('that others have tried again, and finished, while a publication hung, stay as they are', async () => {
      const stage = double();
      const published = new Map<string, unknown>();
      let tries = 0;
      let elsewhere: () => Promise<unknown> = () => Promise.resolve();
      const onPublished = async () => {
        tries += 1;
        if (tries === 1) await elsewhere();
      };
      const of = { ...parts([stage], twice(stage)), onPublished };
      const started = control(of, published);
      const { title } = await db.titles.create(newTitle(`t${(count += 1)}`, token));
      elsewhere = async () => {
        await db.titles.failed(title.id, { code: 'X', message: 'x' });
        await db.titles.retry(title.id);
        await db.titles.started(title.id);
        await db.titles.finished(title.id, RESULT);
      };
      await started.director.submit(title);
      worker(of);
      await until(() => tries === 1);
      await started.close();
      expect(await db.titles.get(title.id)).toMatchObject({ state: 'done', attempt: 2 });
      expect([...published.keys()]).toEqual([title.id]);
    });

    it('go on where they were when a control plane is replaced in the middle', async () => {
      const { stage, release } = held();
      const of = parts([stage], holding(stage));
      const published = new Map<string, unknown>();
      const first = controlOf(of, published);
      worker(of, 4);
      const id = await submit(first);
      await until(() => stage.total() === 4);
      await first.close();
      control(of, published);
      release();
      await reaches(id, 'done');
      expect(stage.total()).toBe(4);
      expect(published.get(id)).toHaveLength(4);
    });

    it('whose job the queue has lost, or whose children, are found by comparison', async () => {
      const { stage, release } = held();
      const of = parts([stage], holding(stage));
      const { director } = control(of);
      const { title } = await db.titles.create(newTitle(`t${(count += 1)}`, token)); // never submitted
      await until(async () => (await director.queues())[0]?.waiting === 4);
      await queue.backend.queue('held').obliterate({ force: true });
      worker(of, 4);
      await until(() => stage.total() === 4);
      release();
      await reaches(title.id, 'done');
    });

    it('hand their jobs back when a worker is drained, to go on at another', async () => {
      const { stage, release, aborted } = held();
      const of = parts([stage], holding(stage));
      const id = await submit(control(of));
      const leaving = workerOf(of, 4);
      await until(() => stage.total() === 4);
      await leaving.drain(100);
      expect(aborted()).toBe(4);
      worker(of, 4);
      await until(() => stage.total() === 8);
      release();
      await reaches(id, 'done');
      expect(await eventsOf(id)).not.toContain('title.failed');
    });

    it('wait for a worker with the right tools', async () => {
      const stage = { ...double(), version: 1 };
      const newer = { ...stage, version: 2, run: () => Promise.reject(new Error('not to be run')) };
      const of = parts([stage], twice(stage));
      const { director, ...rest } = control(of);
      const wrong = workerOf({ ...of, stages: [newer] });
      const id = await submit({ director, ...rest });
      await until(() => director.failures().some(({ code }) => code === 'TOOLS_DIFFER'));
      await wrong.drain(0);
      worker(of);
      await reaches(id, 'done');
    });
  });
}
