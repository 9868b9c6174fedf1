import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest package.json above this file: sources and build lie at different depths. */
function packageJson(folder = dirname(fileURLToPath(import.meta.url))): string {
  const path = join(folder, 'package.json');
  return existsSync(path) ? path : packageJson(dirname(folder));
}

/** hullcast's version, e.g. `0.1.0`. */
export const HULLCAST_VERSION = (JSON.parse(readFileSync(packageJson(), 'utf8')) as { version: string })
  .version;
