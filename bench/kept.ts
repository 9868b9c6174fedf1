import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { canonicalJson } from '../src/pipeline/index.js';

/** Writes JSON, whole or not at all. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, `${JSON.stringify(value, undefined, 2)}\n`);
  await rename(`${path}.part`, path);
}

/** JSON that writeJson wrote; undefined where there is no such file. */
export async function readJson<T>(path: string): Promise<T | undefined> {
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as T) : undefined;
}

/**
 * A result that is computed once and kept in a file, with what it depends on; computed again where that has changed.
 * `from` and the result are plain JSON.
 */
export async function kept<T>(path: string, from: unknown, compute: () => Promise<T>): Promise<T> {
  const dependsOn = canonicalJson(from);
  const found = await readJson<{ dependsOn: string; result: T }>(path);
  if (found?.dependsOn === dependsOn) return found.result;
  const result = await compute();
  await writeJson(path, { dependsOn, result });
  return result;
}
