import type { HlsSegment } from '../hls/media-playlist.js';
import { type ListedPlaylist, initOf, timesIn, trackOfKind } from '../hls/listed.js';
import type { MasterView } from '../hls/view.js';
import { primaryLanguage } from '../language.js';
import { DATES } from './hls-dates.js';
import type { Rule } from './rule.js';

const HLS = { severity: 'error' } as const;

/** Playlists of a master that play together: no I-frame playlists, and none of these URLs. */
export function playedTogether({ lists }: MasterView, without?: ReadonlySet<string>): ListedPlaylist[] {
  const played = [...lists].filter(
    ([url, { playlist }]) => !playlist.iframesOnly && without?.has(url) !== true,
  );
  return played.map(([, listed]) => listed);
}

/** URLs of renditions of text, which may have target durations of their own. */
function textUrls({ master }: MasterView): Set<string> {
  return new Set(master.renditions.flatMap(({ type, url }) => (type === 'SUBTITLES' && url ? [url] : [])));
}

const TARGET: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-SAME-TARGETDURATION',
  reference: 'RFC 8216, 6.2.4; Apple HLS Authoring, 8.2',
  asks: 'media playlists of a master, but for subtitles and I-frames, have one target duration',
  check: (view, report) => {
    const text = textUrls(view);
    // Playlists without one are another rule's.
    const known = playedTogether(view, text).flatMap(({ playlist: { file, targetDuration: seconds } }) =>
      seconds === undefined ? [] : [{ file, seconds }],
    );
    const [first, ...others] = known;
    for (const { file, seconds } of others) {
      if (!first || seconds === first.seconds) continue;
      report({ file, expected: `${first.seconds} s`, found: `${seconds} s` });
    }
  },
};

const TYPE: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-SAME-PLAYLIST-TYPE',
  reference: 'RFC 8216, 6.2.4',
  asks: 'media playlists of a master all have the same EXT-X-PLAYLIST-TYPE, or none',
  check: ({ lists }, report) => {
    const [first, ...others] = [...lists.values()];
    for (const { playlist } of others) {
      if (playlist.type === first?.playlist.type) continue;
      report({
        file: playlist.file,
        expected: first?.playlist.type ?? 'no type',
        found: playlist.type ?? 'none',
      });
    }
  },
};

/** Seconds of a playlist. */
export function lengthOf({ playlist }: ListedPlaylist): number {
  return playlist.segments.reduce((sum, { seconds }) => sum + seconds, 0);
}

const DURATION: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-SAME-DURATION',
  reference: 'RFC 8216, 6.2.4',
  asks: 'media playlists of a master that have ended, but for text, differ in length by a target duration at most',
  check: (view, report) => {
    // Text may end with its last cue.
    const ended = playedTogether(view, textUrls(view)).filter(({ playlist }) => playlist.ended);
    const [first, ...others] = ended;
    if (!first) return;
    const length = lengthOf(first);
    for (const listed of others) {
      const tolerance = Math.max(first.playlist.targetDuration ?? 0, listed.playlist.targetDuration ?? 0);
      if (Math.abs(lengthOf(listed) - length) <= tolerance) continue;
      const found = `${lengthOf(listed).toFixed(3)} s`;
      report({ file: listed.playlist.file, expected: `${length.toFixed(3)} s`, found });
    }
  },
};

/** When the first picture is shown, seconds; undefined where there are none. */
function firstPicture(listed: ListedPlaylist): number | undefined {
  const video = trackOfKind(initOf(listed), 'video');
  const times = timesIn(listed.track[0], video);
  return video && times && video.timescale > 0 ? times.presented / video.timescale : undefined;
}

/** Seconds. */
const TIME_TOLERANCE = 0.002;

const TIMESTAMPS: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-TIMESTAMPS',
  reference: 'RFC 8216, 6.2.4',
  asks: 'variants whose playlists are of type VOD show their first picture at the same time of the media',
  check: (view, report) => {
    // Others may have lost segments at their start, and not all of them as many at a time.
    const whole = playedTogether(view).filter(({ playlist }) => playlist.type === 'VOD');
    const starts = whole.flatMap(({ playlist, ...listed }) => {
      const seconds = firstPicture({ playlist, ...listed });
      return seconds === undefined ? [] : [{ file: playlist.file, seconds }];
    });
    const [first, ...others] = starts;
    for (const { file, seconds } of others) {
      if (!first || Math.abs(seconds - first.seconds) <= TIME_TOLERANCE) continue;
      report({ file, expected: `${first.seconds.toFixed(6)} s`, found: `${seconds.toFixed(6)} s` });
    }
  },
};

