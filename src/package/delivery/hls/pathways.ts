import { formatAttributes, quoted } from '../../packager/attributes.js';
import type { Origin } from '../types.js';
import { type Entry, formatMaster, parseMaster, plain } from './master-playlist.js';

/** Attributes that name a group. */
const GROUPS = ['AUDIO', 'SUBTITLES', 'VIDEO'];

const absolute = (url: string, path: string): string =>
  /^[a-z][a-z0-9+.-]*:/i.test(path) ? path : url + path;

/** The entry as it is at one of the servers. Groups get the pathway's name: their members are at that server too. */
function atOrigin(entry: Exclude<Entry, { kind: 'other' }>, { id, url }: Origin): Entry {
  if (entry.kind === 'session-key') return entry;
  const attributes = new Map(entry.attributes);
  const uri = plain(entry, 'URI');
  if (uri !== undefined) attributes.set('URI', quoted(absolute(url, uri)));
  const groups = entry.kind === 'media' ? ['GROUP-ID'] : GROUPS;
  for (const name of groups) {
    const group = plain(entry, name);
    if (group !== undefined) attributes.set(name, quoted(`${group}-${id}`));
  }
  if (entry.kind !== 'media') attributes.set('PATHWAY-ID', quoted(id));
  return { ...entry, attributes, ...(entry.uri === undefined ? {} : { uri: absolute(url, entry.uri) }) };
}

/**
 * A master playlist with a copy of every variant, I-frame playlist and group for each server, which are pathways of HLS content
 * steering (draft-pantos-hls-rfc8216bis, 4.4.6.6 and 7). Without a steering server they are redundant streams: a player that
 * fails at one goes to the next. Lines of other tags stay relative to the master playlist itself.
 */
export function withPathways(master: string, origins: readonly Origin[], steeringUrl?: string): string {
  const [first] = origins;
  if (!first) return master;
  const entries = parseMaster(master);
  const copies = (kind: Entry['kind']): Entry[] =>
    origins.flatMap((origin) =>
      entries.flatMap((entry) =>
        entry.kind === kind && entry.kind !== 'other' ? [atOrigin(entry, origin)] : [],
      ),
    );
  const done = new Set<Entry['kind']>();
  const copied = entries.flatMap((entry): Entry[] => {
    if (entry.kind === 'other' || entry.kind === 'session-key') return [entry];
    // All copies of a kind stand where its first entry stood.
    if (done.has(entry.kind)) return [];
    done.add(entry.kind);
    return copies(entry.kind);
  });
  if (steeringUrl === undefined) return formatMaster(copied);
  const steering = formatAttributes(
    new Map([
      ['SERVER-URI', quoted(steeringUrl)],
      ['PATHWAY-ID', quoted(first.id)],
    ]),
  );
  const at = copied.findIndex((entry) => entry.kind === 'other' && entry.line.startsWith('#EXTM3U')) + 1;
  return formatMaster([
    ...copied.slice(0, at),
    { kind: 'other', line: `#EXT-X-CONTENT-STEERING:${steering}` },
    ...copied.slice(at),
  ]);
}
