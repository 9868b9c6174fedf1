import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HullcastError } from '../../errors.js';
import type { StageContext } from '../../pipeline/index.js';
import type { PackagedFile } from '../types.js';
import type { ReadBytes } from './package-view.js';

/** Lays the package's files out under `root`; gives where each lies, by its path in the package. Throws PACKAGE_PATH. */
export async function layOut(
  files: readonly PackagedFile[],
  root: string,
  context: StageContext,
): Promise<Map<string, string>> {
  const laid = new Map<string, string>();
  for (const { path, blob } of files) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')) {
      throw new HullcastError('PACKAGE_PATH', `"${path}" cannot be the path of a file in a package`, {
        hint: 'Paths in a package are relative, with forward slashes, and stay inside it.',
      });
    }
    const stored = await context.path(blob);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(stored, join(root, path));
    laid.set(path, stored);
  }
  return laid;
}

/** Reads files that were laid out, from where they lie. */
export function readerOf(laid: ReadonlyMap<string, string>): ReadBytes {
  return async (path) => {
    const stored = laid.get(path);
    return stored === undefined ? undefined : readFile(stored);
  };
}