const LANGUAGE: Rule<MasterView> = {
  severity: 'warning',
  id: 'HLS-MEDIA-LANGUAGE',
  reference: 'RFC 8216, 4.3.4.1; ISO/IEC 14496-12, 8.4.2 and 8.4.6',
  asks: 'LANGUAGE of a rendition is not another than its media says',
  check: ({ master, lists }, report) => {
    for (const { line, language, url, type } of master.renditions) {
      const listed = url === undefined || type !== 'AUDIO' ? undefined : lists.get(url);
      const track = listed && trackOfKind(initOf(listed), 'audio');
      const [said, is] = [language, track?.extendedLanguage ?? track?.language].map(primaryLanguage);
      if (said !== undefined && is !== undefined && said !== is) report({ line, expected: is, found: said });
    }
  },
};

const WEBVTT: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-SUBTITLES',
  reference: 'RFC 8216, 3.5; Apple HLS Authoring, 5.2',
  asks: 'segments of subtitles are WebVTT files, which begin with WEBVTT, or fragmented MP4',
  check: (view, report) => {
    for (const url of textUrls(view)) {
      const listed = view.lists.get(url);
      for (const facts of listed?.track ?? []) {
        if (!facts || facts.format === 'webvtt' || facts.format === 'mp4') continue;
        report({ file: facts.file, expected: 'WEBVTT', found: 'other bytes' });
      }
    }
  },
};

const NESTED: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-IFRAMES-ONLY',
  reference: 'RFC 8216, 4.3.4.3; Apple HLS Authoring, 6.8',
  asks: 'playlists of EXT-X-I-FRAME-STREAM-INF, and only they, have EXT-X-I-FRAMES-ONLY',
  check: ({ master, lists }, report) => {
    for (const { iframes, url } of master.variants) {
      const playlist = url === undefined ? undefined : lists.get(url)?.playlist;
      if (!playlist || playlist.iframesOnly === iframes) continue;
      const words = ['no EXT-X-I-FRAMES-ONLY', 'EXT-X-I-FRAMES-ONLY'];
      const [expected = '', found = ''] = iframes ? [...words].reverse() : words;
      report({ file: playlist.file, expected, found });
    }
  },
};

/** What keys of a segment are, without where they stand. */
function keysText({ keys }: HlsSegment): string {
  const texts = keys.map(({ method, format, keyId = '' }) => `${method} of ${format} ${keyId}`.trim());
  return texts.sort().join(', ') || 'none';
}

const IFRAME_KEYS: Rule<MasterView> = {
  ...HLS,
  id: 'HLS-IFRAME-KEYS',
  reference: 'RFC 8216, 4.3.2.4 and 4.3.3.6',
  asks: 'entries of I-frame playlists have the keys of the segments that they point into',
  check: ({ lists }, report) => {
    const all = [...lists.values()].map(({ playlist }) => playlist);
    const iframes = all.filter(({ iframesOnly }) => iframesOnly);
    if (iframes.length === 0) return;
    const whole = all.filter(({ iframesOnly }) => !iframesOnly).flatMap(({ segments }) => segments);
    const keysOf = new Map<string, string | undefined>();
    for (const segment of whole) {
      const keys = keysText(segment);
      // Of a file whose segments have several, it is not looked at which of them an entry lies in.
      keysOf.set(segment.url, keysOf.has(segment.url) && keysOf.get(segment.url) !== keys ? undefined : keys);
    }
    for (const { file, segments } of iframes) {
      const wrong = segments.find((entry) => (keysOf.get(entry.url) ?? keysText(entry)) !== keysText(entry));
      if (!wrong) continue;
      const expected = `keys of ${wrong.uri}: ${keysOf.get(wrong.url)}`;
      report({ file, line: wrong.line, expected, found: keysText(wrong) });
    }
  },
};

export const HLS_TOGETHER_RULES: readonly Rule<MasterView>[] = [
  ...[TARGET, TYPE, DURATION, TIMESTAMPS, DATES, LANGUAGE, WEBVTT, NESTED, IFRAME_KEYS],
];
