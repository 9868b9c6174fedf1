import { keyOf } from './cenc.js';
import { RATE_TOLERANCE } from './hls-variant.js';
import { lengthOf, playedTogether } from './hls-together.js';
import {
  type ListedPlaylist,
  frameRateOf,
  initOf,
  mediaSeconds,
  timesIn,
  trackOfKind,
} from '../hls/listed.js';
import { type MasterView, type VariantView, variantRates } from '../hls/view.js';
import type { Rule } from './rule.js';

const APPLE = { severity: 'error', profile: 'apple' } as const;
const DOCUMENT = 'Apple HLS Authoring';

const IFRAMES: Rule<MasterView> = {
  ...APPLE,
  id: 'APPLE-IFRAMES',
  reference: `${DOCUMENT}, 6.1`,
  asks: 'a master with pictures has I-frame playlists',
  check: ({ master, lists }, report) => {
    const read = [...lists.values()].some((listed) => trackOfKind(initOf(listed), 'video'));
    const pictures = read || master.variants.some(({ resolution }) => resolution);
    if (pictures && !master.variants.some(({ iframes }) => iframes)) {
      report({ expected: 'EXT-X-I-FRAME-STREAM-INF', found: 'none' });
    }
  },
};

const INDEPENDENT: Rule<MasterView> = {
  ...APPLE,
  id: 'APPLE-INDEPENDENT-SEGMENTS',
  reference: `${DOCUMENT}, 9.11 and 9.12`,
  asks: 'where segments begin with key frames the master, or every playlist with pictures, has EXT-X-INDEPENDENT-SEGMENTS',
  check: (view, report) => {
    if (view.master.independent) return;
    for (const listed of playedTogether(view)) {
      const video = trackOfKind(initOf(listed), 'video');
      const keyed = listed.track.every((facts) => timesIn(facts, video)?.firstSync !== false);
      if (!video || listed.independent || !keyed) continue;
      report({ file: listed.playlist.file, expected: 'EXT-X-INDEPENDENT-SEGMENTS', found: 'none' });
    }
  },
};

/** Seconds: a frame of sound, however it is sampled. */
const LENGTH_TOLERANCE = 0.1;

/** Packagers cut durations to milliseconds, which is no fault of the media; a run of segments may be that much off. */
const ROUNDING_SECONDS = 0.0005;

const DURATIONS: Rule<MasterView> = {
  ...APPLE,
  id: 'APPLE-SAME-DURATION',
  reference: `${DOCUMENT}, 8.3 and 8.7`,
  asks: 'playlists of sound and pictures last equally long, within 0.1 s and half a millisecond a segment',
  check: (view, report) => {
    const ended = playedTogether(view).filter((listed) => listed.playlist.ended && initOf(listed));
    const [first, ...others] = ended;
    for (const listed of others) {
      if (!first) continue;
      const segments = Math.max(...[first, listed].map(({ playlist }) => playlist.segments.length));
      const allowed = LENGTH_TOLERANCE + segments * ROUNDING_SECONDS;
      if (Math.abs(lengthOf(listed) - lengthOf(first)) <= allowed) continue;
      const [expected, found] = [first, listed].map((one) => `${lengthOf(one).toFixed(3)} s`);
      report({ file: listed.playlist.file, expected: expected ?? '', found: found ?? '' });
    }
  },
};

/** Seconds that boundaries may be apart: rounding to timescales. */
const BOUNDARY_TOLERANCE = 0.002;

/** When every segment's pictures begin, seconds. */
function boundaries(listed: ListedPlaylist): number[] | undefined {
  const video = trackOfKind(initOf(listed), 'video');
  const times = listed.track.map((facts) => timesIn(facts, video)?.presented);
  if (!video || video.timescale === 0 || times.includes(undefined)) return undefined;
  return times.map((time) => (time ?? 0) / video.timescale);
}

const ALIGNMENT: Rule<MasterView> = {
  severity: 'warning',
  profile: 'apple',
  id: 'APPLE-ALIGNMENT',
  reference: `${DOCUMENT}, 8.22`,
  asks: 'variants with pictures have their segment boundaries at the same times',
  check: (view, report) => {
    const cut = playedTogether(view).flatMap((listed) => {
      const starts = boundaries(listed);
      return starts ? [{ file: listed.playlist.file, starts }] : [];
    });
    const [first, ...others] = cut;
    for (const { file, starts } of others) {
      const at =
        first?.starts.findIndex(
          (start, index) => !(Math.abs(start - (starts[index] ?? NaN)) <= BOUNDARY_TOLERANCE),
        ) ?? -1;
      if (at < 0) continue;
      report({
        file,
        expected: `segment ${at + 1} at ${first?.starts[at]} s`,
        found: `at ${starts[at] ?? 'no time'} s`,
      });
    }
  },
};

const LANGUAGE: Rule<MasterView> = {
  severity: 'warning',
  profile: 'apple',
  id: 'APPLE-LANGUAGE',
  reference: `${DOCUMENT}, 8.10`,
  asks: 'EXT-X-MEDIA of sound and text has LANGUAGE (a warning, as there may be no language to tell)',
  check: ({ master }, report) => {
    for (const { line, type, language } of master.renditions) {
      if (type !== 'VIDEO' && language === undefined) report({ line, expected: 'LANGUAGE', found: 'none' });
    }
  },
};

