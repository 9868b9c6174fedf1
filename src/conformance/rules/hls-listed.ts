import type { HlsSegment, Key } from '../hls/media-playlist.js';
import { type ListedPlaylist, initOf, mediaSeconds, timesIn, trackOfKind } from '../hls/listed.js';
import { keyOf } from './cenc.js';
import type { Report, Rule, Violation } from './rule.js';

const HLS = { severity: 'error' } as const;

/** Durations in playlists may be off by this much, seconds: less than a frame, and more than rounding. */
const TOLERANCE = 0.01;

/** A duration that is off by more, seconds, is not a rounded one either. */
const ROUNDING = 0.5;

/** The first version whose durations need not be integers. */
const DECIMALS = 3;

interface Inexact extends Violation {
  /** Seconds. */
  off: number;
}

/** Segments whose EXTINF is not, within the tolerance, what they last. */
function inexactDurations({ playlist, track }: ListedPlaylist): Inexact[] {
  if (playlist.iframesOnly) return [];
  return playlist.segments.flatMap(({ line, seconds }, index) => {
    const played = mediaSeconds(track[index]);
    const off = played === undefined ? 0 : Math.abs(played - seconds);
    if (played === undefined || off <= TOLERANCE) return [];
    return [{ line, expected: `${played.toFixed(6)} s`, found: `${seconds} s`, off }];
  });
}

const DURATION: Rule<ListedPlaylist> = {
  ...HLS,
  id: 'HLS-EXTINF-MEDIA',
  reference: 'RFC 8216, 4.3.2.1',
  asks: 'EXTINF is what the segment lasts, or that rounded to a whole second: it is not off by more than half a second',
  check: (listed, report) => {
    for (const { off, ...violation } of inexactDurations(listed)) {
      if (off > ROUNDING) report(violation);
    }
  },
};

const ACCURACY: Rule<ListedPlaylist> = {
  severity: 'warning',
  id: 'HLS-EXTINF-ACCURACY',
  reference: 'RFC 8216, 4.3.2.1',
  asks: 'EXTINF is what the segment lasts, within 10 ms; before version 3, which has decimals, within half a second',
  check: (listed, report) => {
    if ((listed.playlist.version ?? 1) < DECIMALS) return;
    for (const { off, ...violation } of inexactDurations(listed)) {
      if (off <= ROUNDING) report(violation);
    }
  },
};

const MAP: Rule<ListedPlaylist> = {
  ...HLS,
  id: 'HLS-MAP',
  reference: 'RFC 8216, 3.3 and 4.3.2.5',
  asks: 'segments of fragmented MP4 have an EXT-X-MAP',
  check: ({ playlist, track }, report) => {
    const at = playlist.segments.findIndex(({ init }, index) => !init && track[index]?.format === 'mp4');
    if (at >= 0) report({ line: playlist.segments[at]?.line, expected: 'EXT-X-MAP', found: 'none' });
  },
};

const INDEPENDENT: Rule<ListedPlaylist> = {
  ...HLS,
  id: 'HLS-INDEPENDENT-SEGMENTS',
  reference: 'RFC 8216, 4.3.5.1',
  asks: 'where EXT-X-INDEPENDENT-SEGMENTS says so, every segment with pictures begins with a sync sample',
  check: (listed, report) => {
    if (!listed.independent || listed.playlist.iframesOnly) return;
    const video = trackOfKind(initOf(listed), 'video');
    for (const [index, facts] of listed.track.entries()) {
      if (timesIn(facts, video)?.firstSync === false) {
        const line = listed.playlist.segments[index]?.line;
        report({ line, expected: 'a segment that begins with a sync sample', found: facts?.file ?? '' });
      }
    }
  },
};

/** METHOD of a scheme (draft-pantos-hls-rfc8216bis, 4.4.4.4). */
const METHOD_OF: Readonly<Record<string, string>> = { cbcs: 'SAMPLE-AES', cenc: 'SAMPLE-AES-CTR' };

/** The first segment with encrypted samples and no key. Segments of a clear lead have neither. */
function bareSegment({ playlist, track }: ListedPlaylist): HlsSegment | undefined {
  return playlist.segments.find(
    ({ keys }, index) =>
      keys.length === 0 && track[index]?.tracks.some(({ protectedSamples }) => protectedSamples > 0),
  );
}

/** What is encrypted must have a key: a playlist some, and each segment whose samples are known to be. */
function checkKeyed(listed: ListedPlaylist, report: Report): void {
  const { playlist, track } = listed;
  if (playlist.segments.some(({ keys }) => keys.length > 0)) {
    const bare = bareSegment(listed);
    if (!bare) return;
    const found = `none before ${bare.uri}, which is encrypted`;
    report({ line: bare.line, expected: 'EXT-X-KEY', found });
    return;
  }
  const encrypted = track.find((facts) => keyOf(facts?.init) !== undefined);
  if (encrypted) report({ expected: 'EXT-X-KEY', found: `none, and ${encrypted.file} is encrypted` });
}

const SCHEME: Rule<ListedPlaylist> = {
  ...HLS,
  id: 'HLS-KEY-SCHEME',
  reference: 'draft-pantos-hls-rfc8216bis, 4.4.4.4; ISO/IEC 23001-7, 4.2',
  asks: 'METHOD is that of the scheme of the samples: SAMPLE-AES of cbcs, SAMPLE-AES-CTR of cenc, none where they are clear; segments with encrypted samples have a key',
  check: (listed, report) => {
    const { playlist, track } = listed;
    for (const [index, { keys }] of playlist.segments.entries()) {
      const init = track[index]?.init;
      if (!init || init.tracks.length === 0) continue;
      const scheme = keyOf(init)?.scheme;
      const expected = scheme === undefined ? undefined : METHOD_OF[scheme];
      const other = keys.find(({ method }) => method !== expected);
      if (!other) continue;
      const wanted = expected ?? 'no key: the samples are clear';
      report({ line: other.line, expected: wanted, found: other.method });
      return; // the same key holds for all that follow
    }
    checkKeyed(listed, report);
  },
};

const KEY_ID: Rule<ListedPlaylist> = {
  ...HLS,
  id: 'HLS-KEY-ID',
  reference: 'ISO/IEC 23001-7, 8.2; Widevine DRM, HLS, EXT-X-KEY',
  asks: 'KEYID of EXT-X-KEY, where there is one, is that of tenc',
  check: ({ playlist, track }, report) => {
    // What holds from a tag on is one list; it must change with the initialisation segment where that is of another key.
    const seen = new Map<readonly Key[], Set<string>>();
    for (const [index, { keys }] of playlist.segments.entries()) {
      const kid = keyOf(track[index]?.init)?.kid;
      if (kid === undefined || seen.get(keys)?.has(kid)) continue;
      seen.set(keys, (seen.get(keys) ?? new Set()).add(kid));
      for (const { line, keyId } of keys) {
        if (keyId !== undefined && keyId !== kid) report({ line, expected: kid, found: keyId });
      }
    }
  },
};

export const HLS_LISTED_RULES: readonly Rule<ListedPlaylist>[] = [
  ...[DURATION, ACCURACY, MAP, INDEPENDENT, SCHEME, KEY_ID],
];
