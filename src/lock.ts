import { randomUUID } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { HullcastError } from './errors.js';

const holderSchema = z.object({
  pid: z.number().int().positive(),
  /** When the process started, in clock ticks since boot: tells it from a later process of the same id. */
  startTime: z.string().nullable(),
});
export type LockHolder = z.infer<typeof holderSchema>;

const ATTEMPTS = 200;
const PAUSE_MS = 5;

/** Start time of a process from /proc/<pid>/stat; null where it does not run or there is no /proc. */
export async function processStartTime(pid: number): Promise<string | null> {
  try {
    return parseStartTime(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return null; // ended, or not Linux: then the process id alone has to do
  }
}

/** Field 22 of /proc/<pid>/stat. The second field is the command in parentheses and may hold anything. */
export function parseStartTime(stat: string): string | null {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** True where the process that wrote the lock still runs. */
export async function isAlive(holder: LockHolder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false; // EPERM: it runs, as somebody else
  }
  const now = await processStartTime(holder.pid);
  return now === null || holder.startTime === null || now === holder.startTime;
}

/** The error for a lock that cannot be had; `who` is e.g. `process 7 is using`. */
export type Busy = (who: string) => HullcastError;

/**
 * Takes the lock file at `path` for this process; gives what releases it. The lock of a process that is gone is taken
 * over. Throws `busy`'s error where another process holds it, or another part of this one.
 */
export async function takeLock(path: string, busy: Busy): Promise<() => Promise<void>> {
  const own = JSON.stringify({ pid: process.pid, startTime: await processStartTime(process.pid) });
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, own);
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      if (await linked(draft, path)) return () => release(path, own);
      await removeStale(path, draft, busy);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw busy('other processes keep taking');
}

/** A link is made with its content or not at all, so a lock file is never seen half written. */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock if its holder is gone; throws `busy`'s error if not. Who removes a lock holds a second one meanwhile, so
 * that nobody removes the lock which somebody else has just taken in the place of the stale one.
 */
async function removeStale(path: string, draft: string, busy: Busy): Promise<void> {
  const guard = `${path}.takeover`;
  await throwIfHeld(path, busy);
  if (!(await linked(draft, guard))) {
    const other = await holderOf(guard);
    if (other === 'nobody') await rm(guard, { force: true }); // killed within the few lines below
    await delay(PAUSE_MS);
    return;
  }
  try {
    await throwIfHeld(path, busy);
    await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

async function throwIfHeld(path: string, busy: Busy): Promise<void> {
  const holder = await holderOf(path);
  if (typeof holder === 'object') throw busy(`process ${holder.pid} is using`);
}

/** The live process that holds a lock file; `nobody` where it is stale, `free` where there is none. */
async function holderOf(path: string): Promise<LockHolder | 'nobody' | 'free'> {
  const text = await read(path);
  if (text === undefined) return 'free';
  const holder = parseHolder(text);
  return holder && (await isAlive(holder)) ? holder : 'nobody';
}

function parseHolder(text: string): LockHolder | undefined {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // cut short by a power failure: nobody can be holding it
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function release(path: string, own: string): Promise<void> {
  if ((await read(path)) === own) await rm(path, { force: true });
}
