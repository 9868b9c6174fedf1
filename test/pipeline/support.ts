import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Logger } from 'pino';
import type { Tools } from '../../src/media/index.js';
import { type Stage, embeddedQueue } from '../../src/pipeline/index.js';

/** Tools that nobody starts; only their versions matter, to the artifact keys. */
export const TOOLS: Tools = {
  ffmpeg: { name: 'ffmpeg', path: '/nowhere/ffmpeg', version: '7.0', origin: 'test' },
  ffprobe: { name: 'ffprobe', path: '/nowhere/ffprobe', version: '6.1', origin: 'test' },
  packager: { name: 'packager', path: '/nowhere/packager', version: '3.4', origin: 'test' },
};

/** A stage from a function; its runs are counted by the JSON of their parameters. */
export function countedStage<P, R>(
  name: string,
  run: Stage<P, R>['run'],
): Stage<P, R> & { runs: Map<string, number>; total(): number } {
  const runs = new Map<string, number>();
  return {
    ...{ name, version: 1, uses: [], runs },
    total: () => [...runs.values()].reduce((sum, count) => sum + count, 0),
    run: (params, context) => {
      const id = JSON.stringify(params);
      runs.set(id, (runs.get(id) ?? 0) + 1);
      return run(params, context);
    },
  };
}

export interface CapturedLog {
  log: Logger;
  /** Messages of warnings and errors. */
  messages: string[];
}

export function capturedLog(): CapturedLog {
  const messages: string[] = [];
  const write = (line: string): number => messages.push((JSON.parse(line) as { msg: string }).msg);
  return { log: pino({ level: 'warn' }, { write }), messages };
}

export const silent = pino({ level: 'silent' });

/** A temporary folder in which homes start with a ready queue database, whose making takes seconds. */
export async function homes(): Promise<{ root: string; make(): Promise<string>; cleanUp(): Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'hullcast-homes-'));
  const template = join(root, 'queue');
  const queue = embeddedQueue(template, silent);
  await queue.start();
  await queue.stop();
  let count = 0;
  return {
    root,
    async make() {
      const home = join(root, `home-${(count += 1)}`);
      await cp(template, join(home, 'queue'), { recursive: true });
      return home;
    },
    cleanUp: () => rm(root, { recursive: true, force: true }),
  };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until the condition holds; fails after `limitMs`. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 20_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${condition.toString()}`);
    await sleep(10);
  }
}

/** True while the process runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
