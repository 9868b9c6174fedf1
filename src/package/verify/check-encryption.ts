import { isDeepStrictEqual } from 'node:util';
import type { InitTrack, SampleEntry } from '../../conformance/index.js';
import type { ProtectedRendition, Protection } from '../drm/protection.js';
import { SYSTEM_ID } from '../drm/systems.js';
import { IFRAME_PLAYLIST, MANIFEST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import type { VerifyParams } from '../types.js';
import { type Listed, type ListedSegment, initOf } from './listing.js';
import type { PackageView } from './package-view.js';

/** What CMAF asks of a scheme: blocks of a pattern (for pictures), bytes of the IVs in samples. */
const FORM = { cbcs: { pattern: [1, 9], ivBytes: 0 }, cenc: { pattern: [0, 0], ivBytes: 8 } } as const;

interface Wanted {
  kind: 'video' | 'audio';
  folder: string;
  rendition: ProtectedRendition;
}

/** What is read of a sample entry, as it is compared. */
function saidBy({ protection }: SampleEntry): Record<string, unknown> {
  const { scheme, tenc } = protection ?? {};
  return {
    ...{ scheme, kid: tenc?.kid, ivBytes: tenc?.ivSize, constantIv: tenc?.constantIv },
    pattern: tenc && [tenc.cryptBlocks, tenc.skipBlocks],
  };
}

function protectedEntry({ entries }: InitTrack): SampleEntry | undefined {
  return entries.find(({ protection }) => protection !== undefined);
}

/** What the sample entry says against what the title asks for. */
function checkInit(
  { kind, rendition }: Wanted,
  protection: Protection,
  listed: Listed,
  track: InitTrack,
  view: PackageView,
): void {
  const entry = protectedEntry(track);
  const { scheme } = protection.encryption;
  const { pattern, ivBytes } = FORM[scheme];
  const wanted = {
    ...{ scheme, kid: rendition.kid, ivBytes },
    constantIv: scheme === 'cbcs' ? rendition.iv : undefined,
    pattern: kind === 'audio' ? [0, 0] : [...pattern],
  };
  const said = entry && saidBy(entry);
  if (!isDeepStrictEqual(said, wanted)) {
    const text = `its protection is ${JSON.stringify(said) ?? 'none'}, not ${JSON.stringify(wanted)}`;
    view.findings.add('encryption-wrong', listed.init, text);
  }
}

/** The boxes of the systems in an initialisation segment; FairPlay has none unless its key service gives one. */
function checkBoxes({ encryption }: Protection, listed: Listed, view: PackageView): void {
  const boxes = initOf(listed)?.psshs.map(({ systemId }) => systemId) ?? [];
  for (const system of encryption.systems) {
    if (system === 'fairplay' || boxes.includes(SYSTEM_ID[system])) continue;
    view.findings.add('key-signalling-wrong', listed.init, `it has no pssh box for ${system}`);
  }
}

/** Every sample of every segment after the clear lead must be encrypted, and no playlist may tell otherwise. */
function checkSegments(
  { encryption }: Protection,
  listed: Listed,
  track: InitTrack,
  view: PackageView,
): void {
  // Times of decoding, as the packager counts them: an edit list that hides a beginning is not among them.
  const lead = Math.floor(encryption.clearLeadSeconds * track.timescale);
  for (const { path, keys = [], facts } of listed.segments) {
    const times = facts?.tracks[0];
    if (!times) continue; // reported as missing or unreadable
    const encrypted = times.start >= lead;
    if (times.protectedSamples !== (encrypted ? times.samples : 0)) {
      const text = `${times.protectedSamples} of its ${times.samples} samples are encrypted`;
      view.findings.add('encryption-wrong', path, text);
    }
    if (keys.length > 0 !== encrypted) {
      const said = `${path} is listed ${keys.length > 0 ? 'with' : 'without'} a key`;
      view.findings.add('key-signalling-wrong', listed.file, said);
    }
  }
}

/** Key frames must have the keys of the segments that they are in. */
function checkTrickPlay({ folder }: Wanted, listed: Listed, view: PackageView): void {
  const file = `${folder}/${IFRAME_PLAYLIST}`;
  const keys = (segments: readonly ListedSegment[] = []): Map<string, readonly string[] | undefined> =>
    new Map(segments.map((segment) => [segment.path, segment.keys]));
  if (!isDeepStrictEqual(keys(view.iframes.get(file)), keys(listed.segments))) {
    view.findings.add('key-signalling-wrong', file, `its keys are not those of ${listed.file}`);
  }
}

/** The scheme and the key that the MPD says of a rendition. */
function checkMpd({ folder, rendition }: Wanted, { encryption }: Protection, view: PackageView): void {
  const said = view.dash.get(folder)?.protection;
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
 * Whether a package is encrypted as the title asks for, and says so everywhere. That the key opens it is seen when it is
 * decoded. Of a title that is not to be encrypted, whether it is not.
 */
export function checkEncryption(params: VerifyParams, view: PackageView): void {
  const { hls, dash, protection, findings } = view;
  if (!protection) {
    for (const listed of new Map([...dash, ...hls]).values()) {
      if (!initOf(listed)?.tracks.some(protectedEntry)) continue;
      findings.add('encryption-wrong', listed.init, 'it is encrypted, and should not be');
    }
    return;
  }
  for (const wanted of wantedOf(params, protection)) {
    const listed = hls.get(wanted.folder);
    const track = listed && initOf(listed)?.tracks[0];
    if (!listed || !track) continue; // reported as missing or unreadable
    checkInit(wanted, protection, listed, track, view);
    checkBoxes(protection, listed, view);
    checkSegments(protection, listed, track, view);
    if (wanted.kind === 'video') checkTrickPlay(wanted, listed, view);
    checkMpd(wanted, protection, view);
  }
}
