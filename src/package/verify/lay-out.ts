import { mkdir, readFile, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HullcastError } from '../../errors.js';
import type { StageContext } from '../../pipeline/index.js';
import type { PackagedFile } from '../types.js';
import type { ReadBytes } from './disk.js';

/** Lays the package's files out under `root`; gives a reader of them. Throws PACKAGE_PATH. */
export async function layOut(
  files: readonly PackagedFile[],
  root: string,
  context: StageContext,
): Promise<ReadBytes> {
  const known = new Set<string>();
  for (const { path, blob } of files) {
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..') || path.includes('\0')) {
      throw new HullcastError('PACKAGE_PATH', `"${path}" cannot be the path of a file in a package`, {
        hint: 'Paths in a package are relative, with forward slashes, and stay inside it.',
      });
    }
    await mkdir(dirname(join(root, path)), { recursive: true });
    await symlink(await context.path(blob), join(root, path));
    known.add(path);
  }
  return (path) => (known.has(path) ? readFile(join(root, path)) : Promise.resolve(undefined));
}
