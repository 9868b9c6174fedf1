import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { timeLimitMs, withNamedPipe } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { applyProtection } from '../drm/apply.js';
import { checkEncryption } from '../drm/check.js';
import { KEYS_PIPE, keysFlags } from '../drm/packager-args.js';
import { type Protection, obtainProtection, secretsOf } from '../drm/protection.js';
import { writeTexts } from '../text/write.js';
import { addThumbnails } from '../thumbnails/add.js';
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
import { appendToSampleEntries, lightBoxes } from './sample-entry.js';

/** Puts the renditions where the packager's arguments say, under their ids. */
async function layInputs({ videos, audios }: PackageParams, context: StageContext): Promise<void> {
  const folder = join(context.scratch, INPUT_FOLDER);
  await mkdir(folder);
  for (const { id, blob } of [...videos, ...audios])
    await symlink(await context.path(blob), join(folder, id));
}

/** Runs the packager over some renditions, which it encrypts with the keys of `protection`. */
async function runPackager(
  context: StageContext,
  args: string[],
  frames: number,
  protection: Protection | undefined,
  renditions: readonly { id: string }[],
): Promise<void> {
  const request = {
    file: context.tools.packager.path,
    args,
    cwd: context.scratch,
    timeoutMs: timeLimitMs(frames),
    signal: context.signal,
  };
  if (!protection) {
    await context.run(request);
    return;
  }
  const ids = renditions.map(({ id }) => id);
  const pipe = join(context.scratch, KEYS_PIPE);
  await withNamedPipe(context.run, pipe, keysFlags(protection, ids), () =>
    context.run({ ...request, secrets: secretsOf(protection) }),
  );
  await rm(pipe);
}

/** Puts the HDR metadata of renditions where players look for it. */
async function addLight({ videos }: PackageParams, root: string): Promise<void> {
  for (const { id, hdr } of videos) {
    if (!hdr) continue;
    const path = join(root, folderOf('video', id), 'init.mp4');
    await writeFile(path, appendToSampleEntries(await readFile(path), lightBoxes(hdr)));
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
  const { videos, audios, encryption } = params;
  const { frames } = checkPackageInput(params);
  checkEncryption(params);
  const root = join(context.scratch, OUTPUT_FOLDER);
  const protection = encryption && (await obtainProtection(encryption, params, context, 'package'));
  await layInputs(params, context);
  await runPackager(context, videoPackagerArgs(params), frames, protection, videos);
  if (audios.length > 0) await runPackager(context, audioPackagerArgs(params), frames, protection, audios);

  await addLight(params, root);
  const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
  const write = (path: string, content: string | Buffer): Promise<void> =>
    writeFile(join(root, path), content);
  const texts = await writeTexts(params, root, context);
  await writeManifests(params, root, { read, write }, texts);
  if (protection) {
    await applyProtection(params, protection, { read: (path) => readFile(join(root, path)), write });
  }
  if (params.thumbnails) await addThumbnails(params.thumbnails, root);
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
    ...(protection && {
      protection: [...protection.renditions.values()].map(({ id, label, kid, iv }) => ({
        id,
        label,
        kid,
        iv,
      })),
    }),
  };
}

/**
 * Cuts renditions into CMAF segments and writes one HLS and one static DASH manifest for both. Throws PACKAGE_INPUT
 * where the renditions do not fit together PACKAGE_SEGMENTS where the segments are not the groups of pictures, and
 * PACKAGE_INIT and PACKAGE_MANIFEST where the packager wrote something else than it is known to. Encrypts where `encryption`
 * is given; then it also throws DRM_… and what the key service throws.
 */
export const packageStage: Stage<PackageParams, PackageResult> = {
  name: 'package',
  version: 4,
  uses: ['packager'],
  run,
};
