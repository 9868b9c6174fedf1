import { constants } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { HullcastError, badUsage } from '../errors.js';

/** One file of a title as it is laid out for viewers. */
export interface PublishFile {
  /** Relative path with forward slashes. */
  path: string;
  /** Where the bytes are: a local file, or text. */
  from: { file: string } | { text: string };
}

/** Every title has one. */
const REPORT = 'report.json';
/** What stands at the top of a title's folder. */
const OWN =
  /^(?:audio|images|text|video|master(?:\.[\w-]+)?\.m3u8|manifest(?:\.[\w-]+)?\.mpd|(?:markers|report|watermark)\.json|report\.html)$/;

/** Whether a file is the report of a title; somebody else may have files of that name too. */
async function isReport(path: string): Promise<boolean> {
  try {
    const report = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown> | null;
    return typeof report?.['schemaVersion'] === 'number' && Array.isArray(report['renditions']);
  } catch {
    return false; // gone, a folder, or no JSON
  }
}

/**
 * Refuses an output folder that holds anything but an earlier title, as all of it would be replaced; to be asked before any
 * work is done. Throws OUT_NOT_EMPTY or OUT_NOT_FOLDER (bad usage).
 */
export async function checkOutput(out: string): Promise<void> {
  if (out.trim() === '') {
    throw badUsage('OUT_NOT_FOLDER', '--out is empty', 'Name a folder; a variable may not be set.');
  }
  const found = await stat(out).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw badUsage('OUT_NOT_FOLDER', `--out ${out} cannot be used: ${error.message}`, 'Name another folder.');
  });
  if (!found) return;
  if (!found.isDirectory())
    throw badUsage('OUT_NOT_FOLDER', `--out ${out} is a file, not a folder`, 'Name a folder.');
  const names = await readdir(out);
  if (names.length === 0) return;
  const foreign = names.find((name) => !OWN.test(name));
  const hint = 'Name an empty or a new folder: what is in this one would be removed.';
  if (foreign !== undefined) {
    throw badUsage('OUT_NOT_EMPTY', `--out ${out} holds ${foreign}, which is of no title`, hint);
  }
  if (!(await isReport(join(out, REPORT)))) {
    throw badUsage(
      'OUT_NOT_EMPTY',
      `--out ${out} holds files, and no title: there is no report of one`,
      hint,
    );
  }
}

/**
 * Writes a title into `out` so that it is there as a whole or not at all: everything goes into a folder beside it,
 * which then takes its place. Throws DISK_FULL, OUT_NOT_WRITABLE and what `checkOutput` throws; what was in `out` before
 * then still is.
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
    await checkOutput(target); // hours may have passed
    await rm(former, { recursive: true, force: true });
    await rename(target, former).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // nothing to replace is the usual case
    });
    await rename(staging, target);
    await rm(former, { recursive: true, force: true });
  } catch (cause) {
    await rm(staging, { recursive: true, force: true });
    if (cause instanceof HullcastError) throw cause;
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
