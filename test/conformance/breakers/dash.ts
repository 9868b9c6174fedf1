import { boxAt, setWord, word } from '../boxes.js';
import type { Package } from '../memory.js';
import { BIG, type Base, type Breaker, SOUND } from './breaker.js';

const MPD = 'manifest.mpd';

function text(breaks: string, from: string | RegExp, to: string, ...rules: string[]): Breaker {
  return { breaks, base: 'ours', edit: (stream) => stream.text(MPD, from, to), rules: rules.sort() };
}

function other(base: Base, breaks: string, from: string | RegExp, to: string, ...rules: string[]): Breaker {
  return { ...text(breaks, from, to, ...rules), base };
}

export const MPD_BREAKERS: Breaker[] = [
  text('an element that is not closed', '</Period>', '', 'DASH-XML'),
  text('a document type', '<MPD ', '<!DOCTYPE MPD [<!ENTITY a "b">]><MPD ', 'DASH-XML'),
  text('another namespace', 'urn:mpeg:dash:schema:mpd:2011"', 'urn:mpeg:dash:schema:mpd:2012"', 'DASH-XML'),
  text('a type that there is not', 'type="static"', 'type="live"', 'DASH-STATIC'),
  text(
    'updates of what is not live',
    'type="static"',
    'type="static" minimumUpdatePeriod="PT2S"',
    'DASH-STATIC',
  ),
  text('no profiles', / profiles="[^"]*"/, '', 'DASH-PROFILES'),
  text('no buffer time', / minBufferTime="[^"]*"/, '', 'DASH-MIN-BUFFER-TIME'),
  text('a duration that is none', 'Duration="PT8S"', 'Duration="8 s"', 'DASH-DURATION'),
  text(
    'a duration in months',
    'minBufferTime="PT2.25S"',
    'minBufferTime="P1M"',
    'DASH-DURATION',
    'DASH-MIN-BUFFER-TIME',
  ),
  text('a period that begins late', '<Period id="0">', '<Period id="0" start="PT1S">', 'DASH-PERIODS'),
  text('a period that ends early', '<Period id="0">', '<Period id="0" duration="PT7S">', 'DASH-PERIODS'),
  text('an id twice', 'id="h264-90"', 'id="h264-180"', 'DASH-IDS'),
  text('no id', ' id="h264-90"', '', 'DASH-IDS'),
  text('no bandwidth', / bandwidth="\d+"/, '', 'DASH-REPRESENTATION'),
  text('a timeline and a duration', 'startNumber="1"', 'startNumber="1" duration="48000"', 'DASH-ADDRESSING'),
  text(
    'an identifier that there is not',
    'h264-180/$Number$',
    'h264-180/$Numbr$',
    'DASH-ADDRESSING',
    'SOURCE-MISSING',
  ),
  text('the profile of files with an index', 'isoff-live', 'isoff-on-demand', 'DASH-PROFILE-ADDRESSING'),
  text('a language that is none', 'lang="en"', 'lang="english language"', 'DASH-LANG'),
  text('a role that there is not', 'value="main"', 'value="primary"', 'DASH-ROLE'),
  text('a number that only one reader takes for one', 'startNumber="1"', 'startNumber="2x"', 'DASH-PARSER'),
];

/** Makes the first range of an index 40 bytes longer. */
function longerIndex(stream: Package): void {
  const [, first, last] = /indexRange="(\d+)-(\d+)"/.exec(stream.bytes(MPD).toString('utf8')) ?? [];
  stream.text(MPD, `indexRange="${first}-${last}"`, `indexRange="${first}-${Number(last) + 40}"`);
}

