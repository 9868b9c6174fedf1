import { isDeepStrictEqual } from 'node:util';
import type { InitTrack, SampleEntry } from '../../conformance/index.js';
import type { ProtectedRendition, Protection } from '../drm/protection.js';
import { SYSTEM_ID } from '../../keys/index.js';
import type { Rational } from '../../media/index.js';
import type { KeyPeriod } from '../rotation/plan.js';
import { IFRAME_PLAYLIST, MANIFEST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import type { VerifyParams } from '../types.js';
import { type Listed, type ListedSegment, initOf, initsOf } from './listing.js';
import type { PackageView } from './package-view.js';

/** What CMAF asks of a scheme: blocks of a pattern (for pictures), bytes of the IVs in samples. */
const FORM = { cbcs: { pattern: [1, 9], ivBytes: 0 }, cenc: { pattern: [0, 0], ivBytes: 8 } } as const;

interface Wanted {
  kind: 'video' | 'audio';
  id: string;
  folder: string;
  fps: Rational;
}

/** A rendition in a key period. */
interface WantedPart extends Pick<Wanted, 'kind'> {
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
  { kind, rendition }: WantedPart,
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

/** The scheme and the keys that the MPD says of a rendition, period by period. */
function checkMpd({ id, folder }: Wanted, { protections, dash, findings }: PackageView): void {
  const said = dash.get(folder)?.protections;
  const wanted = protections.map(({ encryption: { scheme }, renditions }) => ({
    ...{ scheme, kid: renditions.get(id)!.kid },
  }));
  if (isDeepStrictEqual(said, wanted)) return;
  const text = `${folder}: ${JSON.stringify(said) ?? 'nothing'} instead of ${JSON.stringify(wanted)}`;
  findings.add('key-signalling-wrong', MANIFEST, text);
}

function wantedOf({ videos, audios }: VerifyParams): Wanted[] {
  const fps = videos[0]?.fps ?? { num: 1, den: 1 };
  const of =
    (kind: 'video' | 'audio') =>
    ({ id }: { id: string }) => ({ ...{ kind, id, folder: folderOf(kind, id), fps } });
  return [...videos.map(of('video')), ...audios.map(of('audio'))];
}

/** The segments that begin in a key period, by what is in them. Those that cannot be read are reported as such. */
function partOf(listed: Listed, { index, startFrame, endFrame }: KeyPeriod, fps: Rational): Listed {
  const at = (frame: number): number => (frame * fps.den) / fps.num;
  const segments = listed.segments.filter(({ facts }) => {
    const [times, track] = [facts?.tracks[0], facts?.init?.tracks[0]];
    if (!times || !track) return false;
    // Sound that goes before the title begins with it; a timescale may not hold a whole number of ticks a frame.
    const start = Math.max(0, times.presented) + 1;
    return (
      (index === 0 || start >= at(startFrame) * track.timescale) &&
      start - 2 < at(endFrame) * track.timescale - 1
    );
  });
  return { ...listed, segments, init: segments[0]?.init ?? listed.init };
}

/** One key period of a rendition: all its segments are of one initialisation segment, which is of its key. */
function checkPart(wanted: Wanted, listed: Listed, protection: Protection, view: PackageView): void {
  const part = partOf(listed, protection.period, wanted.fps);
  const { index } = protection.period;
  const inits = [...initsOf(part).keys()];
  if (inits.length !== 1) {
    const text = `${inits.join(', ') || 'none'} are the initialisation segments of key period ${index}`;
    view.findings.add('key-signalling-wrong', listed.file, text);
  }
  const track = initOf(part)?.tracks[0];
  if (!track) return; // reported as missing or unreadable
  const rendition = protection.renditions.get(wanted.id)!;
  checkInit({ kind: wanted.kind, rendition }, protection, part, track, view);
  checkBoxes(protection, part, view);
  checkSegments(protection, part, track, view);
}

/**
 * Whether a package is encrypted as the title asks for, and says so everywhere. That the keys open it is seen when it is
 * decoded. Of a title that is not to be encrypted, whether it is not.
 */
export function checkEncryption(params: VerifyParams, view: PackageView): void {
  const { hls, dash, protections, findings } = view;
  if (protections.length === 0) {
    for (const listed of new Map([...dash, ...hls]).values()) {
      if (!initOf(listed)?.tracks.some(protectedEntry)) continue;
      findings.add('encryption-wrong', listed.init, 'it is encrypted, and should not be');
    }
    return;
  }
  for (const wanted of wantedOf(params)) {
    const listed = hls.get(wanted.folder);
    if (!listed || !initOf(listed)?.tracks[0]) continue; // reported as missing or unreadable
    for (const protection of protections) checkPart(wanted, listed, protection, view);
    if (wanted.kind === 'video') checkTrickPlay(wanted, listed, view);
    checkMpd(wanted, view);
  }
}
