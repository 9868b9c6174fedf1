import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { timeLimitMs } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import type { PackageParams, PackageResult, PackagedFile } from '../types.js';
import {
  AUDIO_MANIFEST,
  AUDIO_MASTER_PLAYLIST,
  INPUT_FOLDER,
  OUTPUT_FOLDER,
  audioPackagerArgs,
  videoPackagerArgs,
} from './args.js';
import { checkPackageInput } from './boundaries.js';
import { writeManifests } from './manifests.js';
import { folderOf } from './names.js';
import { appendToSampleEntry, lightBoxes } from './sample-entry.js';

/** Puts the renditions where the packager's arguments say, under their ids. */
async function layInputs({ videos, audios }: PackageParams, context: StageContext): Promise<void> {
  const folder = join(context.scratch, INPUT_FOLDER);
  await mkdir(folder);
  for (const { id, blob } of [...videos, ...audios])
    await symlink(await context.path(blob), join(folder, id));
}

async function runPackager(context: StageContext, args: string[], frames: number): Promise<void> {
  await context.run({
    file: context.tools.packager.path,
    args,
    cwd: context.scratch,
    timeoutMs: timeLimitMs(frames),
    signal: context.signal,
  });
}

/** Puts the HDR metadata of renditions where players look for it. */
async function addLight({ videos }: PackageParams, root: string): Promise<void> {
  for (const { id, hdr } of videos) {
    if (!hdr) continue;
    const path = join(root, folderOf('video', id), 'init.mp4');
    await writeFile(path, appendToSampleEntry(await readFile(path), lightBoxes(hdr)));
  }
}

/** Paths of all files below a folder, relative to it, forward slashes, sorted by code unit. */
async function filesBelow(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort((a, b) => (a < b ? -1 : 1));
}

async function run(params: PackageParams, context: StageContext): Promise<PackageResult> {
  const { frames } = checkPackageInput(params);
  const root = join(context.scratch, OUTPUT_FOLDER);
  await layInputs(params, context);
  await runPackager(context, videoPackagerArgs(params), frames);
  if (params.audios.length > 0) await runPackager(context, audioPackagerArgs(params), frames);

  await addLight(params, root);
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  await writeManifests(params, root, {
    read,
    write: (path, text) => writeFile(join(root, path), text),
  });
  await Promise.all(
    [AUDIO_MANIFEST, AUDIO_MASTER_PLAYLIST].map((name) => rm(join(root, name), { force: true })),
  );

  const paths = await filesBelow(root);
  const files: PackagedFile[] = [];
  for (const [index, path] of paths.entries()) {
    files.push({ path, blob: await context.keep(join(root, path)) });
    context.progress(index + 1, paths.length);
  }
  return { files, packagerVersion: context.tools.packager.version };
}

/**
 * Cuts renditions into CMAF segments and writes one HLS and one static DASH manifest for both. Throws PACKAGE_INPUT
 * where the renditions do not fit together PACKAGE_SEGMENTS where the segments are not the groups of pictures, and
 * PACKAGE_INIT and PACKAGE_MANIFEST where the packager wrote something else than it is known to.
 */
export const packageStage: Stage<PackageParams, PackageResult> = {
  name: 'package',
  version: 3,
  uses: ['packager'],
  run,
};