export const SEGMENT_BREAKERS: Breaker[] = [
  text('an overlap in the timeline', 't="90000"', 't="89000"', 'DASH-TIMELINE', 'DASH-TIMELINE-MEDIA'),
  text('a gap in the timeline that the media has not', 't="144000"', 't="145000"', 'DASH-TIMELINE-MEDIA'),
  text(
    'a segment that lasts nothing',
    't="144000" d="48000"',
    't="144000" d="0"',
    ...['DASH-COVERAGE', 'DASH-SEGMENT-ALIGNMENT', 'DASH-TIMELINE'],
  ),
  text('a segment that lasts longer than it does', 'd="59392"', 'd="59500"', 'DASH-TIMELINE-MEDIA'),
  other('single', 'an index that is elsewhere', /indexRange="(\d+)-/, 'indexRange="1$1-', 'DASH-INDEX'),
  {
    breaks: 'an index with more behind it',
    base: 'single',
    edit: longerIndex,
    rules: ['DASH-INDEX-EXACT'],
    profiles: ['dash-if'],
  },
  {
    breaks: 'an index of indexes',
    base: 'single',
    edit: (stream) =>
      stream.patch('v0.mp4', (bytes) => {
        // The size of the first reference, whose highest bit is the type of it.
        const version = word(bytes, 'sidx', 8) >>> 24;
        const at = version === 0 ? 32 : 40;
        return setWord(bytes, 'sidx', at, word(bytes, 'sidx', at) | 0x80000000);
      }),
    rules: ['DASH-INDEX-EXACT'],
    profiles: ['dash-if'],
  },
  other(
    'numbers',
    'a nominal duration that is not that of the segments',
    /duration="2000000"/,
    'duration="3000000"',
    ...['DASH-COVERAGE', 'DASH-DURATION-DRIFT', 'DASH-SEGMENT-ALIGNMENT'],
  ),
  text('sound that ends early', /\s*<S t="324608" d="59392"\/>/, '', 'DASH-COVERAGE'),
  text('too low a bandwidth', /(?<=id="h264-180" bandwidth=")\d+/, '1000', 'DASH-BANDWIDTH'),
];

export const MEDIA_BREAKERS: Breaker[] = [
  text('a codec of another level', 'avc1.64000c', 'avc1.64001f', 'DASH-CODECS'),
  {
    ...text('no codecs', ' codecs="avc1.64000c"', '', 'DASH-CODECS-MISSING'),
    profiles: ['dash-if'],
  },
  text('another size', ' width="320"', ' width="640"', 'DASH-VIDEO-SIZE'),
  text('another frame rate', 'frameRate="24000/1000"', 'frameRate="25"', 'DASH-FRAME-RATE'),
  text('another sampling rate', 'audioSamplingRate="48000"', 'audioSamplingRate="44100"', 'DASH-AUDIO'),
  text('another number of channels', '2011" value="2"', '2011" value="6"', 'DASH-AUDIO'),
  other('numbers', 'another shape of pixels', 'sar="1:1"', 'sar="4:3"', 'DASH-SAR'),
  text('other primaries', 'ColourPrimaries" value="1"', 'ColourPrimaries" value="9"', 'DASH-CICP'),
  text(
    'pictures that are said to be sound',
    'contentType="video"',
    'contentType="audio"',
    'DASH-CONTENT-TYPE',
  ),
  {
    breaks: 'SDR and PQ in one set',
    base: 'ours',
    edit: (stream) =>
      stream.patch(`${BIG}/init.mp4`, (bytes) => {
        const colr = boxAt(bytes, 'moov/trak/mdia/minf/stbl/stsd/avc1/colr').start;
        bytes.writeUInt16BE(16, colr + 14);
      }),
    rules: ['DASH-CICP', 'DASH-SET-MIXED', 'HLS-VIDEO-RANGE'],
  },
  text('another language than the media', 'lang="en"', 'lang="fr"', 'DASH-MEDIA-LANGUAGE'),
];

export const SOURCE_BREAKERS: Breaker[] = [
  {
    breaks: 'a segment that is not there',
    base: 'ours',
    edit: (stream) => stream.remove(`${BIG}/3.m4s`),
    rules: ['SOURCE-MISSING'],
  },
  {
    breaks: 'a playlist that is not there',
    base: 'ours',
    edit: (stream) => stream.remove(`${SOUND}/playlist.m3u8`),
    rules: ['SOURCE-MISSING'],
  },
  {
    breaks: 'an initialisation segment that is not there',
    base: 'ours',
    edit: (stream) => stream.remove(`${SOUND}/init.mp4`),
    rules: ['SOURCE-MISSING'],
  },
  {
    breaks: 'a reference that leads out of the folder',
    base: 'ours',
    edit: (stream) => stream.text(`${SOUND}/playlist.m3u8`, '\n2.m4s', '\n../../../../etc/passwd'),
    rules: ['SOURCE-OUTSIDE'],
  },
  {
    breaks: 'a reference that leads out of the folder in code',
    base: 'ours',
    edit: (stream) => stream.text(`${SOUND}/playlist.m3u8`, '\n2.m4s', '\n..%2F..%2F..%2F2.m4s'),
    rules: ['SOURCE-OUTSIDE'],
  },
  {
    breaks: 'a reference to a file of this computer',
    base: 'ours',
    edit: (stream) => stream.text(MPD, 'media="audio/', 'media="file:///etc/'),
    rules: ['SOURCE-OUTSIDE'],
  },
  {
    breaks: 'a range that goes on behind the file',
    base: 'single',
    edit: (stream) =>
      stream.text('a.m3u8', /#EXT-X-BYTERANGE:(\d+)\n(?=a\.mp4\n#EXT-X-ENDLIST)/, '#EXT-X-BYTERANGE:9$1\n'),
    rules: ['SOURCE-RANGE'],
  },
  {
    breaks: 'a playlist of 17 MB',
    base: 'ours',
    edit: (stream) =>
      stream.patch(`${SOUND}/playlist.m3u8`, (bytes) =>
        Buffer.concat([bytes, Buffer.alloc(17 << 20, '#\n')]),
      ),
    rules: ['SOURCE-LIMIT'],
  },
  {
    breaks: 'a segment that is repeated two billion times',
    base: 'ours',
    edit: (stream) =>
      stream.text(MPD, '<S t="324608" d="59392"/>', '<S t="324608" d="59392" r="2000000000"/>'),
    rules: ['SOURCE-LIMIT', 'SOURCE-MISSING'],
  },
];
