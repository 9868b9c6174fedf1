import type { Package } from '../memory.js';
import { type Breaker, BIG, SMALL, SOUND } from './breaker.js';

const MPD = 'manifest.mpd';

/** Of the base `rotated`: three key periods, from 0, 2 and 6 seconds on. */
function rotated(breaks: string, edit: (stream: Package) => void, ...rules: string[]): Breaker {
  return { breaks, base: 'rotated', edit, rules: rules.sort() };
}

function text(breaks: string, path: string, from: string | RegExp, to: string, ...rules: string[]): Breaker {
  return rotated(breaks, (stream) => stream.text(path, from, to), ...rules);
}

const connected = (value: string): string =>
  `$1\n      <SupplementalProperty schemeIdUri="urn:mpeg:dash:period-connectivity:2015" value="${value}"/>`;

export const ROTATION_BREAKERS: Breaker[] = [
  text(
    'a period with the initialisation segment of the one before',
    MPD,
    `${BIG}/init-2.mp4`,
    `${BIG}/init.mp4`,
    'DASH-DEFAULT-KID',
  ),
  text(
    'a playlist whose initialisation segment does not change with its keys',
    `${SOUND}/playlist.m3u8`,
    '#EXT-X-MAP:URI="init-3.mp4"\n',
    '',
    'HLS-KEY-ID',
  ),
  text(
    'a playlist whose keys do not change with its initialisation segment',
    `${SOUND}/playlist.m3u8`,
    /(init-2\.mp4[\s\S]*?)(?:#EXT-X-KEY:.*\n)+(#EXT-X-MAP:URI="init-3)/,
    '$1$2',
    'HLS-KEY-ID',
  ),
  text(
    'trick play with the keys of the period before',
    `${SMALL}/iframes.m3u8`,
    /(init-2\.mp4[\s\S]*?)(?:#EXT-X-KEY:.*\n)+(#EXT-X-MAP:URI="init-3)/,
    '$1$2',
    ...['HLS-IFRAME-KEYS', 'HLS-KEY-ID'],
  ),
  rotated(
    'two periods with their initialisation segments exchanged',
    (stream) => {
      const [second, third] = [2, 3].map((n) => stream.bytes(`${BIG}/init-${n}.mp4`));
      stream.files.set(`${BIG}/init-2.mp4`, third!).set(`${BIG}/init-3.mp4`, second!);
    },
    ...['DASH-DEFAULT-KID', 'HLS-KEY-ID'],
  ),
  text(
    'a period that begins where its media does not',
    MPD,
    ' start="PT2S"',
    ' start="PT3S"',
    'DASH-PERIODS',
  ),
  text(
    'a period whose media is of another time',
    MPD,
    /presentationTimeOffset="144000"/,
    'presentationTimeOffset="120000"',
    'DASH-COVERAGE',
  ),
  text('an id of two periods', MPD, '<Period id="1"', '<Period id="0"', 'DASH-IDS'),
  text(
    'a period that is said to be played by the initialisation segments of another key',
    MPD,
    /(<Period id="1"[\s\S]*?<AdaptationSet id="0"[^>]*>)/,
    connected('0'),
    'DASH-PERIOD-CONNECTED',
  ),
  text(
    'a period that goes on from one which comes later',
    MPD,
    /(<Period id="1"[\s\S]*?<AdaptationSet id="3"[^>]*>)/,
    connected('2'),
    'DASH-PERIOD-CONNECTED',
  ),
];
