import { rename } from '../boxes.js';
import type { Package } from '../memory.js';
import { type Breaker, BIG, SMALL, SOUND } from './breaker.js';

/** Of the base `whole`: encrypted after a clear lead, with texts and sound in two languages. */
function whole(breaks: string, edit: (stream: Package) => void, ...rules: string[]): Breaker {
  return { breaks, base: 'whole', edit, rules: rules.sort() };
}

function text(breaks: string, path: string, from: string | RegExp, to: string, ...rules: string[]): Breaker {
  return whole(breaks, (stream) => stream.text(path, from, to), ...rules);
}

function without(breaks: string, path: string, box: string, ...rules: string[]): Breaker {
  return whole(breaks, (stream) => stream.patch(path, (bytes) => rename(bytes, box, 'free')), ...rules);
}

const TEXT = 'text/text-en';
const MINF = 'moov/trak/mdia/minf';

export const CUE_BREAKERS: Breaker[] = [
  text('a time map without a time of the media', `${TEXT}/1.vtt`, 'MPEGTS:0,', '', 'HLS-TIMESTAMP-MAP'),
  text('a time map of no time', `${TEXT}/1.vtt`, 'LOCAL:00:00:00.000', 'LOCAL:0', 'HLS-TIMESTAMP-MAP'),
  text('a time map behind the header', `${TEXT}/2.vtt`, 'WEBVTT\n', 'WEBVTT\n\n', 'HLS-TIMESTAMP-MAP'),
  text(
    'a cue that ends before it starts',
    `${TEXT}/1.vtt`,
    '> 00:00:02.0',
    '> 00:00:00.9',
    'HLS-WEBVTT-CUES',
  ),
  text('a cue with a time of minutes alone', `${TEXT}/1.vtt`, '00:00:01.000 -', '01 -', 'HLS-WEBVTT-CUES'),
  text('cues in another order', `${TEXT}/1.vtt`, '00:00:01.000 -', '00:00:00.400 -', 'HLS-WEBVTT-CUES'),
  text('a segment of text that is no WebVTT', `${TEXT}/1.vtt`, 'WEBVTT', '1', 'HLS-SUBTITLES'),
  text(
    'a text of another format in the MPD',
    'manifest.mpd',
    'codecs="wvtt"',
    'codecs="stpp"',
    'DASH-CODECS',
  ),
  without(
    'text in MP4 without a header',
    `${TEXT}/init.mp4`,
    `${MINF}/stbl/stsd/wvtt/vttC`,
    'ISO-SAMPLE-ENTRY',
  ),
  without('a track of text with no media header', `${TEXT}/init.mp4`, `${MINF}/nmhd`, 'ISO-HANDLER'),
];

export const KEY_BREAKERS: Breaker[] = [
  text(
    'a key id of another key in a playlist of sound',
    `${SOUND}/playlist.m3u8`,
    /KEYID=0x......../,
    'KEYID=0x01234567',
    'HLS-KEY-ID',
  ),
  text(
    'another key in trick play',
    `${SMALL}/iframes.m3u8`,
    /KEYID=0x......../,
    'KEYID=0x01234567',
    ...['HLS-IFRAME-KEYS', 'HLS-KEY-ID'],
  ),
  whole(
    'no key in trick play',
    (stream) => stream.text(`${BIG}/iframes.m3u8`, /#EXT-X-KEY.*\n/g, ''),
    ...['HLS-IFRAME-KEYS', 'HLS-KEY-SCHEME'],
  ),
  whole(
    'a clear lead that is said to be longer than it is',
    // The keys stand before the third segment instead of the second.
    (stream) => stream.text(`${SOUND}/playlist.m3u8`, /((?:#EXT-X-KEY.*\n)+)(#EXTINF.*\n.*\n)/, '$2$1'),
    'HLS-KEY-SCHEME',
  ),
  text(
    'an MPD with another key id than the media',
    'manifest.mpd',
    /default_KID="......../,
    'default_KID="01234567',
    'DASH-DEFAULT-KID',
  ),
  text('an MPD without the scheme', 'manifest.mpd', ' value="cbcs"', '', 'DASH-PROTECTION'),
  without(
    'an encrypted track that does not say how',
    `${SOUND}/init.mp4`,
    `${MINF}/stbl/stsd/enca/sinf/schi`,
    ...['CENC-SINF', 'DASH-PROTECTION', 'HLS-KEY-SCHEME'],
  ),
];
