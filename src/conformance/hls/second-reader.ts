import { parse, setOptions } from 'hls-parser';
import type { Findings } from '../findings.js';
import type { RuleInfo } from '../rules/rule.js';
import type { MasterPlaylist } from './master-playlist.js';
import type { MediaPlaylist } from './media-playlist.js';
import { isTag } from './scan.js';

export const HLS_PARSER: RuleInfo = {
  id: 'HLS-PARSER',
  severity: 'error',
  reference: 'RFC 8216, 4',
  asks: 'an independent reader (hls-parser, strict) accepts the playlist and finds the same segments or variants in it; told only where no other rule says what is wrong',
};

// Violations throw instead of being printed.
setOptions({ strictMode: true, silent: true });

/** Tags that the reader knows by RFC 8216; of others, and of those with dates, it knows less than players do. */
const KNOWN = new Set([
  ...[
    'EXTM3U',
    'EXT-X-VERSION',
    'EXTINF',
    'EXT-X-BYTERANGE',
    'EXT-X-DISCONTINUITY',
    'EXT-X-KEY',
    'EXT-X-MAP',
  ],
  ...['EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE', 'EXT-X-ENDLIST'],
  ...[
    'EXT-X-PLAYLIST-TYPE',
    'EXT-X-I-FRAMES-ONLY',
    'EXT-X-MEDIA',
    'EXT-X-STREAM-INF',
    'EXT-X-I-FRAME-STREAM-INF',
  ],
  'EXT-X-INDEPENDENT-SEGMENTS',
]);

/**
 * The playlist in the words that the reader knows. Titles are left out, as it refuses letters beyond ASCII in them, and
 * apostrophes, which it takes for quotes.
 */
function plainText({ scanned }: MediaPlaylist | MasterPlaylist): string {
  const lines = scanned.items.flatMap((item) => {
    if (!isTag(item)) return [item.uri];
    if (!KNOWN.has(item.name)) return [];
    const value = item.name === 'EXTINF' ? `${item.value.split(',', 1)[0]},` : item.value;
    return [`#${item.name}${value === '' ? '' : `:${value.replaceAll("'", '_')}`}`];
  });
  return lines.join('\n');
}

/** What is different in what the two readers found; undefined where nothing is. */
function difference(
  playlist: MediaPlaylist | MasterPlaylist,
  parsed: ReturnType<typeof parse>,
): string | undefined {
  if (parsed.isMasterPlaylist) {
    if (playlist.kind !== 'master') return 'a master playlist';
    const count = parsed.variants.length;
    return count === playlist.variants.length ? undefined : `${count} variants`;
  }
  if (playlist.kind !== 'media') return 'a media playlist';
  const { segments } = parsed;
  if (segments.length !== playlist.segments.length) return `${segments.length} segments`;
  const at = playlist.segments.findIndex(({ range, uri }, index) => {
    const other = segments[index];
    return other?.byterange?.offset !== range?.offset || other?.uri !== uri;
  });
  return at < 0 ? undefined : `another segment ${at + 1}`;
}

/** Lets hls-parser read a playlist. Call it when all other rules about its text have been applied. */
export function readAgain(playlist: MediaPlaylist | MasterPlaylist, findings: Findings): void {
  const report = findings.reporter(HLS_PARSER, playlist.file);
  if (findings.has('HLS-', playlist.file)) return;
  let found: string | undefined;
  try {
    found = difference(playlist, parse(plainText(playlist)));
  } catch (error) {
    found = String(error).replace(/^Error: (Invalid Playlist : )?/, '');
  }
  if (found !== undefined) {
    report({ expected: `what was read: ${countText(playlist)}`, found });
  }
}

function countText(playlist: MediaPlaylist | MasterPlaylist): string {
  return playlist.kind === 'media'
    ? `${playlist.segments.length} segments`
    : `${playlist.variants.length} variants`;
}
