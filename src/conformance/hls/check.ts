import type { Context } from '../context.js';
import { LIMITS } from '../limits.js';
import { type ManifestBytes, readNamed } from '../media/read-manifest.js';
import { readTrack } from '../media/check-track.js';
import { profilesOfMaster } from '../profiles.js';
import { APPLE_LISTED_RULES, APPLE_MASTER_RULES, APPLE_VARIANT_RULES } from '../rules/apple.js';
import { check } from '../rules/check.js';
import { HLS_IFRAME_RULES } from '../rules/hls-iframes.js';
import { HLS_LISTED_RULES } from '../rules/hls-listed.js';
import { HLS_MASTER_RULES } from '../rules/hls-master.js';
import { HLS_MEDIA_RULES } from '../rules/hls-media.js';
import { HLS_TEXT_RULES } from '../rules/hls-text.js';
import { HLS_TOGETHER_RULES } from '../rules/hls-together.js';
import { HLS_VARIANT_RULES } from '../rules/hls-variant.js';
import type { Forced } from '../profiles.js';
import { SOURCE_LIMIT } from '../source/rules.js';
import { readIframes } from './iframes.js';
import type { ListedPlaylist } from './listed.js';
import { type MasterPlaylist, isMaster, masterPlaylist } from './master-playlist.js';
import { type MediaPlaylist, mediaPlaylist } from './media-playlist.js';
import { type Scanned, scan } from './scan.js';
import { readAgain } from './second-reader.js';
import { type MasterView, variantView } from './view.js';

/** What was read of an HLS stream. */
export interface HlsChecked {
  file: string;
  /** Undefined where the manifest is a media playlist. */
  master: MasterPlaylist | undefined;
  /** Media playlists by URL, in the order in which they are named. */
  lists: Map<string, ListedPlaylist>;
}

function checkText(
  file: string,
  kind: 'master' | 'media',
  scanned: Scanned,
  version: number | undefined,
  context: Context,
): void {
  const { findings, forced } = context;
  for (const { rule, line, found } of scanned.problems) {
    if (rule === 'limit')
      findings.add(SOURCE_LIMIT, { file, line, expected: `${LIMITS.playlistLines} lines`, found });
  }
  check(HLS_TEXT_RULES, { scanned, kind, version }, file, forced, findings);
}

/** Reads the media of a playlist. AES-128 encrypts whole files, of which nothing can be read then. */
async function readListed(
  playlist: MediaPlaylist,
  independent: boolean,
  context: Context,
): Promise<ListedPlaylist> {
  const { opener, findings, forced } = context;
  const own = independent || playlist.independent;
  if (playlist.iframesOnly) {
    const { entries, track } = await readIframes(playlist, context);
    for (const { refusal, segment } of entries) {
      if (refusal) findings.add(refusal.rule, { ...refusal, file: opener.nameOf(segment.url) });
    }
    check(HLS_IFRAME_RULES, { entries }, playlist.file, forced, findings);
    return { playlist, track, independent: own };
  }
  const opaque = playlist.segments.some(({ keys }) => keys.some(({ method }) => method === 'AES-128'));
  const track = await readTrack(playlist.segments, playlist.file, opaque ? 'opaque' : 'unknown', context);
  return { playlist, track, independent: own };
}

function checkListed(listed: ListedPlaylist, profiles: Forced, { findings }: Context): void {
  const { file } = listed.playlist;
  check(HLS_LISTED_RULES, listed, file, profiles, findings);
  check(APPLE_LISTED_RULES, listed, file, profiles, findings);
}

/** A media playlist and the rules about its text. */
function readMedia({ url, bytes }: ManifestBytes, context: Context, scanned = scan(bytes)): MediaPlaylist {
  const { opener, findings, forced, reader } = context;
  const playlist = mediaPlaylist(opener.nameOf(url), url, scanned, reader.room);
  const { file } = playlist;
  checkText(file, 'media', scanned, playlist.version, context);
  check(HLS_MEDIA_RULES, playlist, file, forced, findings);
  if (playlist.tooMany) {
    const expected = `at most ${playlist.segments.length} segments`;
    findings.add(SOURCE_LIMIT, { file, expected, found: 'more' });
  } else readAgain(playlist, findings);
  // The rules about its text have been applied; a long title has many lines.
  playlist.scanned = { ...scanned, items: [] };
  return playlist;
}

/** Playlists that a master names: of pictures and sound first, as I-frame playlists point into their segments. */
function namedBy(master: MasterPlaylist): string[] {
  const named = [
    ...master.variants.filter(({ iframes }) => !iframes),
    ...master.renditions,
    ...master.variants.filter(({ iframes }) => iframes),
  ];
  return [...new Set(named.flatMap(({ url }) => url ?? []))];
}

async function checkMaster(master: MasterPlaylist, context: Context): Promise<HlsChecked> {
  const { findings, forced, opener, signal } = context;
  const { file } = master;
  checkText(file, 'master', master.scanned, master.version, context);
  check(HLS_MASTER_RULES, master, file, forced, findings);
  const urls = namedBy(master);
  if (!master.tooMany) readAgain(master, findings);
  if (master.tooMany || urls.length > LIMITS.renditions) {
    findings.add(SOURCE_LIMIT, {
      file,
      expected: `at most ${LIMITS.renditions} playlists`,
      found: 'more',
    });
  }
  const profiles = profilesOfMaster(
    master.variants.some(({ iframes }) => iframes),
    forced,
  );
  const lists = new Map<string, ListedPlaylist>();
  context.progress.manifest(urls.length);
  for (const url of urls.slice(0, LIMITS.renditions)) {
    signal.throwIfAborted();
    const bytes = await readNamed(url, file, opener, findings);
    if (!bytes) continue;
    const listed = await readListed(readMedia(bytes, context), master.independent, context);
    checkListed(listed, profiles, context);
    lists.set(url, listed);
  }
  const view: MasterView = { master, lists };
  for (const rules of [HLS_TOGETHER_RULES, APPLE_MASTER_RULES]) check(rules, view, file, profiles, findings);
  for (const variant of master.variants) {
    const one = variantView(view, variant);
    for (const rules of [HLS_VARIANT_RULES, APPLE_VARIANT_RULES]) check(rules, one, file, profiles, findings);
  }
  return { file, master, lists };
}

/** Checks an HLS stream from its master playlist, or a media playlist, on. */
export async function checkHls(manifest: ManifestBytes, context: Context): Promise<HlsChecked> {
  const scanned = scan(manifest.bytes);
  const file = context.opener.nameOf(manifest.url);
  if (isMaster(scanned)) return checkMaster(masterPlaylist(file, manifest.url, scanned), context);
  const playlist = readMedia(manifest, context, scanned);
  context.progress.manifest(1);
  const listed = await readListed(playlist, false, context);
  checkListed(listed, context.forced, context);
  return { file, master: undefined, lists: new Map([[manifest.url, listed]]) };
}
