import { type MpdPlaylist, parse } from 'mpd-parser';
import { MANIFEST } from '../packager/args.js';
import type { Findings } from './findings.js';
import { type DashColour, readDashColours } from './read-dash-colour.js';
import { type Listing, type ReadText, folderOfInit } from './listing.js';

export interface DashPackage {
  renditions: Listing;
  colours: DashColour[];
  /** mediaPresentationDuration, seconds; undefined where there is no MPD to read. */
  seconds: number | undefined;
}

const ROOT = 'file:///package/';

function relativePath(uri: string): string {
  return uri.startsWith(ROOT) ? decodeURIComponent(uri.slice(ROOT.length)) : uri;
}

/** What the generic descriptor says of scheme and key. */
function protectionOf({ contentProtection }: MpdPlaylist): { protection?: { scheme: string; kid: string } } {
  const said = contentProtection?.['mp4protection']?.attributes;
  if (!said) return {};
  const kid = (said['cenc:default_KID'] ?? '').replaceAll('-', '').toLowerCase();
  return { protection: { scheme: said['value'] ?? '', kid } };
}

function add(listing: Listing, playlist: MpdPlaylist): void {
  const init = relativePath(playlist.segments[0]?.map.resolvedUri ?? '');
  listing.set(folderOfInit(init), {
    file: MANIFEST,
    init,
    segments: playlist.segments.map(({ resolvedUri, duration }) => ({
      path: relativePath(resolvedUri),
      seconds: duration,
    })),
    peak: playlist.attributes.BANDWIDTH,
    codecs: playlist.attributes.CODECS,
    ...protectionOf(playlist),
  });
}

/** Reads the MPD, which must be static. */
export async function readDash(read: ReadText, findings: Findings): Promise<DashPackage> {
  const renditions: Listing = new Map();
  const text = await read(MANIFEST);
  if (text === undefined) {
    findings.add('file-missing', MANIFEST, 'the MPD is not in the package');
    return { renditions, colours: [], seconds: undefined };
  }
  try {
    const mpd = parse(text, { manifestUri: `${ROOT}${MANIFEST}` });
    const audio = Object.values(mpd.mediaGroups.AUDIO).flatMap((group) => Object.values(group));
    const texts = Object.values(mpd.mediaGroups.SUBTITLES).flatMap((group) => Object.values(group));
    const grouped = [...audio, ...texts].flatMap(({ playlists }) => playlists);
    for (const playlist of [...mpd.playlists, ...grouped]) {
      add(renditions, playlist);
    }
    if (!/<MPD\b[^>]*\stype="static"/.test(text)) {
      findings.add('manifest-unreadable', MANIFEST, 'the MPD is not static');
    }
    return { renditions, colours: readDashColours(text), seconds: mpd.duration };
  } catch (error) {
    findings.add('manifest-unreadable', MANIFEST, `the MPD cannot be parsed: ${String(error)}`);
    return { renditions, colours: [], seconds: undefined };
  }
}
