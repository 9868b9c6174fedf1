import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { type PackageFiles, applyProtection } from '../drm/apply.js';
import { checkEncryption } from '../drm/check.js';
import { type Protection, obtainProtection } from '../drm/protection.js';
import { packageByPeriods } from '../rotation/encrypt.js';
import { splitMpd } from '../rotation/split-mpd.js';
import { writeTexts } from '../text/write.js';
import { addThumbnails } from '../thumbnails/add.js';
import { mpdWithThumbnails } from '../thumbnails/dash.js';
import type { PackageParams, PackageResult, PackagedFile } from '../types.js';
import {
  AUDIO_MANIFEST,
  AUDIO_MASTER_PLAYLIST,
  INPUT_FOLDER,
  MANIFEST,
  OUTPUT_FOLDER,
  audioPackagerArgs,
  videoPackagerArgs,
} from './args.js';
import { checkPackageInput } from './boundaries.js';
import { writeManifests } from './manifests.js';
import { folderOf, initName } from './names.js';
import { runPackager } from './run.js';
import { appendToSampleEntries, lightBoxes } from './sample-entry.js';

/** Puts the renditions where the packager's arguments say, under their ids. */
async function layInputs({ videos, audios }: PackageParams, context: StageContext): Promise<void> {
  const folder = join(context.scratch, INPUT_FOLDER);
  await mkdir(folder);
  for (const { id, blob } of [...videos, ...audios])
    await symlink(await context.path(blob), join(folder, id));
}

/** Puts the HDR metadata of renditions where players look for it, in each of so many key periods. */
async function addLight({ videos }: PackageParams, periods: number, root: string): Promise<void> {
  for (const { id, hdr } of videos) {
    if (!hdr) continue;
    for (let period = 0; period < periods; period += 1) {
      const path = join(root, folderOf('video', id), initName(period));
      await writeFile(path, appendToSampleEntries(await readFile(path), lightBoxes(hdr)));
    }
  }
}

/** Writes pictures and sound, as the packager does: with tags of keys that are its own. */
async function writeMedia(
  params: PackageParams,
  protections: readonly Protection[],
  context: StageContext,
): Promise<void> {
  const { videos, audios } = params;
  const { frames } = checkPackageInput(params);
  if (protections.length > 1) {
    await packageByPeriods(params, protections, context);
    return;
  }
  const [protection] = protections;
  await runPackager(context, videoPackagerArgs(params), frames, protection, videos);
  if (audios.length > 0) await runPackager(context, audioPackagerArgs(params), frames, protection, audios);
}

/** Writes what players are told of keys and of thumbnails, and the MPD with its periods. */
async function complete(
  params: PackageParams,
  protections: readonly Protection[],
  root: string,
  files: PackageFiles,
): Promise<void> {
  const { thumbnails, videos } = params;
  const protect = protections.length > 0;
  const mpds = protect
    ? await applyProtection(params, protections, files)
    : [(await files.read(MANIFEST)).toString('utf8')];
  const complete = thumbnails ? mpds.map((mpd) => mpdWithThumbnails(mpd, thumbnails)) : mpds;
  if (thumbnails) await addThumbnails(thumbnails, root);
  const periods = protections.map(({ period }) => period);
  await files.write(MANIFEST, periods.length > 1 ? splitMpd(complete, periods, videos[0]!) : complete[0]!);
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
  const { encryption } = params;
  checkPackageInput(params);
  checkEncryption(params);
  const root = join(context.scratch, OUTPUT_FOLDER);
  const protections = encryption ? await obtainProtection(encryption, params, context, 'package') : [];
  await layInputs(params, context);
  await writeMedia(params, protections, context);

  await addLight(params, Math.max(1, protections.length), root);
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  const write = (path: string, content: string | Buffer): Promise<void> =>
    writeFile(join(root, path), content);
  const texts = await writeTexts(params, root, context);
  await writeManifests(params, root, { read, write }, texts);
  await complete(params, protections, root, { read: (path) => readFile(join(root, path)), write });
  await Promise.all(
    [AUDIO_MANIFEST, AUDIO_MASTER_PLAYLIST].map((name) => rm(join(root, name), { force: true })),
  );

  const paths = await filesBelow(root);
  const files: PackagedFile[] = [];
  for (const [index, path] of paths.entries()) {
    files.push({ path, blob: await context.keep(join(root, path)) });
    context.progress(index + 1, paths.length);
  }
  return {
    files,
    packagerVersion: context.tools.packager.version,
    ...(protections.length > 0 && {
      protection: protections
        .flatMap(({ renditions }) => [...renditions.values()])
        .map(({ key: _key, ...facts }) => facts),
    }),
  };
}

/**
 * Cuts renditions into CMAF segments and writes one HLS and one static DASH manifest for both, with a period for every key
 * period. Throws PACKAGE_INPUT
 * where the renditions do not fit together PACKAGE_SEGMENTS where the segments are not the groups of pictures, and
 * PACKAGE_INIT and PACKAGE_MANIFEST where the packager wrote something else than it is known to. Encrypts where `encryption`
 * is given; then it also throws DRM_… and what the key service throws.
 */
export const packageStage: Stage<PackageParams, PackageResult> = {
  name: 'package',
  version: 6,
  uses: ['packager'],
  run,
};
