import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from '../../bench/simulate/random.js';
import { type Fleet, LOCK_SECONDS, WORKERS } from './fleet.js';

/** What befalls a fleet while it makes a title. */
export interface Disturbance {
  name: string;
  befall(fleet: Fleet, hold: Hold): Promise<void>;
}

/** Keeps a worker from being killed by others while one disturbance has it; `alone`, so that no other worker is killed, and replaced, either. */
type Hold = (work: (worker: number) => Promise<void>, options?: { alone: boolean }) => Promise<void>;

const redis: Disturbance = {
  name: 'Redis is killed',
  async befall({ redis }) {
    await redis.kill();
    await delay(700);
    await redis.restart();
  },
};
const store: Disturbance = {
  name: 'the store answers 500 and 503, and hangs',
  async befall({ proxy }) {
    for (const fault of [{ status: 500 }, { status: 503 }, 'hang'] as const) {
      proxy.set(fault);
      await delay(2000);
    }
    proxy.set('pass');
  },
};
const control: Disturbance = {
  name: 'the control plane is killed',
  async befall(fleet) {
    await fleet.killControl();
    await fleet.startControl();
  },
};
const stopped: Disturbance = {
  name: 'a worker sleeps longer than its lock',
  befall: (fleet, hold) =>
    hold(async (worker) => {
      const { pid } = await fleet.worker(worker);
      process.kill(pid, 'SIGSTOP');
      await delay((3 * LOCK_SECONDS + 1) * 1000); // it is found lost within two turns
      process.kill(pid, 'SIGCONT');
      await delay(500);
    }),
};
/** A worker may have been killed meanwhile, as others are all the time. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const DISK_LIMIT_MS = 60_000;
const disk: Disturbance = {
  name: 'a worker has a full disk',
  befall: (fleet, hold) =>
    hold(
      async (worker) => {
        // All of them sleep, each as soon as it is up: else the others may have done all there is before this one has come up.
        const pids = await Promise.all(
          Array.from({ length: WORKERS }, async (_, i) => {
            const { pid } = await fleet.worker(i);
            signalIfThere(pid, 'SIGSTOP');
            return pid;
          }),
        );
        const others = pids.filter((_, i) => i !== worker);
        await fleet.killWorker(worker);
        fleet.startWorker(worker, { smallDisk: true });
        const { log } = await fleet.worker(worker);
        for (let waited = 0; !log().includes('DISK_FULL'); waited += 50) {
          if (waited > DISK_LIMIT_MS)
            throw new Error(`the full disk was in nobody's way: ${await fleet.logs()}`);
          await delay(50);
        }
        others.forEach((pid) => signalIfThere(pid, 'SIGCONT'));
        await fleet.killWorker(worker);
        fleet.startWorker(worker);
        await fleet.worker(worker);
      },
      { alone: true },
    ),
};

const ALL = [redis, store, control, stopped, disk, redis];
/** Shortest time between the deaths of two workers, milliseconds. */
const KILL_EVERY_MS = 3000;

/** What befell a fleet. */
export interface Befallen {
  names: string[];
  workersKilled: number;
}

/**
 * Disturbs a fleet until `over`. The order follows from the seed. Each disturbance waits until the next share of `records`
 * is made, and the fleet gets no further than to the next one while it lasts; a worker is killed every 3 s, but only when
 * something got done since the last one: how fast the machine is decides nothing.
 */
export async function disturb(
  fleet: Fleet,
  { seed, records, over }: { seed: number; records: number; over: () => boolean },
): Promise<Befallen> {
  const random = seeded(seed);
  const order = ALL.map((one) => ({ one, at: random.uniform() })).sort((a, b) => a.at - b.at);
  const befallen: Befallen = { names: [], workersKilled: 0 };
  let held: number | undefined;
  let quiet = false;
  let killing: Promise<void> = Promise.resolve();
  const hold: Hold = async (work, { alone } = { alone: false }) => {
    const worker = (held = random.integer(WORKERS));
    quiet = alone;
    await killing;
    await work(worker).finally(() => {
      held = undefined;
      quiet = false;
    });
  };
  const deaths = async (): Promise<void> => {
    for (let seen = fleet.records(); !over();) {
      await delay(KILL_EVERY_MS);
      while ((quiet || fleet.records() === seen) && !over()) await delay(50);
      if (over()) return;
      seen = fleet.records();
      const worker = random.integer(WORKERS);
      const victim = worker === held ? (worker + 1) % WORKERS : worker;
      killing = fleet.killWorker(victim).then(() => fleet.startWorker(victim));
      await killing;
      await fleet.worker(victim);
      befallen.workersKilled += 1;
    }
  };
  const others = async (): Promise<void> => {
    const from = (i: number): number => Math.ceil(((0.6 * (i + 0.5)) / order.length) * records);
    for (const [i, { one }] of order.entries()) {
      fleet.holdAt(from(i + 1));
      while (fleet.records() < from(i) && !over()) await delay(50);
      if (over()) return;
      await one.befall(fleet, hold);
      befallen.names.push(one.name);
    }
    fleet.holdAt(Infinity);
  };
  await Promise.all([deaths(), others()]);
  return befallen;
}

export const DISTURBANCES = ALL.map(({ name }) => name);
