import { isDeepStrictEqual } from 'node:util';
import type { ProtectedRendition, Protection } from '../drm/protection.js';
import { psshBoxes } from '../drm/pssh.js';
import { SYSTEM_ID } from '../drm/systems.js';
import { IFRAME_PLAYLIST, MANIFEST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import type { VerifyParams } from '../types.js';
import type { OnDisk } from './disk.js';
import type { Listed } from './listing.js';
import type { PackageView } from './package-view.js';

/** What CMAF asks of a scheme: blocks of a pattern (for pictures), bytes of the IVs in samples. */
const FORM = { cbcs: { pattern: [1, 9], ivBytes: 0 }, cenc: { pattern: [0, 0], ivBytes: 8 } } as const;

interface Wanted {
  kind: 'video' | 'audio';
  folder: string;
  rendition: ProtectedRendition;
}

/** What the sample entry says against what the title asks for. */
function checkInit(
  { kind, rendition }: Wanted,
  protection: Protection,
  listed: Listed,
  disk: OnDisk,
  view: PackageView,
): void {
  const found = disk.init?.tracks[0]?.protection;
  const { scheme } = protection.encryption;
  const { pattern, ivBytes } = FORM[scheme];
  const wanted = {
    ...{ scheme, kid: rendition.kid, ivBytes },
    constantIv: scheme === 'cbcs' ? rendition.iv : undefined,
    pattern: kind === 'audio' ? [0, 0] : [...pattern],
  };
  const { format: _, ...said } = found ?? { format: '' };
  if (!isDeepStrictEqual(said, wanted)) {
    const text = `its protection is ${JSON.stringify(said)}, not ${JSON.stringify(wanted)}`;
    view.findings.add('encryption-wrong', listed.init, text);
  }
}

/** The boxes of the systems in an initialisation segment; FairPlay has none unless its key service gives one. */
async function checkBoxes({ encryption }: Protection, listed: Listed, view: PackageView): Promise<void> {
  const init = await view.read(listed.init);
  const boxes = init ? psshBoxes(init).map(({ systemId }) => systemId) : [];
  for (const system of encryption.systems) {
    if (system === 'fairplay' || boxes.includes(SYSTEM_ID[system])) continue;
    view.findings.add('key-signalling-wrong', listed.init, `it has no pssh box for ${system}`);
  }
}

/** Every sample of every segment after the clear lead must be encrypted, and no playlist may tell otherwise. */
function checkSegments({ encryption }: Protection, listed: Listed, disk: OnDisk, view: PackageView): void {
  // Times of decoding, as the packager counts them: an edit list that hides a beginning is not among them.
  const lead = Math.floor(encryption.clearLeadSeconds * disk.timescale);
  for (const [index, segment] of disk.segments.entries()) {
    const { path, keyed } = listed.segments[index] ?? { path: listed.file, keyed: undefined };
    if (!segment) continue; // reported as missing or unreadable
    const encrypted = segment.start >= lead;
    if (segment.protectedSamples !== (encrypted ? segment.samples : 0)) {
      const text = `${segment.protectedSamples} of its ${segment.samples} samples are encrypted`;
      view.findings.add('encryption-wrong', path, text);
    }
    if (keyed !== undefined && keyed !== encrypted) {
      view.findings.add(
        'key-signalling-wrong',
        listed.file,
        `${path} is listed ${keyed ? 'with' : 'without'} a key`,
      );
    }
  }
}

/** Lines with keys of a playlist, and the segment that they stand before. */
async function keysIn(path: string, view: PackageView): Promise<string[]> {
  const lines = (await view.read(path))?.toString('utf8').split('\n') ?? [];
  const last = lines.findLastIndex((line) => line.startsWith('#EXT-X-KEY:'));
  const next = lines.slice(last).find((line) => line !== '' && !line.startsWith('#'));
  return last < 0 ? [] : [...lines.filter((line) => line.startsWith('#EXT-X-KEY:')), next ?? ''];
}

async function checkTrickPlay({ folder }: Wanted, listed: Listed, view: PackageView): Promise<void> {
  const iframes = `${folder}/${IFRAME_PLAYLIST}`;
  if (!isDeepStrictEqual(await keysIn(iframes, view), await keysIn(listed.file, view))) {
    view.findings.add('key-signalling-wrong', iframes, `its keys are not those of ${listed.file}`);
  }
}

/** The scheme and the key that the MPD says of a rendition. */
function checkMpd({ folder, rendition }: Wanted, { encryption }: Protection, view: PackageView): void {
  const said = view.dash.renditions.get(folder)?.protection;
  const wanted = { scheme: encryption.scheme, kid: rendition.kid };
  if (isDeepStrictEqual(said, wanted)) return;
  const text = `${folder}: ${JSON.stringify(said) ?? 'nothing'} instead of ${JSON.stringify(wanted)}`;
  view.findings.add('key-signalling-wrong', MANIFEST, text);
}

function wantedOf({ videos, audios }: VerifyParams, { renditions }: Protection): Wanted[] {
  const of =
    (kind: 'video' | 'audio') =>
    ({ id }: { id: string }) => ({
      ...{ kind, folder: folderOf(kind, id), rendition: renditions.get(id)! },
    });
  return [...videos.map(of('video')), ...audios.map(of('audio'))];
}

/**
 * Whether a package is encrypted as the title asks for, and says so everywhere; `disks` by folder. That the key opens it is
 * seen when it is decoded. Of a title that is not to be encrypted, whether it is not.
 */
export async function checkEncryption(
  params: VerifyParams,
  protection: Protection | undefined,
  view: PackageView,
  disks: ReadonlyMap<string, OnDisk>,
): Promise<void> {
  if (!protection) {
    for (const [folder, { init }] of disks) {
      if (!init?.tracks[0]?.protection) continue;
      view.findings.add('encryption-wrong', `${folder}/init.mp4`, 'it is encrypted, and should not be');
    }
    return;
  }
  for (const wanted of wantedOf(params, protection)) {
    const disk = disks.get(wanted.folder);
    const listed = view.hls.renditions.get(wanted.folder);
    if (!disk?.init || !listed) continue; // reported as missing or unreadable
    checkInit(wanted, protection, listed, disk, view);
    await checkBoxes(protection, listed, view);
    checkSegments(protection, listed, disk, view);
    if (wanted.kind === 'video') await checkTrickPlay(wanted, listed, view);
    checkMpd(wanted, protection, view);
  }
}
