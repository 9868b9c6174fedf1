import { MASTER_TAGS } from '../hls/master-playlist.js';
import { type Scanned, type Tag, isTag } from '../hls/scan.js';
import type { Rule } from './rule.js';

/** What master and media playlists have in common. */
export interface PlaylistText {
  scanned: Scanned;
  kind: 'master' | 'media';
  version: number | undefined;
}

const HLS = { severity: 'error' } as const;

function tagsOf({ scanned }: PlaylistText): Tag[] {
  return scanned.items.filter(isTag);
}

const TEXT: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-TEXT',
  reference: 'RFC 8216, 4.1',
  asks: 'a playlist is UTF-8 without byte order mark and control characters',
  check: ({ scanned }, report) => {
    for (const { rule, line, found } of scanned.problems) {
      if (rule === 'text') report({ line, expected: 'UTF-8 text', found });
    }
  },
};

const EXTM3U: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-EXTM3U',
  reference: 'RFC 8216, 4.3.1.1',
  asks: 'the first line of a playlist is #EXTM3U',
  check: ({ scanned: { firstLine } }, report) => {
    if (firstLine.replace(/^\uFEFF/, '') !== '#EXTM3U') {
      report({ line: 1, expected: '#EXTM3U', found: firstLine === '' ? 'an empty line' : firstLine });
    }
  },
};

/** Tags that only media playlists have (RFC 8216, 4.3.2 and 4.3.3). */
const MEDIA_TAGS = new Set([
  ...[
    'EXTINF',
    'EXT-X-BYTERANGE',
    'EXT-X-DISCONTINUITY',
    'EXT-X-KEY',
    'EXT-X-MAP',
    'EXT-X-PROGRAM-DATE-TIME',
  ],
  ...['EXT-X-DATERANGE', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE'],
  ...['EXT-X-ENDLIST', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-I-FRAMES-ONLY'],
]);

const MIXED: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-TAGS-MIXED',
  reference: 'RFC 8216, 4.1',
  asks: 'a playlist has tags of a master playlist or of a media playlist, not of both',
  check: (text, report) => {
    const others = text.kind === 'master' ? MEDIA_TAGS : MASTER_TAGS;
    const other = tagsOf(text).find(({ name }) => others.has(name));
    if (other) report({ line: other.line, expected: `tags of a ${text.kind} playlist`, found: other.name });
  },
};

/** Tags of which a playlist has one at most. */
const ONCE = new Set([
  ...['EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE'],
  ...[
    'EXT-X-ENDLIST',
    'EXT-X-PLAYLIST-TYPE',
    'EXT-X-I-FRAMES-ONLY',
    'EXT-X-INDEPENDENT-SEGMENTS',
    'EXT-X-START',
  ],
]);

const TWICE: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-TAG-TWICE',
  reference: 'RFC 8216, 4.3.1.2, 4.3.3 and 4.3.5',
  asks: 'tags about a whole playlist stand in it once',
  check: (text, report) => {
    const seen = new Set<string>();
    for (const { name, line } of tagsOf(text)) {
      if (ONCE.has(name) && seen.has(name)) report({ line, expected: `${name} once`, found: 'again' });
      seen.add(name);
    }
  },
};

const QUOTED = new Set([
  ...[
    'URI',
    'GROUP-ID',
    'NAME',
    'LANGUAGE',
    'ASSOC-LANGUAGE',
    'CODECS',
    'CHANNELS',
    'CHARACTERISTICS',
    'AUDIO',
    'VIDEO',
  ],
  ...[
    'SUBTITLES',
    'INSTREAM-ID',
    'KEYFORMAT',
    'KEYFORMATVERSIONS',
    'BYTERANGE',
    'DATA-ID',
    'ID',
    'START-DATE',
  ],
]);
const UNQUOTED = new Set([
  ...[
    'BANDWIDTH',
    'AVERAGE-BANDWIDTH',
    'RESOLUTION',
    'FRAME-RATE',
    'TYPE',
    'DEFAULT',
    'AUTOSELECT',
    'FORCED',
    'METHOD',
  ],
  ...['IV', 'VIDEO-RANGE', 'SCORE', 'HDCP-LEVEL', 'TIME-OFFSET', 'PRECISE', 'DURATION'],
]);

const ATTRIBUTES: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-ATTRIBUTES',
  reference: 'RFC 8216, 4.2',
  asks: 'attribute lists are well formed: names once, texts in quotes, numbers and enumerations without',
  check: (text, report) => {
    for (const { name, line, attributes } of tagsOf(text)) {
      const { problem, values, quoted } = attributes;
      if (problem !== undefined)
        report({ line, expected: `a list of attributes of ${name}`, found: problem });
      for (const attribute of values.keys()) {
        const wrong = quoted.has(attribute) ? UNQUOTED : QUOTED;
        if (!wrong.has(attribute)) continue;
        const expected = `${attribute} of ${name} ${quoted.has(attribute) ? 'without quotes' : 'in quotes'}`;
        report({ line, expected, found: values.get(attribute) ?? '' });
      }
    }
  },
};

/** Version that a tag needs (RFC 8216, 7; from 8 on draft-pantos-hls-rfc8216bis, 8). */
const VERSIONS: Readonly<Record<string, (tag: Tag, iframesOnly: boolean) => number>> = {
  EXTINF: ({ value }) => (/^\d*\.\d/.test(value) ? 3 : 1),
  'EXT-X-BYTERANGE': () => 4,
  'EXT-X-I-FRAMES-ONLY': () => 4,
  'EXT-X-KEY': ({ attributes: { values } }) => {
    if (values.has('KEYFORMAT') || values.has('KEYFORMATVERSIONS')) return 5;
    return values.has('IV') ? 2 : 1;
  },
  'EXT-X-MAP': (_, iframesOnly) => (iframesOnly ? 5 : 6),
  'EXT-X-MEDIA': ({ attributes: { values } }) =>
    values.get('INSTREAM-ID')?.startsWith('SERVICE') === true ? 7 : 1,
  'EXT-X-GAP': () => 8,
  'EXT-X-DEFINE': () => 8,
  'EXT-X-SKIP': () => 9,
};

const VERSION: Rule<PlaylistText> = {
  ...HLS,
  id: 'HLS-VERSION',
  reference: 'RFC 8216, 4.3.1.2 and 7',
  asks: 'EXT-X-VERSION is a number, and that of the newest feature at least',
  check: (text, report) => {
    const tags = tagsOf(text);
    const own = tags.find(({ name }) => name === 'EXT-X-VERSION');
    const iframesOnly = tags.some(({ name }) => name === 'EXT-X-I-FRAMES-ONLY');
    let needed = { version: 1, by: '' };
    for (const tag of tags) {
      const version =
        (Object.hasOwn(VERSIONS, tag.name) ? VERSIONS[tag.name] : undefined)?.(tag, iframesOnly) ?? 1;
      if (version > needed.version) needed = { version, by: tag.name };
    }
    const said = own === undefined ? 1 : text.version;
    if (said === undefined) report({ line: own?.line, expected: 'a number', found: own?.value ?? '' });
    else if (said < needed.version) {
      const expected = `version ${needed.version} or more, for ${needed.by}`;
      report({ line: own?.line, expected, found: own ? String(said) : 'none, which is 1' });
    }
  },
};

export const HLS_TEXT_RULES: readonly Rule<PlaylistText>[] = [
  ...[TEXT, EXTM3U, MIXED, TWICE, ATTRIBUTES, VERSION],
];
