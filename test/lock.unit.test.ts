import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HullcastError } from '../src/errors.js';
import { parseStartTime, processStartTime, takeLock as take } from '../src/lock.js';

const takeLock = (path: string): Promise<() => Promise<void>> =>
  take(path, (who) => new HullcastError('A_LOCK', `${who} it`));

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('takeLock', () => {
  it('lets one in, and the next after its release', async () => {
    const release = await takeLock(path);
    await expect(takeLock(path)).rejects.toMatchObject({ code: 'A_LOCK' });
    await release();
    expect(await readdir(folder)).toEqual([]);
    await (
      await takeLock(path)
    )();
  });

  it('names the process', async () => {
    await takeLock(path);
    await expect(takeLock(path)).rejects.toThrow(`process ${process.pid} is using it`);
  });

  it('lets exactly one of many in', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('takes over from a process that is gone', async () => {
    const { pid } = spawnSync('true');
    await writeFile(path, JSON.stringify({ pid, startTime: '1' }));
    await takeLock(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('takes over from a process whose id has gone to another', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: '1' }));
    await takeLock(path);
    expect(JSON.parse(await readFile(path, 'utf8'))).not.toMatchObject({ startTime: '1' });
  });

  it.each(['', '{', '{"pid":0}', 'null'])('takes over a lock that says %j', async (text) => {
    await writeFile(path, text);
    await takeLock(path);
  });

  it('lets exactly one of many take over', async () => {
    await writeFile(path, JSON.stringify({ pid: process.pid, startTime: '1' }));
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });

  it('respects a live process of another program', async () => {
    const child = spawn('sleep', ['30']);
    try {
      const { pid } = child;
      await writeFile(path, JSON.stringify({ pid, startTime: await processStartTime(pid!) }));
      await expect(takeLock(path)).rejects.toMatchObject({ code: 'A_LOCK' });
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('does not release a lock that has gone to another', async () => {
    const release = await takeLock(path);
    await writeFile(path, 'somebody else');
    await release();
    expect(await readFile(path, 'utf8')).toBe('somebody else');
  });
});

describe('parseStartTime', () => {
  it('finds field 22, whatever the command is called', () => {
    const rest = Array.from({ length: 40 }, (_, i) => String(i + 3)).join(' ');
    expect(parseStartTime(`7 (a) b (c) ${rest}`)).toBe('22');
    expect(parseStartTime('7 (a)')).toBeNull();
  });
});
