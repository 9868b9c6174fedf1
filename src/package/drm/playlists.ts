import { parseAttributes } from '../packager/attributes.js';

/**
 * Puts EXT-X-KEY lines where the packager put its own: before the first segment, after a clear lead, and where a key period
 * begins; `blocks` are those of each such place. There the packager writes a discontinuity too, which is taken out: timestamps
 * go on and the initialisation segment is the same, and sound and pictures, whose segments end at other times, must have their
 * discontinuities at the same ones (RFC 8216, 6.2.4).
 */
export function withKeyLines(playlist: string, blocks: readonly (readonly string[])[]): string {
  let block = 0;
  let inside = false;
  return playlist
    .split('\n')
    .flatMap((line) => {
      if (line === '#EXT-X-DISCONTINUITY') return [];
      if (line.startsWith('#EXT-X-KEY:')) {
        const first = !inside;
        inside = true;
        if (!first) return [];
        block += 1;
        return blocks[block - 1] ?? [];
      }
      // Keys of one place have no segment between them.
      if (line.startsWith('#EXTINF:')) inside = false;
      return [line];
    })
    .join('\n');
}

/** The same playlist for who has the key already and opens no licence. */
export function withoutKeyLines(playlist: string): string {
  return withKeyLines(playlist, []);
}

/** Attributes of which no two session keys may have all the same (RFC 8216, 4.3.4.5). */
const DISTINCT = ['METHOD', 'URI', 'IV', 'KEYFORMAT', 'KEYFORMATVERSIONS'];

function identityOf(line: string): string {
  const attributes = parseAttributes(line.slice(line.indexOf(':') + 1));
  return DISTINCT.map((name) => attributes.get(name) ?? '').join(' ');
}

/** The version that knows key formats (RFC 8216, 7). */
const VERSION = '#EXT-X-VERSION:5';

/** Puts EXT-X-SESSION-KEY lines at the end of a master playlist's head, each key once. */
export function withSessionKeys(master: string, keys: readonly string[]): string {
  const seen = new Set<string>();
  const lines = keys.filter((line) => {
    const identity = identityOf(line);
    return seen.has(identity) ? false : seen.add(identity);
  });
  if (lines.length === 0) return master;
  const head = /\n*(?=\n#EXT-X-(?:MEDIA|STREAM-INF|I-FRAME-STREAM-INF):)/;
  const keyed = master.replace(head, () => `\n${lines.join('\n')}\n`);
  return /^#EXT-X-VERSION:/m.test(master) ? keyed : keyed.replace('#EXTM3U\n', `#EXTM3U\n${VERSION}\n`);
}
