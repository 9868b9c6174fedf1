import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../src/services/client/index.js';
import { TOKEN } from './fake-server.js';

/** Patience of tests. */
export const QUICK = { tries: 4, firstMs: 10, longestMs: 1500 };

export function connection(server: string, more: Partial<Connection> = {}): Connection {
  return { server, token: TOKEN, signal: new AbortController().signal, patience: QUICK, ...more };
}

export interface Scratch {
  folder: string;
  /** Writes a file that nothing can guess; gives its path and bytes. */
  file(name: string, bytes: number): Promise<{ path: string; content: Buffer }>;
  cleanUp(): Promise<void>;
}

export async function scratchFolder(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-client-'));
  return {
    folder,
    file: async (name, bytes) => {
      const content = randomBytes(bytes);
      const path = join(folder, name);
      await writeFile(path, content);
      return { path, content };
    },
    cleanUp: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The error that a promise rejects with; fails where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  if (outcome === undefined) throw new Error('it was fulfilled');
  return outcome;
}

/** Waits until the condition holds; fails after ten seconds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not within 10 s: ${condition.toString()}`);
    await new Promise((done) => setTimeout(done, 5));
  }
}
