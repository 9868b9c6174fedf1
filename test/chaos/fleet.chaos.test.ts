import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { chaosMaster } from '../../fixtures/chaos-title.js';
import type { ApiTitle } from '../../src/services/contract/index.js';
import { DISTURBANCES, disturb } from './disturbances.js';
import { Fleet, WORKERS } from './fleet.js';
import { endAll } from './program.js';

const SEED = 72;
const LIMIT_MS = 400_000;

let master: string;
/** What a fleet makes of the master when nothing befalls it. */
let calm: { files: Record<string, string>; records: number; cpuSeconds: number };
let fleet: Fleet | undefined;

afterEach(async () => {
  const left = fleet;
  fleet = undefined;
  await left?.stop();
});
afterAll(endAll);

async function start(): Promise<{ own: Fleet; id: string }> {
  const own = (fleet = await Fleet.start());
  return { own, id: await own.submit(master) };
}

/** Ends the fleet; gives the CPU that the children of its workers used. */
async function end(own: Fleet): Promise<number> {
  fleet = undefined;
  await own.stop();
  return own.meter.total();
}

/** What must be so at the end, whatever befell. */
async function expectWhole(own: Fleet, title: ApiTitle): Promise<void> {
  expect(title, await own.logs()).toMatchObject({ state: 'done' });
  expect(await own.published(title.id)).toEqual(calm.files);
  // A job that was done twice may still be noted by its last worker.
  const left = async (): Promise<unknown[]> =>
    (await own.overview()).queues.filter((q) => q.waiting + q.active + q.delayed > 0);
  for (let i = 0; i < 100 && (await left()).length > 0; i += 1) await delay(200);
  expect(await left()).toEqual([]);
  const events = await own.postgres.query<{ type: string }>(
    `SELECT type FROM hullcast.event WHERE type IN ('title.published', 'title.failed')`,
  );
  expect(events).toEqual([{ type: 'title.published' }]);
}

beforeAll(async () => {
  master = await chaosMaster();
  const { own, id } = await start();
  const title = await own.ended(id, LIMIT_MS);
  expect(title, await own.logs()).toMatchObject({ state: 'done' });
  const [files, records] = [await own.published(id), own.records()];
  const cpuSeconds = await end(own);
  calm = { files, records, cpuSeconds };
  const told = title.result!.cost.cpuSeconds;
  console.log(`undisturbed: ${title.result!.cost.wallSeconds.toFixed(1)} s, ${records} records,`);
  console.log(`CPU ${cpuSeconds.toFixed(1)} s of which the title tells ${told.toFixed(1)} s`);
  // Two ways to measure one thing; of very short processes, and there are many of a few frames, ticks are lost.
  expect(told / cpuSeconds).toBeGreaterThan(0.75);
  expect(told / cpuSeconds).toBeLessThan(1.1);
});

describe('a fleet', () => {
  it('makes the same title for hardly more CPU while everything dies around it', async () => {
    const { own, id } = await start();
    let over = false;
    const ended = own.ended(id, LIMIT_MS).finally(() => (over = true));
    const [title, befallen] = await Promise.all([
      ended,
      disturb(own, { seed: SEED, records: calm.records, over: () => over }),
    ]);
    expect(befallen.names.sort()).toEqual([...DISTURBANCES].sort());
    expect(befallen.workersKilled).toBeGreaterThanOrEqual(3);
    expect(Object.keys(calm.files).filter((path) => path.endsWith('.m4s')).length).toBeGreaterThan(5);
    await expectWhole(own, title);
    const cpuSeconds = await end(own);
    const factor = cpuSeconds / calm.cpuSeconds;
    console.log(`disturbed: ${befallen.names.join('; ')}; ${befallen.workersKilled} workers killed`);
    console.log(`CPU ${cpuSeconds.toFixed(1)} s, ${factor.toFixed(2)} of the undisturbed run's`);
    expect(factor).toBeLessThanOrEqual(1.5);
  });

  it('goes on when all of it was killed at once', async () => {
    const { own, id } = await start();
    while (own.records() < calm.records * 0.4) await delay(20);
    own.proxy.set('cut');
    const all = Array.from({ length: WORKERS }, (_, i) => i);
    await Promise.all([
      ...all.map((i) => own.killWorker(i)),
      own.killControl(),
      own.redis.kill(),
      own.postgres.kill(),
    ]);
    const before = own.records();
    expect(before).toBeLessThan(calm.records);
    own.proxy.set('pass');
    await Promise.all([own.redis.restart(), own.postgres.restart()]);
    await own.startControl();
    for (const i of all) own.startWorker(i);
    await expectWhole(own, await own.ended(id, LIMIT_MS));
    const cpuSeconds = await end(own);
    console.log(`all killed at once after ${before} records: CPU ${cpuSeconds.toFixed(1)} s`);
    expect(cpuSeconds / calm.cpuSeconds).toBeLessThanOrEqual(1.5);
  });
});
