import { createHash, randomUUID } from 'node:crypto';
import { access, constants, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HullcastError } from '../../../errors.js';
import { asDiskError } from '../../../storage/index.js';
import type { FileIdentity } from './master-file.js';

const keptSchema = z.object({
  server: z.string(),
  path: z.string(),
  bytes: z.number().int(),
  mtimeNs: z.string(),
  url: z.string(),
  /** Every byte has arrived. */
  finished: z.boolean(),
});

/** What is remembered of an upload, so that a later run of the command can go on with it. */
export type KeptUpload = z.infer<typeof keptSchema>;

type Key = Pick<KeptUpload, 'server'> & FileIdentity;

/** Nobody goes on with an upload after so long; the server has removed it long before. */
const FORGOTTEN_MS = 30 * 86_400_000;

function digestOf({ server, path, bytes, mtimeNs }: Key): string {
  return createHash('sha256')
    .update(JSON.stringify([server, path, bytes, mtimeNs]))
    .digest('hex');
}

/** The file that an upload of this file to this server is remembered in. */
export function keptPath(folder: string, key: Key): string {
  return join(folder, `${digestOf(key)}.json`);
}

/** Undefined where there is none, or one of another version of hullcast: then the upload begins anew. */
async function read(path: string): Promise<KeptUpload | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  try {
    return keptSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON: nobody's, or cut short by a power failure
  }
}

/** What is remembered of this very file, unchanged. */
export function findKept(folder: string, key: Key): Promise<KeptUpload | undefined> {
  return read(keptPath(folder, key));
}

/** What is remembered of the same path as it was before it was changed. */
export async function findOutdated(folder: string, key: Key): Promise<KeptUpload[]> {
  const own = keptPath(folder, key);
  const paths = (await fileNames(folder)).map((name) => join(folder, name)).filter((path) => path !== own);
  const found = await Promise.all(paths.map(read));
  const isSame = (one: KeptUpload): boolean => one.server === key.server && one.path === key.path;
  return found.flatMap((one) => (one && isSame(one) ? [one] : []));
}

async function fileNames(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => name.endsWith('.json'));
}

/** Remembers an upload: written as a whole or not at all, readable by its owner alone. Throws DISK_FULL. */
export async function keep(folder: string, upload: KeptUpload): Promise<void> {
  const path = keptPath(folder, upload);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, JSON.stringify(upload), { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw asDiskError(error, path);
  }
}

export async function forget(folder: string, key: Key): Promise<void> {
  await rm(keptPath(folder, key), { force: true });
}

/** Makes the folder, and forgets what is too old to be of use. Throws HOME_NOT_WRITABLE, DISK_FULL. */
export async function openKept(folder: string, nowMs = Date.now()): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw notWritable(folder, asDiskError(error, folder));
  }
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined); // another command may have removed it just now
    if (found && nowMs - found.mtimeMs > FORGOTTEN_MS) await rm(path, { force: true });
  }
}

function notWritable(folder: string, error: unknown): unknown {
  if (error instanceof HullcastError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new HullcastError(
    'HOME_NOT_WRITABLE',
    `uploads cannot be remembered in ${folder} (${code ?? message})`,
    { hint: 'Set HULLCAST_HOME, or --home, to a folder that you may write to.', cause: error },
  );
}
