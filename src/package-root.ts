import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above with a package.json: sources, build and bundle lie at different depths. */
function above(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : above(dirname(folder));
}

/** Absolute path of hullcast's own package. */
export const PACKAGE_ROOT = above(dirname(fileURLToPath(import.meta.url)));

/** Where the build puts what it makes besides modules. */
export const BUILT = join(PACKAGE_ROOT, 'dist/src');
