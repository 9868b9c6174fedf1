import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The forms in which a key could show up somewhere. */
function formsOf(key: Buffer): Buffer[] {
  const hex = key.toString('hex');
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const base64 = key.toString('base64');
  const texts = [hex, hex.toUpperCase(), uuid, base64.replaceAll('=', ''), key.toString('base64url')];
  // As JSON and as what prints a buffer, or its bytes.
  const bytes = [hex.match(/../g)!.join(' '), [...key].join(','), [...key].join(', ')];
  return [key, ...[...texts, ...bytes].map((text) => Buffer.from(text))];
}

/** Whether a text or bytes hold a key in any form. */
export function holdsKey(haystack: Buffer | string, keys: readonly Buffer[]): boolean {
  const bytes = Buffer.from(haystack);
  return keys.some((key) => formsOf(key).some((form) => bytes.includes(form)));
}

/** Paths of files below a folder that hold a key in any form, in their content or name; and how many were looked at. */
export async function filesWithKeys(
  folder: string,
  keys: readonly Buffer[],
): Promise<{ found: string[]; looked: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const path of paths)
    if (holdsKey(path, keys) || holdsKey(await readFile(path), keys)) found.push(path);
  return { found, looked: paths.length };
}
