import { decimal } from '../hls/attributes.js';
import type { MediaPlaylist } from '../hls/media-playlist.js';
import { type Tag, isTag } from '../hls/scan.js';
import type { Rule } from './rule.js';

const HLS = { severity: 'error' } as const;

function tagsOf({ scanned }: MediaPlaylist, name: string): Tag[] {
  return scanned.items.filter(isTag).filter((tag) => tag.name === name);
}

const TARGET: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-TARGETDURATION',
  reference: 'RFC 8216, 4.3.3.1',
  asks: 'EXT-X-TARGETDURATION is there, and no EXTINF, rounded, is more',
  check: (playlist, report) => {
    const { targetDuration, segments } = playlist;
    const [tag] = tagsOf(playlist, 'EXT-X-TARGETDURATION');
    if (targetDuration === undefined) {
      report({ line: tag?.line, expected: 'a target duration', found: tag?.value ?? 'none' });
      return;
    }
    for (const { line, seconds } of segments) {
      if (Math.round(seconds) > targetDuration) {
        report({ line, expected: `${targetDuration} s at most`, found: `${seconds} s` });
      }
    }
  },
};

const EXTINF: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-EXTINF',
  reference: 'RFC 8216, 4.3.2.1',
  asks: 'every segment has an EXTINF with a number of seconds',
  check: ({ segments }, report) => {
    for (const { line, extinf } of segments) {
      if (extinf === undefined) report({ line, expected: 'EXTINF', found: 'none' });
      else if (decimal(extinf) === undefined)
        report({ line, expected: 'a number of seconds', found: extinf });
    }
  },
};

const ENDLIST: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-ENDLIST',
  reference: 'RFC 8216, 4.3.3.4 and 4.3.3.5',
  asks: 'PLAYLIST-TYPE is VOD or EVENT; a playlist of type VOD has EXT-X-ENDLIST',
  check: (playlist, report) => {
    const { type, ended } = playlist;
    const line = tagsOf(playlist, 'EXT-X-PLAYLIST-TYPE')[0]?.line;
    if (type !== undefined && type !== 'VOD' && type !== 'EVENT') {
      report({ line, expected: 'VOD or EVENT', found: type });
    }
    if (type === 'VOD' && !ended) report({ line, expected: 'EXT-X-ENDLIST', found: 'none' });
  },
};

const URIS: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-SEGMENT-URI',
  reference: 'RFC 8216, 4.3.2.2 and 4.3.2.5',
  asks: 'segments and EXT-X-MAP have URIs, and byte ranges that say where they begin; there are segments',
  check: ({ problems, segments, ended, tooMany }, report) => {
    for (const problem of problems) report(problem);
    if (segments.length === 0 && problems.length === 0 && ended && !tooMany)
      report({ expected: 'segments', found: 'none' });
  },
};

const METHODS = new Set(['NONE', 'AES-128', 'SAMPLE-AES', 'SAMPLE-AES-CTR']);

const KEY: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-KEY',
  reference: 'RFC 8216, 4.3.2.4; draft-pantos-hls-rfc8216bis, 4.4.4.4',
  asks: 'EXT-X-KEY has a METHOD; a URI unless that is NONE, and then nothing else; IV is of 128 bits',
  check: (playlist, report) => {
    for (const { attributes, line } of tagsOf(playlist, 'EXT-X-KEY')) {
      const { values } = attributes;
      const method = values.get('METHOD');
      const iv = values.get('IV');
      if (method === undefined || !METHODS.has(method)) {
        report({ line, expected: `METHOD of ${[...METHODS].join(', ')}`, found: method ?? 'none' });
      } else if (method === 'NONE' && values.size > 1) {
        report({ line, expected: 'METHOD=NONE alone', found: [...values.keys()].join(', ') });
      } else if (method !== 'NONE' && !values.has('URI')) report({ line, expected: 'URI', found: 'none' });
      if (iv !== undefined && !/^0x[0-9a-f]{32}$/i.test(iv)) {
        report({ line, expected: '0x and 32 hexadecimal digits', found: iv });
      }
    }
  },
};

const DATERANGE: Rule<MediaPlaylist> = {
  ...HLS,
  id: 'HLS-DATERANGE',
  reference: 'RFC 8216, 4.3.2.7',
  asks: 'EXT-X-DATERANGE has ID and START-DATE, an end that is not before, and an EXT-X-PROGRAM-DATE-TIME to count from',
  check: (playlist, report) => {
    const ranges = tagsOf(playlist, 'EXT-X-DATERANGE');
    for (const { attributes, line } of ranges) {
      const { values } = attributes;
      const start = Date.parse(values.get('START-DATE') ?? '');
      const end = values.get('END-DATE');
      if (!values.has('ID')) report({ line, expected: 'ID', found: 'none' });
      if (Number.isNaN(start))
        report({ line, expected: 'START-DATE', found: values.get('START-DATE') ?? 'none' });
      else if (end !== undefined && !(Date.parse(end) >= start)) {
        report({ line, expected: 'END-DATE not before START-DATE', found: end });
      }
    }
    const [first] = ranges;
    if (first && tagsOf(playlist, 'EXT-X-PROGRAM-DATE-TIME').length === 0) {
      report({ line: first.line, expected: 'EXT-X-PROGRAM-DATE-TIME', found: 'none' });
    }
  },
};

export const HLS_MEDIA_RULES: readonly Rule<MediaPlaylist>[] = [
  TARGET,
  EXTINF,
  ENDLIST,
  URIS,
  KEY,
  DATERANGE,
];
