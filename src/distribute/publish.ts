import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HullcastError, badUsage } from '../errors.js';

/** One file of a title as it is laid out for viewers. */
export interface PublishFile {
  /** Relative path with forward slashes. */
  path: string;
  /** Where the bytes are: a local file, or text. */
  from: { file: string } | { text: string };
}

/** A folder that holds this file was published by hullcast and may be replaced by a newer title. */
const MARKER = 'report.json';

/**
 * Refuses an output folder that holds something else, before any work is done.
 * Throws OUT_NOT_EMPTY or OUT_NOT_FOLDER (bad usage).
 */
export async function checkOutput(out: string): Promise<void> {
  const found = await stat(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw badUsage('OUT_NOT_FOLDER', `--out ${out} cannot be used: ${error.message}`);
  });
  if (!found) return;
  if (!found.isDirectory()) throw badUsage('OUT_NOT_FOLDER', `--out ${out} is a file, not a folder`);
  const names = await readdir(out);
  if (names.length > 0 && !names.includes(MARKER)) {
    throw badUsage(
      'OUT_NOT_EMPTY',
      `--out ${out} holds files that hullcast did not make`,
      'Name an empty or a new folder.',
    );
  }
}

/**
 * Writes a title into `out` so that it is there as a whole or not at all: everything goes into a folder beside it,
 * which then takes its place. Throws DISK_FULL or OUT_NOT_WRITABLE; what was in `out` before then still is.
 */
export async function publishFolder(out: string, files: readonly PublishFile[]): Promise<void> {
  const target = resolve(out);
  const staging = join(dirname(target), `.${basename(target)}.hullcast-partial`);
  const former = join(dirname(target), `.${basename(target)}.hullcast-former`);
  try {
    await mkdir(dirname(target), { recursive: true });
    await rm(staging, { recursive: true, force: true });
    await mkdir(staging);
    for (const { path, from } of files) {
      const to = join(staging, ...path.split('/'));
      await mkdir(dirname(to), { recursive: true });
      if ('text' in from) await writeFile(to, from.text);
      else await copyFile(from.file, to, constants.COPYFILE_FICLONE);
    }
    await rm(former, { recursive: true, force: true });
    await rename(target, former).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // nothing to replace is the usual case
    });
    await rename(staging, target);
    await rm(former, { recursive: true, force: true });
  } catch (cause) {
    await rm(staging, { recursive: true, force: true });
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') {
      throw new HullcastError('DISK_FULL', `no space left while writing ${out}`, {
        hint: 'Free some space and run the same command again: nothing is encoded twice.',
        transient: true,
        cause,
      });
    }
    throw new HullcastError('OUT_NOT_WRITABLE', `cannot write ${out}: ${message}`, { cause });
  }
}
