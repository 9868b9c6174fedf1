import { HullcastError } from '../../errors.js';
import { IFRAME_PLAYLIST, MANIFEST, MASTER_PLAYLIST, MEDIA_PLAYLIST } from '../packager/args.js';
import { folderOf, initName } from '../packager/names.js';
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

/** What players are told of a rendition, by key period. */
interface Signalled {
  /** Elements for the MPD. */
  elements: string[][];
  /** EXT-X-SESSION-KEY lines. */
  session: string[];
}

/** Signals the key of one period in a rendition's initialisation segment. */
async function signalInit(
  path: string,
  { encryption, signalling: given }: Protection,
  rendition: ProtectedRendition,
  files: PackageFiles,
): Promise<SystemSignalling[]> {
  const init = await files.read(path);
  const signalled = renditionSignalling({
    ...{ encryption, given, key: rendition, made: psshBoxes(init) },
    iv: encryption.scheme === 'cbcs' ? rendition.iv : undefined,
  });
  const boxes = signalled.flatMap(({ pssh }) => pssh ?? []);
  await files.write(path, withPssh(init, boxes));
  return signalled;
}

/** Signals a rendition's keys in its initialisation segments and its playlists. */
async function signalRendition(
  id: string,
  folder: string,
  playlists: readonly string[],
  protections: readonly Protection[],
  files: PackageFiles,
): Promise<Signalled> {
  const blocks: string[][] = [];
  const signalled: Signalled = { elements: [], session: [] };
  for (const protection of protections) {
    const rendition = protection.renditions.get(id)!;
    const path = `${folder}/${initName(protection.period.index)}`;
    const systems = await signalInit(path, protection, rendition, files);
    const media = mp4Protection(protection.encryption.scheme, rendition.kid);
    signalled.elements.push([media, ...systems.flatMap(({ dash }) => dash)]);
    signalled.session.push(...systems.flatMap(({ master }) => master));
    blocks.push(systems.flatMap((system) => system.media));
  }
  for (const name of playlists) {
    await editText(files, `${folder}/${name}`, (text) => {
      if (text.includes('\n#EXT-X-KEY:')) return withKeyLines(text, blocks);
      throw new HullcastError('PACKAGE_MANIFEST', `the packager's ${folder}/${name} names no key`, {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      });
    });
  }
  return signalled;
}

/**
 * Tells players of the keys: in initialisation segments, playlists and MPD, instead of what the packager wrote there. Session
 * keys, of all key periods, are for FairPlay, whose offline playback wants them, or for a key service that gives some; then of
 * all systems, as players choose a system by them. Gives the title's MPD as each key period would have it, which is the MPD
 * where there is one. Throws DRM_SIGNALLING, PACKAGE_INIT and PACKAGE_MANIFEST.
 */
export async function applyProtection(
  { videos, audios }: PackageParams,
  protections: readonly Protection[],
  files: PackageFiles,
): Promise<string[]> {
  const all = [
    ...videos.map(({ id }) => ({
      id,
      folder: folderOf('video', id),
      playlists: [MEDIA_PLAYLIST, IFRAME_PLAYLIST],
    })),
    ...audios.map(({ id }) => ({ id, folder: folderOf('audio', id), playlists: [MEDIA_PLAYLIST] })),
  ];
  const signalled = new Map<string, Signalled>();
  for (const { id, folder, playlists } of all) {
    signalled.set(folder, await signalRendition(id, folder, playlists, protections, files));
  }
  const wanted = protections.some(
    ({ encryption: { systems }, signalling }) =>
      systems.includes('fairplay') || signalling.some(({ hlsMaster }) => hlsMaster),
  );
  if (wanted) {
    const session = [...signalled.values()].flatMap((one) => one.session);
    await editText(files, MASTER_PLAYLIST, (master) => withSessionKeys(master, session));
  }
  const mpd = (await files.read(MANIFEST)).toString('utf8');
  return protections.map((_, period) => {
    const elements = [...signalled].map(([folder, one]) => [folder, one.elements[period] ?? []] as const);
    return withProtection(mpd, new Map(elements));
  });
}
