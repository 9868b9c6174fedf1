import { canonicalLanguage } from '../language.js';
import { GROUP_TYPES, type MasterPlaylist, type Rendition } from '../hls/master-playlist.js';
import { decimal } from '../hls/attributes.js';
import type { Rule } from './rule.js';

const HLS = { severity: 'error' } as const;

const STREAM_INF: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-STREAM-INF',
  reference: 'RFC 8216, 4.3.4.2 and 4.3.4.3',
  asks: 'variants have a URI and a BANDWIDTH; there are variants',
  check: ({ variants }, report) => {
    if (!variants.some(({ iframes }) => !iframes)) report({ expected: 'EXT-X-STREAM-INF', found: 'none' });
    for (const { line, url, uri, bandwidth, values } of variants) {
      if (url === undefined) report({ line, expected: 'a URI', found: uri ?? 'none' });
      if (bandwidth === undefined) {
        report({ line, expected: 'BANDWIDTH, a whole number', found: values.get('BANDWIDTH') ?? 'none' });
      }
    }
  },
};

const MEDIA: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-MEDIA-TAG',
  reference: 'RFC 8216, 4.3.4.1',
  asks: 'EXT-X-MEDIA has TYPE, GROUP-ID and NAME; of subtitles a URI, of closed captions INSTREAM-ID and no URI',
  check: ({ renditions }, report) => {
    for (const { line, type, group, name, uri, values } of renditions) {
      if (!(GROUP_TYPES as readonly string[]).includes(type)) {
        report({ line, expected: `TYPE of ${GROUP_TYPES.join(', ')}`, found: type === '' ? 'none' : type });
      }
      if (group === '') report({ line, expected: 'GROUP-ID', found: 'none' });
      if (name === undefined) report({ line, expected: 'NAME', found: 'none' });
      if (type === 'SUBTITLES' && uri === undefined) report({ line, expected: 'URI', found: 'none' });
      if (type !== 'CLOSED-CAPTIONS') continue;
      if (uri !== undefined) report({ line, expected: 'no URI of closed captions', found: uri });
      const id = values.get('INSTREAM-ID');
      if (!/^(CC[1-4]|SERVICE([1-9]|[1-5]\d|6[0-3]))$/.test(id ?? '')) {
        report({ line, expected: 'INSTREAM-ID', found: id ?? 'none' });
      }
    }
  },
};

const GROUP: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-GROUP-MISSING',
  reference: 'RFC 8216, 4.3.4.2',
  asks: 'the groups that variants name are there',
  check: ({ variants, renditions }, report) => {
    const groups = new Set(renditions.map(({ type, group }) => `${type} ${group}`));
    for (const { line, groups: named } of variants) {
      for (const [type, group] of named) {
        if (!groups.has(`${type} ${group}`))
          report({ line, expected: `EXT-X-MEDIA of ${type} "${group}"`, found: 'none' });
      }
    }
  },
};

/** Renditions by type, and then by group. */
function groupsByType(renditions: readonly Rendition[]): Map<string, Map<string, Rendition[]>> {
  const types = new Map<string, Map<string, Rendition[]>>();
  for (const rendition of renditions) {
    const groups = types.get(rendition.type) ?? new Map<string, Rendition[]>();
    types.set(rendition.type, groups);
    const members = groups.get(rendition.group) ?? [];
    groups.set(rendition.group, members);
    members.push(rendition);
  }
  return types;
}

const MEMBERS: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-GROUP-MEMBERS',
  reference: 'RFC 8216, 4.3.4.1 and 4.3.4.1.1',
  asks: 'members of a group have different names, one at most is the default, and that is selected automatically',
  check: ({ renditions }, report) => {
    for (const groups of groupsByType(renditions).values()) {
      for (const [group, members] of groups) {
        const names = new Set<string>();
        for (const { name, line } of members) {
          if (name === undefined) continue;
          if (names.has(name)) report({ line, expected: `a NAME of its own in "${group}"`, found: name });
          names.add(name);
        }
        const [, second] = members.filter(({ isDefault }) => isDefault);
        if (second) report({ line: second.line, expected: `one default in "${group}"`, found: 'another' });
      }
    }
    for (const { line, isDefault, values } of renditions) {
      if (isDefault && values.get('AUTOSELECT') === 'NO') {
        report({ line, expected: 'AUTOSELECT=YES of a default', found: 'NO' });
      }
    }
  },
};

/** Attributes that corresponding members of groups share. */
const SHARED = ['LANGUAGE', 'ASSOC-LANGUAGE', 'DEFAULT', 'AUTOSELECT', 'FORCED'];

function memberText({ name, values }: Rendition): string {
  const attributes = SHARED.flatMap((key) => (values.has(key) ? [`${key}=${values.get(key)}`] : []));
  return [name ?? '', ...attributes].join(' ');
}

const EQUAL: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-GROUPS-EQUAL',
  reference: 'RFC 8216, 4.3.4.1.1',
  asks: 'groups of a type have the same members, with the same attributes but for URI and CHANNELS',
  check: ({ renditions }, report) => {
    for (const groups of groupsByType(renditions).values()) {
      const [first, ...others] = [...groups.values()];
      const text = (members: readonly Rendition[]): string => members.map(memberText).sort().join('; ');
      for (const members of others) {
        if (first && text(members) !== text(first)) {
          report({ line: members[0]?.line, expected: text(first), found: text(members) });
        }
      }
    }
  },
};

const SCORE: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-SCORE',
  reference: 'draft-pantos-hls-rfc8216bis, 4.4.6.2; Apple HLS Authoring, 9.19',
  asks: 'SCORE, where it is used, is on every variant, and a number',
  check: ({ variants }, report) => {
    const streams = variants.filter(({ iframes }) => !iframes);
    const scored = streams.filter(({ values }) => values.has('SCORE'));
    if (scored.length === 0) return;
    for (const { line, values } of streams) {
      const score = values.get('SCORE');
      if (decimal(score) === undefined) report({ line, expected: 'SCORE, a number', found: score ?? 'none' });
    }
  },
};

const LANGUAGE: Rule<MasterPlaylist> = {
  ...HLS,
  id: 'HLS-LANGUAGE',
  reference: 'RFC 8216, 4.3.4.1; RFC 5646',
  asks: 'LANGUAGE and ASSOC-LANGUAGE are language tags',
  check: ({ renditions }, report) => {
    for (const { line, values } of renditions) {
      for (const name of ['LANGUAGE', 'ASSOC-LANGUAGE']) {
        const tag = values.get(name);
        if (tag !== undefined && canonicalLanguage(tag) === undefined) {
          report({ line, expected: `${name} such as "en" or "pt-BR"`, found: tag });
        }
      }
    }
  },
};

export const HLS_MASTER_RULES: readonly Rule<MasterPlaylist>[] = [
  ...[STREAM_INF, MEDIA, GROUP, MEMBERS, EQUAL, SCORE, LANGUAGE],
];
