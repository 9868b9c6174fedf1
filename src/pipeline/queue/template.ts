import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT } from '../../package-root.js';

/**
 * Where the build puts an empty database of the queue (a gzipped tar, made by make-template.ts): to unpack it takes a
 * third of the CPU that PostgreSQL's initdb takes, in every new home.
 */
export const TEMPLATE = join(BUILT, 'pipeline/queue/template.tar.gz');

/** The template; undefined where there is none, as when sources run unbuilt. */
export async function readTemplate(): Promise<Blob | undefined> {
  try {
    return new Blob([await readFile(TEMPLATE)]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
