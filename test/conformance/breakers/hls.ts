import { boxAt, setWord } from '../boxes.js';
import type { Package } from '../memory.js';
import { BIG, type Base, type Breaker, SMALL, SOUND } from './breaker.js';

const MASTER = 'master.m3u8';
const PICTURES = `${BIG}/playlist.m3u8`;
const IFRAMES = `${BIG}/iframes.m3u8`;
const HEARD = `${SOUND}/playlist.m3u8`;
const CAPTIONS =
  '#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc",NAME="en",LANGUAGE="en",INSTREAM-ID="CC1"\n';
const DATE = '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z';

function text(breaks: string, path: string, from: string | RegExp, to: string, ...rules: string[]): Breaker {
  return { breaks, base: 'ours', edit: (stream) => stream.text(path, from, to), rules: rules.sort() };
}

function edit(breaks: string, base: Base, change: (stream: Package) => void, ...rules: string[]): Breaker {
  return { breaks, base, edit: change, rules: rules.sort() };
}

export const PLAYLIST_BREAKERS: Breaker[] = [
  text('a byte order mark', PICTURES, '#EXTM3U', '\uFEFF#EXTM3U', 'HLS-TEXT'),
  edit(
    'bytes that are no UTF-8',
    'ours',
    (stream) => stream.patch(MASTER, (bytes) => Buffer.concat([bytes, Buffer.from([0x23, 0xff, 0x0a])])),
    'HLS-TEXT',
  ),
  text('no #EXTM3U', PICTURES, '#EXTM3U\n', '', 'HLS-EXTM3U'),
  text(
    'a tag of media playlists in the master',
    MASTER,
    '#EXTM3U\n',
    '#EXTM3U\n#EXT-X-TARGETDURATION:3\n',
    'HLS-TAGS-MIXED',
  ),
  text(
    'a tag twice',
    PICTURES,
    '#EXT-X-VERSION:6\n',
    '#EXT-X-VERSION:6\n#EXT-X-VERSION:6\n',
    'HLS-TAG-TWICE',
  ),
  text('a group without quotes', MASTER, 'AUDIO="stereo"', 'AUDIO=stereo', 'HLS-ATTRIBUTES'),
  text(
    'an attribute twice',
    MASTER,
    ',VIDEO-RANGE=SDR',
    ',VIDEO-RANGE=SDR,VIDEO-RANGE=SDR',
    'HLS-ATTRIBUTES',
  ),
  text('a version before EXT-X-MAP', PICTURES, 'VERSION:6', 'VERSION:3', 'HLS-VERSION'),
  text('a version that is no number', PICTURES, 'VERSION:6', 'VERSION:six', 'HLS-VERSION'),
  text('no bandwidth', MASTER, /(?<=STREAM-INF:)BANDWIDTH=\d+,/, '', 'HLS-STREAM-INF'),
  text('a rendition without a name', MASTER, ',NAME="en"', '', 'HLS-MEDIA-TAG'),
  text(
    'a group that there is not',
    MASTER,
    'AUDIO="stereo"',
    'AUDIO="stereo",SUBTITLES="text"',
    'HLS-GROUP-MISSING',
  ),
  text('a name twice in a group', MASTER, /(#EXT-X-MEDIA.*\n)/, '$1$1', 'HLS-GROUP-MEMBERS'),
  edit(
    'groups of different members',
    'surround',
    (stream) => stream.text(MASTER, /(GROUP-ID="surround".*)DEFAULT=YES/, '$1DEFAULT=NO'),
    'HLS-GROUPS-EQUAL',
  ),
  text(
    'a score of one variant only',
    MASTER,
    'RESOLUTION=320x180',
    'SCORE=2.5,RESOLUTION=320x180',
    'HLS-SCORE',
  ),
  text('a language that is none', MASTER, 'LANGUAGE="en"', 'LANGUAGE="en_US english"', 'HLS-LANGUAGE'),
  text('no target duration', IFRAMES, '#EXT-X-TARGETDURATION:3\n', '', 'HLS-TARGETDURATION'),
  text(
    'too short a target duration',
    PICTURES,
    'TARGETDURATION:3',
    'TARGETDURATION:1',
    ...['HLS-SAME-TARGETDURATION', 'HLS-TARGETDURATION'],
  ),
  text('a duration that is no number', IFRAMES, '#EXTINF:1.750000', '#EXTINF:1.75s', 'HLS-EXTINF'),
  text('no end', PICTURES, '#EXT-X-ENDLIST\n', '', 'HLS-ENDLIST'),
  text(
    'a type that there is not',
    PICTURES,
    'TYPE:VOD',
    'TYPE:FILM',
    'HLS-ENDLIST',
    'HLS-SAME-PLAYLIST-TYPE',
  ),
  text('a range that does not say where', IFRAMES, '3910@84', '3910', 'HLS-SEGMENT-URI'),
  text('a URI that is none', PICTURES, '\n2.m4s', '\nhttp://[2.m4s', 'HLS-SEGMENT-URI'),
  text(
    'a key method that there is not',
    HEARD,
    '#EXT-X-MAP',
    '#EXT-X-KEY:METHOD=ROT13,URI="key"\n#EXT-X-MAP',
    ...['HLS-KEY', 'HLS-KEY-SCHEME'],
  ),
  text(
    'a date range without dates',
    PICTURES,
    '#EXTINF',
    '#EXT-X-DATERANGE:ID="intro",START-DATE="2026-01-01T00:00:00Z",DURATION=2\n#EXTINF',
    'HLS-DATERANGE',
  ),
  text(
    'a duration that is 30 ms off',
    PICTURES,
    '#EXTINF:1.750000',
    '#EXTINF:1.780000',
    'HLS-EXTINF-ACCURACY',
  ),
  text(
    'a duration that is 0.6 s off',
    PICTURES,
    '#EXTINF:1.750000',
    '#EXTINF:2.350000',
    ...['APPLE-EXTINF-SUM', 'APPLE-SAME-DURATION', 'HLS-EXTINF-MEDIA'],
  ),
  text('no EXT-X-MAP', HEARD, '#EXT-X-MAP:URI="init.mp4"\n', '', 'HLS-MAP'),
];

/** Replaces text in every media playlist. */
function everywhere(stream: Package, from: string, to: string): void {
  for (const path of stream.files.keys()) {
    if (/\/\w+\.m3u8$/.test(path)) stream.text(path, from, to);
  }
}

export const MASTER_BREAKERS: Breaker[] = [
  text('dates of one playlist alone', PICTURES, '#EXTINF', `${DATE}\n#EXTINF`, 'HLS-PROGRAM-DATE-TIME'),
  edit(
    'dates of sound that are ten seconds off',
    'ours',
    (stream) => {
      everywhere(stream, '#EXTINF', `${DATE}\n#EXTINF`);
      stream.text(HEARD, '00:00:00Z', '00:00:10Z');
    },
    'HLS-PROGRAM-DATE-TIME',
  ),
  text('no codec of sound', MASTER, ',mp4a.40.2', '', 'HLS-CODECS'),
  text('a codec of another level', MASTER, 'avc1.64000c', 'avc1.64001f', 'HLS-CODECS'),
  text('no codecs', MASTER, /CODECS="avc1.64000c,mp4a.40.2",/, '', 'APPLE-STREAM-INF', 'HLS-CODECS-MISSING'),
  text('another resolution', MASTER, 'RESOLUTION=320x180', 'RESOLUTION=640x360', 'HLS-RESOLUTION'),
  text('another frame rate', MASTER, 'FRAME-RATE=24.000', 'FRAME-RATE=25.000', 'HLS-FRAME-RATE'),
  text('another range', MASTER, 'VIDEO-RANGE=SDR', 'VIDEO-RANGE=PQ', 'HLS-VIDEO-RANGE'),
  text('too low a peak', MASTER, /(?<=:BANDWIDTH=)\d+/, '100000', 'HLS-BANDWIDTH'),
  text('too high a peak', MASTER, /(?<=:BANDWIDTH=)\d+/, '900000', 'APPLE-BANDWIDTH'),
  text('a wrong average', MASTER, /(?<=AVERAGE-BANDWIDTH=)\d+/, '100000', 'HLS-AVERAGE-BANDWIDTH'),
  text('another number of channels', MASTER, 'CHANNELS="2"', 'CHANNELS="6"', 'HLS-CHANNELS'),
  text(
    'different target durations',
    HEARD,
    'TARGETDURATION:3',
    'TARGETDURATION:4',
    'HLS-SAME-TARGETDURATION',
  ),
  text('one playlist of another type', PICTURES, 'TYPE:VOD', 'TYPE:EVENT', 'HLS-SAME-PLAYLIST-TYPE'),
  text(
    'sound that ends early',
    HEARD,
    /#EXTINF:[\d.]+,\n3.m4s\n#EXTINF:[\d.]+,\n4.m4s\n/,
    '',
    ...['APPLE-SAME-DURATION', 'HLS-SAME-DURATION'],
  ),
  text('another language than the media', MASTER, 'LANGUAGE="en"', 'LANGUAGE="fr"', 'HLS-MEDIA-LANGUAGE'),
  edit(
    'subtitles that are no WebVTT',
    'ours',
    (stream) => {
      const head = '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:8\n#EXT-X-PLAYLIST-TYPE:VOD\n';
      stream.files.set('text/en.m3u8', Buffer.from(`${head}#EXTINF:8.0,\nen.vtt\n#EXT-X-ENDLIST\n`));
      stream.files.set('text/en.vtt', Buffer.from('1\n00:00:01,000 --> 00:00:02,000\nHello\n'));
      const tag =
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",URI="text/en.m3u8"';
      stream.text(MASTER, '\n#EXT-X-STREAM-INF', `\n${tag}\n#EXT-X-STREAM-INF`);
      stream.everywhere(MASTER, 'AUDIO="stereo"', 'AUDIO="stereo",SUBTITLES="text"');
    },
    'HLS-SUBTITLES',
  ),
  text(
    'an I-frame variant with another playlist',
    MASTER,
    /(I-FRAME.*URI=")video\/h264-180\/iframes.m3u8/,
    '$1video/h264-180/playlist.m3u8',
    ...['HLS-AVERAGE-BANDWIDTH', 'HLS-BANDWIDTH', 'HLS-IFRAMES-ONLY'],
  ),
  text('a key frame that begins elsewhere', IFRAMES, '@84\n2.m4s', '@80\n2.m4s', 'HLS-IFRAME-RANGE'),
  text('a key frame that ends elsewhere', IFRAMES, '4241@84', '4240@84', 'HLS-IFRAME-RANGE'),
  edit(
    'captions in one variant, and said to be in none',
    'ours',
    (stream) => {
      stream.text(MASTER, '\n#EXT-X-STREAM-INF', `\n${CAPTIONS}#EXT-X-STREAM-INF`);
      stream.text(MASTER, 'CLOSED-CAPTIONS=NONE', 'CLOSED-CAPTIONS="cc"');
    },
    'HLS-PARSER',
  ),
];

const TYPE = '#EXT-X-PLAYLIST-TYPE:VOD\n';

/** Adds seconds to the first EXTINF of a playlist. */
function longer(stream: Package, path: string, count: number, seconds: number): void {
  let left = count;
  const lines = stream.bytes(path).toString('utf8').split('\n');
  const edited = lines.map((line) => {
    const duration = /^#EXTINF:([\d.]+),$/.exec(line)?.[1];
    return duration !== undefined && left-- > 0
      ? `#EXTINF:${(Number(duration) + seconds).toFixed(6)},`
      : line;
  });
  stream.files.set(path, Buffer.from(edited.join('\n')));
}

export const APPLE_BREAKERS: Breaker[] = [
  {
    ...text('no I-frame playlists', MASTER, /#EXT-X-I-FRAME.*\n/g, '', 'APPLE-IFRAMES'),
    profiles: ['apple'],
  },
  text(
    'segments not said to be independent',
    MASTER,
    '#EXT-X-INDEPENDENT-SEGMENTS\n',
    '',
    'APPLE-INDEPENDENT-SEGMENTS',
  ),
  text('sound that ends a segment early', HEARD, /#EXTINF:[\d.]+,\n4.m4s\n/, '', 'APPLE-SAME-DURATION'),
  text('sound without a language', MASTER, ',LANGUAGE="en"', '', 'APPLE-LANGUAGE'),
  text('no frame rate', MASTER, ',FRAME-RATE=24.000', '', 'APPLE-STREAM-INF'),
  text('no average', MASTER, /,AVERAGE-BANDWIDTH=\d+/, '', 'APPLE-STREAM-INF'),
  edit(
    'playlists that do not say that they are of type VOD',
    'ours',
    (stream) => everywhere(stream, TYPE, ''),
    'APPLE-PLAYLIST-TYPE',
  ),
  edit(
    'variants that begin at different times, as live ones may',
    'ours',
    (stream) => {
      everywhere(stream, TYPE, '');
      stream.patch(`${BIG}/init.mp4`, (bytes) => setWord(bytes, 'moov/trak/edts/elst', 20, 0));
    },
    ...['APPLE-ALIGNMENT', 'APPLE-PLAYLIST-TYPE', 'CMAF-EDIT-LIST'],
    ...['DASH-SEGMENT-ALIGNMENT', 'DASH-TIMELINE-MEDIA'],
  ),
  edit('durations that drift apart', 'ours', (stream) => longer(stream, HEARD, 3, 0.009), 'APPLE-EXTINF-SUM'),
  edit(
    'a segment with three times the bits of the others',
    'ours',
    (stream) => {
      stream.patch(`${SMALL}/3.m4s`, (bytes) => {
        const filler = Buffer.alloc(250_000);
        filler.writeUInt32BE(filler.length);
        filler.write('free', 4, 'latin1');
        const index = boxAt(bytes, 'sidx').start + 32;
        bytes.writeUInt32BE(bytes.readUInt32BE(index) + filler.length, index);
        return Buffer.concat([bytes, filler]);
      });
      // The rates are declared as they are now.
      stream.text(
        MASTER,
        /BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+(?=.*RESOLUTION=160x90,F)/,
        'BANDWIDTH=1100000,AVERAGE-BANDWIDTH=467000',
      );
      stream.text('manifest.mpd', /(?<=id="h264-90" bandwidth=")\d+/, '510000');
    },
    'APPLE-PEAK-RATIO',
  ),
  edit('more than 60 frames a second', 'fast', () => undefined, 'APPLE-FRAME-RATE'),
];
