import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';

/** Where bundles go: inside the checkout, so that they find its packages. */
const OUT = join(import.meta.dirname, '../../node_modules/.cache/hullcast-test');

export interface Script {
  /** Starts the script in a process of its own. Its standard error is this process's. */
  start(...args: string[]): ChildProcess;
  cleanUp(): Promise<void>;
}

/** Bundles a TypeScript file of a folder (this one unless given) so that plain Node runs it. */
export async function bundleScript(name: string, folder = import.meta.dirname): Promise<Script> {
  await mkdir(OUT, { recursive: true });
  const outfile = join(OUT, `${name}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(folder, `${name}.ts`)],
    ...{ bundle: true, platform: 'node', format: 'esm', packages: 'external', target: 'node20', outfile },
  });
  return {
    start: (...args) => spawn(process.execPath, [outfile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
    cleanUp: () => rm(outfile, { force: true }),
  };
}

/** Waits until the process has printed `count` lines that match. Rejects if it ends before. */
export function printed(child: ChildProcess, pattern: RegExp, count = 1): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = 0;
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      if (pattern.test(line) && (seen += 1) === count) resolve();
    });
    child.once('exit', (code) =>
      reject(new Error(`ended with ${code} before it printed ${pattern} ${count} times`)),
    );
  });
}

/** Kills with SIGKILL and waits for the end. */
export async function killHard(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}
