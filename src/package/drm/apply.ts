import { HullcastError } from '../../errors.js';
import { IFRAME_PLAYLIST, MANIFEST, MASTER_PLAYLIST, MEDIA_PLAYLIST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import type { PackageParams } from '../types.js';
import { mp4Protection } from './content-protection.js';
import { withProtection } from './mpd.js';
import { withKeyLines, withSessionKeys } from './playlists.js';
import type { Protection, ProtectedRendition } from './protection.js';
import { psshBoxes, withPssh } from './pssh.js';
import { type SystemSignalling, renditionSignalling } from './signalling.js';

/** Files of the package, by path. */
export interface PackageFiles {
  read(path: string): Promise<Buffer>;
  write(path: string, content: Buffer | string): Promise<void>;
}

async function editText(files: PackageFiles, path: string, edit: (text: string) => string): Promise<void> {
  await files.write(path, edit((await files.read(path)).toString('utf8')));
}

/** Signals a rendition's key in its initialisation segment and its playlists. */
async function signalRendition(
  folder: string,
  playlists: readonly string[],
  rendition: ProtectedRendition,
  protection: Protection,
  files: PackageFiles,
): Promise<SystemSignalling[]> {
  const { encryption, signalling: given } = protection;
  const init = await files.read(`${folder}/init.mp4`);
  const signalled = renditionSignalling({
    ...{ encryption, given, key: rendition, made: psshBoxes(init) },
    iv: encryption.scheme === 'cbcs' ? rendition.iv : undefined,
  });
  await files.write(
    `${folder}/init.mp4`,
    withPssh(
      init,
      signalled.flatMap(({ pssh }) => pssh ?? []),
    ),
  );
  const lines = signalled.flatMap(({ media }) => media);
  for (const name of playlists) {
    await editText(files, `${folder}/${name}`, (text) => {
      if (text.includes('\n#EXT-X-KEY:')) return withKeyLines(text, lines);
      throw new HullcastError('PACKAGE_MANIFEST', `the packager's ${folder}/${name} names no key`, {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      });
    });
  }
  return signalled;
}

/**
 * Tells players of the keys: in initialisation segments, playlists and MPD, instead of what the packager wrote there. Session
 * keys are for FairPlay, whose offline playback wants them, or for a key service that gives some; then of all systems, as
 * players choose a system by them. Throws DRM_SIGNALLING, PACKAGE_INIT and PACKAGE_MANIFEST.
 */
export async function applyProtection(
  { videos, audios }: PackageParams,
  protection: Protection,
  files: PackageFiles,
): Promise<void> {
  const { encryption, renditions, signalling } = protection;
  const elements = new Map<string, string[]>();
  const session: string[] = [];
  const all = [
    ...videos.map(({ id }) => ({
      id,
      folder: folderOf('video', id),
      playlists: [MEDIA_PLAYLIST, IFRAME_PLAYLIST],
    })),
    ...audios.map(({ id }) => ({ id, folder: folderOf('audio', id), playlists: [MEDIA_PLAYLIST] })),
  ];
  for (const { id, folder, playlists } of all) {
    const rendition = renditions.get(id)!;
    const signalled = await signalRendition(folder, playlists, rendition, protection, files);
    const media = mp4Protection(encryption.scheme, rendition.kid);
    elements.set(folder, [media, ...signalled.flatMap(({ dash }) => dash)]);
    session.push(...signalled.flatMap(({ master }) => master));
  }
  await editText(files, MANIFEST, (mpd) => withProtection(mpd, elements));
  if (encryption.systems.includes('fairplay') || signalling.some(({ hlsMaster }) => hlsMaster)) {
    await editText(files, MASTER_PLAYLIST, (master) => withSessionKeys(master, session));
  }
}