const ATTRIBUTES: Rule<VariantView> = {
  ...APPLE,
  id: 'APPLE-STREAM-INF',
  reference: `${DOCUMENT}, 9.1 to 9.4, 9.14 and 9.15`,
  asks: 'variants have CODECS and AVERAGE-BANDWIDTH, those with pictures RESOLUTION, and if they are no I-frames FRAME-RATE',
  check: ({ variant, own }, report) => {
    const { line, iframes, values } = variant;
    const pictures = iframes || (own && trackOfKind(initOf(own), 'video'));
    const wanted = [
      ...['CODECS', 'AVERAGE-BANDWIDTH'],
      ...(pictures ? ['RESOLUTION'] : []),
      ...(pictures && !iframes ? ['FRAME-RATE'] : []),
    ];
    for (const name of wanted) if (!values.has(name)) report({ line, expected: name, found: 'none' });
  },
};

const BANDWIDTH: Rule<VariantView> = {
  ...APPLE,
  id: 'APPLE-BANDWIDTH',
  reference: `${DOCUMENT}, 1.27`,
  asks: 'BANDWIDTH is not above the measured peak by more than 10%',
  check: (view, report) => {
    const { bandwidth, line } = view.variant;
    const rates = variantRates(view);
    const peak = rates?.withText.peak ?? NaN;
    if (bandwidth === undefined || !(bandwidth * (1 - RATE_TOLERANCE) > peak)) return;
    report({ line, expected: `${Math.ceil(peak)} bit/s`, found: String(bandwidth) });
  },
};

const PEAK: Rule<VariantView> = {
  severity: 'warning',
  profile: 'apple',
  id: 'APPLE-PEAK-RATIO',
  reference: `${DOCUMENT}, 1.30`,
  asks: 'the peak of a variant is at most 200% of its average',
  check: (view, report) => {
    const rates = view.variant.iframes ? undefined : variantRates(view);
    if (!rates || rates.peak <= 2 * rates.average) return;
    const expected = `at most ${Math.floor(2 * rates.average)} bit/s`;
    report({ line: view.variant.line, expected, found: String(Math.ceil(rates.peak)) });
  },
};

const FRAME_RATE: Rule<VariantView> = {
  ...APPLE,
  id: 'APPLE-FRAME-RATE',
  reference: `${DOCUMENT}, 1.19`,
  asks: 'pictures are shown at 60 frames a second at most',
  check: ({ variant: { line }, own }, report) => {
    const rate = own && !own.playlist.iframesOnly ? frameRateOf(own)?.rate : undefined;
    if (rate !== undefined && rate > 60.05) report({ line, expected: '60 at most', found: rate.toFixed(3) });
  },
};

const TYPE: Rule<ListedPlaylist> = {
  ...APPLE,
  id: 'APPLE-PLAYLIST-TYPE',
  reference: `${DOCUMENT}, 8.6`,
  asks: 'a playlist that has ended says that it is of type VOD',
  check: ({ playlist }, report) => {
    if (playlist.ended && playlist.type === undefined) {
      report({ expected: 'EXT-X-PLAYLIST-TYPE:VOD', found: 'none' });
    }
  },
};

const EXTINF: Rule<ListedPlaylist> = {
  ...APPLE,
  id: 'APPLE-EXTINF-SUM',
  reference: `${DOCUMENT}, 8.1`,
  asks: 'the EXTINF of any run of segments add up to what the media lasts, within a frame and half a millisecond a segment',
  check: ({ playlist, track }, report) => {
    if (playlist.iframesOnly) return;
    let [sum, least, most, frame] = [0, 0, 0, 0];
    for (const [index, { seconds, line }] of playlist.segments.entries()) {
      const facts = track[index];
      const played = mediaSeconds(facts);
      const main = facts?.init?.tracks[0];
      if (played === undefined || !main) return; // what follows has nothing to be compared with
      frame = Math.max(frame, (timesIn(facts, main)?.mostDuration ?? 0) / main.timescale);
      sum += seconds - played;
      [least, most] = [Math.min(least, sum), Math.max(most, sum)];
      const allowed = frame + (index + 1) * ROUNDING_SECONDS;
      if (most - least <= allowed + 1e-6) continue;
      report({
        line,
        expected: `a difference of ${allowed.toFixed(6)} s at most`,
        found: `${(most - least).toFixed(6)} s`,
      });
      return;
    }
  },
};

const PATTERN: Rule<ListedPlaylist> = {
  ...APPLE,
  id: 'APPLE-CBCS-PATTERN',
  reference: `${DOCUMENT}, 13.7`,
  asks: 'pictures in cbcs are encrypted in the pattern 1:9',
  check: (listed, report) => {
    const init = initOf(listed);
    const entry = trackOfKind(init, 'video')?.entries[0];
    const tenc = entry?.protection?.tenc;
    if (!init || !tenc || keyOf(init)?.scheme !== 'cbcs') return;
    if (tenc.cryptBlocks !== 1 || tenc.skipBlocks !== 9) {
      report({ file: init.file, expected: '1:9', found: `${tenc.cryptBlocks}:${tenc.skipBlocks}` });
    }
  },
};

export const APPLE_MASTER_RULES: readonly Rule<MasterView>[] = [
  IFRAMES,
  INDEPENDENT,
  DURATIONS,
  ALIGNMENT,
  LANGUAGE,
];
export const APPLE_VARIANT_RULES: readonly Rule<VariantView>[] = [ATTRIBUTES, BANDWIDTH, PEAK, FRAME_RATE];
export const APPLE_LISTED_RULES: readonly Rule<ListedPlaylist>[] = [TYPE, EXTINF, PATTERN];
