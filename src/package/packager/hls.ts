import type { VideoRange } from '../../ingest/index.js';
import { ROLE_SIGNS } from '../audio/roles.js';
import { TEXT_GROUP, textMediaLine, textPlaylistPath } from '../text/manifests.js';
import type { AudioRendition, TextTrack } from '../types.js';
import { MEDIA_PLAYLIST } from './args.js';
import { formatAttributes, parseAttributes, quoted, unquoted } from './attributes.js';
import type { Bandwidth } from './bandwidth.js';
import { type AudioGroup, folderOf } from './names.js';

/**
 * Replaces the packager's EXTINF, cut off after milliseconds, which adds up to a second over a long title, and its target
 * duration by `target`, seconds.
 */
export function exactDurations(playlist: string, seconds: readonly number[], target: number): string {
  let index = 0;
  return playlist
    .replace(/^#EXT-X-TARGETDURATION:\d+/m, `#EXT-X-TARGETDURATION:${target}`)
    .replace(/^#EXTINF:[\d.]+,/gm, (line) => {
      const duration = seconds[index];
      index += 1;
      return duration === undefined ? line : `#EXTINF:${duration.toFixed(6)},`;
    });
}

/** Bytes of every entry of an I-frame playlist. */
export function byteRanges(playlist: string): number[] {
  return [...playlist.matchAll(/^#EXT-X-BYTERANGE:(\d+)/gm)].map((match) => Number(match[1]));
}

export interface MasterFacts {
  /** Bit rates by playlist, e.g. `video/v180/playlist.m3u8`. */
  bandwidths: ReadonlyMap<string, Bandwidth>;
  /** Ranges of video by playlist, key frames' included. */
  ranges: ReadonlyMap<string, VideoRange>;
  groups: readonly AudioGroup[];
  /** Names of tracks. */
  names: ReadonlyMap<number, string>;
  texts?: readonly TextTrack[];
}

function playlistOf(audio: AudioRendition): string {
  return `${folderOf('audio', audio.id)}/${MEDIA_PLAYLIST}`;
}

/** What `CHANNELS` says: how many, or of Dolby Atmos how many objects (HLS authoring specification, 2.5). */
function channelsOf({ channels, joc }: AudioRendition): string {
  return joc === undefined ? String(channels) : `${joc}/JOC`;
}

/** Whether each track of a group may be chosen by its language: of those for the same viewers only the first (RFC 8216, 4.3.4.1.1). */
function autoselected(members: readonly AudioRendition[]): boolean[] {
  const viewers = new Set<string>();
  return members.map(({ language, role }) => {
    const signs = role && ROLE_SIGNS[role];
    if (signs?.autoselect === false) return false;
    const viewer = `${language} ${signs?.characteristic ?? ''}`;
    const first = !viewers.has(viewer);
    viewers.add(viewer);
    return first;
  });
}

interface Listing {
  group: string;
  name: string;
  /** The group's first one is what plays where nobody chooses. */
  first: boolean;
  autoselect: boolean;
}

function mediaLine(audio: AudioRendition, { group, name, first, autoselect }: Listing): string {
  const signs = audio.role && ROLE_SIGNS[audio.role];
  return `#EXT-X-MEDIA:${formatAttributes(
    new Map([
      ['TYPE', 'AUDIO'],
      ['URI', quoted(playlistOf(audio))],
      ['GROUP-ID', quoted(group)],
      ...(audio.language === 'und' ? [] : [['LANGUAGE', quoted(audio.language)] as const]),
      ['NAME', quoted(name)],
      ['DEFAULT', first ? 'YES' : 'NO'],
      // What is the default must be selectable by itself (RFC 8216, 4.3.4.1).
      ['AUTOSELECT', first || autoselect ? 'YES' : 'NO'],
      ...(signs?.characteristic ? [['CHARACTERISTICS', quoted(signs.characteristic)] as const] : []),
      ['CHANNELS', quoted(channelsOf(audio))],
    ]),
  )}`;
}

/** The dearest member of a group: what a variant may need at most besides its pictures. */
function groupBandwidth(group: AudioGroup, facts: MasterFacts): Bandwidth {
  const rates = group.members.map((audio) => facts.bandwidths.get(playlistOf(audio)));
  return {
    average: Math.max(0, ...rates.map((rate) => rate?.average ?? 0)),
    peak: Math.max(0, ...rates.map((rate) => rate?.peak ?? 0)),
  };
}

/** The dearest text track: a variant plays with one of them. */
function textBandwidth({ texts = [], bandwidths }: MasterFacts): Bandwidth {
  const rates = texts.map((track) => bandwidths.get(textPlaylistPath(track)));
  return {
    average: Math.max(0, ...rates.map((rate) => rate?.average ?? 0)),
    peak: Math.max(0, ...rates.map((rate) => rate?.peak ?? 0)),
  };
}

/**
 * Offers a variant with the text tracks. The packager says already that there are no captions in the pictures: no encode
 * keeps them.
 */
function variantLine(line: string, facts: MasterFacts): string {
  if (!facts.texts?.length) return line;
  const colon = line.indexOf(':');
  const attributes = parseAttributes(line.slice(colon + 1));
  const text = textBandwidth(facts);
  for (const [name, rate] of [
    ['BANDWIDTH', text.peak],
    ['AVERAGE-BANDWIDTH', text.average],
  ] as const) {
    if (attributes.has(name)) attributes.set(name, String(Number(attributes.get(name)) + rate));
  }
  attributes.set('SUBTITLES', quoted(TEXT_GROUP));
  return `${line.slice(0, colon)}:${formatAttributes(attributes)}`;
}

/** EXT-X-I-FRAME-STREAM-INF has all attributes but these (RFC 8216, 4.3.4.3); the packager writes the last. */
const NOT_OF_TRICKS = ['FRAME-RATE', 'AUDIO', 'SUBTITLES', 'CLOSED-CAPTIONS'];

/** One EXT-X-STREAM-INF or EXT-X-I-FRAME-STREAM-INF with true bit rates and, with a group, its sound. */
function streamLine(
  line: string,
  uri: string,
  facts: MasterFacts,
  group?: AudioGroup,
  without: readonly string[] = [],
): string {
  const colon = line.indexOf(':');
  const attributes = parseAttributes(line.slice(colon + 1));
  for (const name of without) attributes.delete(name);
  const own = facts.bandwidths.get(uri);
  const sound = group ? groupBandwidth(group, facts) : { average: 0, peak: 0 };
  if (own) {
    attributes.set('BANDWIDTH', String(own.peak + sound.peak));
    attributes.set('AVERAGE-BANDWIDTH', String(own.average + sound.average));
  }
  // The packager knows the range of some codecs only. One range said for all is better than a guess for each.
  const range = facts.ranges.get(uri);
  if (range) attributes.set('VIDEO-RANGE', range);
  if (group) {
    const codecs = group.members.map((audio) => audio.codecString);
    attributes.set('CODECS', quoted([...new Set([unquoted(attributes.get('CODECS')), ...codecs])].join(',')));
    attributes.set('AUDIO', quoted(group.id));
  }
  return `${line.slice(0, colon)}:${formatAttributes(attributes)}`;
}

interface Entry {
  line: string;
  uri: string;
}

/**
 * Makes the title's master playlist of the video run's: the audio groups and the texts are added, every variant is listed once a
 * group, and the bit rates are those of the bytes that ship. Lines are as the packager wrote them otherwise.
 */
export function titleMaster(video: string, facts: MasterFacts): string {
  const lines = video.split('\n');
  const variants: Entry[] = lines.flatMap((line, index) =>
    line.startsWith('#EXT-X-STREAM-INF:') ? [{ line, uri: lines[index + 1] ?? '' }] : [],
  );
  const iframes: Entry[] = lines
    .filter((line) => line.startsWith('#EXT-X-I-FRAME-STREAM-INF:'))
    .map((line) => ({ line, uri: unquoted(parseAttributes(line.slice(line.indexOf(':') + 1)).get('URI')) }));
  const head = lines.slice(
    0,
    lines.findIndex((line) => line.startsWith('#EXT-X-STREAM-INF:')),
  );
  while (head.at(-1) === '') head.pop();

  const media = facts.groups.map(({ id, members }) => {
    const autoselect = autoselected(members);
    return members.map((audio, i) => {
      const name = facts.names.get(audio.track) ?? audio.id;
      return mediaLine(audio, { group: id, name, first: i === 0, autoselect: autoselect[i]! });
    });
  });
  const groups = facts.groups.length === 0 ? [undefined] : facts.groups;
  const streams = groups.map((group) =>
    variants.flatMap(({ line, uri }) => [variantLine(streamLine(line, uri, facts, group), facts), uri]),
  );
  const tricks = iframes.map(({ line, uri }) => streamLine(line, uri, facts, undefined, NOT_OF_TRICKS));
  const texts = (facts.texts ?? []).map(textMediaLine);
  const blocks = [head, ...media, texts, ...streams, tricks].filter((block) => block.length > 0);
  return `${blocks.map((block) => block.join('\n')).join('\n\n')}\n`;
}
