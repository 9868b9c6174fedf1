import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll } from 'vitest';

export interface CliResult {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
  /** Every line of standard output, parsed. Throws where one is no JSON. */
  lines(): { type: string; [field: string]: unknown }[];
}

const MAIN = resolve('bin/hullcast.js');

/** Flags that make a small title quickly. */
export const QUICK = ['--preset', 'ultrafast', '--speed', 'draft', '--score', '9'];

/** The same without images, which cost as much as a small title's ladder. */
export const LEAN = [...QUICK, '--no-images'];

/** Starts the built command line as users do, in a process of its own. `npm test` builds it first. */
export function startCli(
  args: readonly string[],
  options: { home: string; cwd?: string },
): ReturnType<typeof spawn> {
  return spawn(args, options);
}

function spawn(args: readonly string[], { home, cwd }: { home: string; cwd?: string }) {
  return execa(process.execPath, [MAIN, ...args], {
    reject: false,
    env: { HULLCAST_HOME: home },
    ...(cwd === undefined ? {} : { cwd }),
  });
}

export async function cli(
  args: readonly string[],
  options: { home: string; cwd?: string },
): Promise<CliResult> {
  const { exitCode, stdout, stderr } = await spawn(args, options);
  return {
    ...{ exitCode, stdout, stderr },
    lines: () =>
      stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { type: string }),
  };
}

/** A temporary folder of this test file, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-e2e-'));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** SHA-256 of every file below a folder, by path; without the report, which tells of time. */
export async function digestsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('report.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digests = files.map(async (file): Promise<[string, string]> => [
    file.slice(folder.length + 1),
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(digests));
}
