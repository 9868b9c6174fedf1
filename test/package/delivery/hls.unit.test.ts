import { parse, type types } from 'hls-parser';
import { describe, expect, it } from 'vitest';
import { withBaseUrls } from '../../../src/package/delivery/dash/base-urls.js';
import { withEvents } from '../../../src/package/delivery/dash/events.js';
import { withDateRanges } from '../../../src/package/delivery/hls/date-ranges.js';
import { type MasterSelection, filterMaster } from '../../../src/package/delivery/hls/filter-master.js';
import { formatMaster, parseMaster } from '../../../src/package/delivery/hls/master-playlist.js';
import { withPathways } from '../../../src/package/delivery/hls/pathways.js';
import type { Marker } from '../../../src/package/index.js';
import { FPS, facts } from './support.js';

const HEAD = ['#EXTM3U', '## by hand', '', '#EXT-X-INDEPENDENT-SEGMENTS', ''];
const media = (type: string, group: string, id: string, more = ''): string =>
  `#EXT-X-MEDIA:TYPE=${type},URI="${type === 'AUDIO' ? 'audio' : 'text'}/${id}/playlist.m3u8",GROUP-ID="${group}",NAME="en"${more}`;
const variant = (
  id: string,
  peak: number,
  codecs: string,
  group: string,
  more = ',SUBTITLES="text"',
): string[] => [
  `#EXT-X-STREAM-INF:BANDWIDTH=${peak},AVERAGE-BANDWIDTH=${peak - 100},CODECS="${codecs}",AUDIO="${group}"${more}`,
  `video/${id}/playlist.m3u8`,
];
const iframes = (id: string): string =>
  `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,CODECS="avc1",URI="video/${id}/iframes.m3u8"`;
const IMAGES = '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=1,CODECS="jpeg",URI="images/a/playlist.m3u8"';
const text = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

const STEREO = media('AUDIO', 'stereo', 'aac');
const SURROUND = media('AUDIO', 'surround', 'eac3');
const TEXT = media('SUBTITLES', 'text', 'text-en', ',DEFAULT=NO');
const MASTER = text([
  ...HEAD,
  ...[STEREO, '', SURROUND, '', TEXT, ''],
  ...variant('high', 4000, 'avc1.640028,mp4a.40.2', 'stereo', ',SCORE=2,SUBTITLES="text"'),
  ...variant('low', 2000, 'avc1.64001f,mp4a.40.2', 'stereo', ',SCORE=1,SUBTITLES="text"'),
  '',
  ...variant('high', 4400, 'avc1.640028,ec-3', 'surround'),
  ...variant('low', 2400, 'avc1.64001f,ec-3', 'surround'),
  '',
  ...[iframes('high'), iframes('low'), '', IMAGES],
]);

const select = (over: Partial<MasterSelection> = {}): MasterSelection => ({
  ...{ videos: ['high', 'low'], audios: ['aac', 'eac3'], texts: ['text-en'], allAudios: facts().audios },
  rates: new Map([
    ['audio/aac/playlist.m3u8', { average: 90, peak: 100 }],
    ['audio/eac3/playlist.m3u8', { average: 380, peak: 400 }],
    ['text/text-en/playlist.m3u8', { average: 5, peak: 7 }],
  ]),
  keepsKey: () => true,
  ...over,
});

describe('a master playlist of some renditions', () => {
  it('is the same where all are kept', () => {
    expect(formatMaster(parseMaster(MASTER))).toBe(MASTER);
    expect(filterMaster(MASTER, select())).toBe(MASTER);
  });

  it('keeps sound, text, its own I-frames, scores and lines that it does not know', () => {
    expect(filterMaster(MASTER, select({ videos: ['low'], audios: ['aac'] }))).toBe(
      text([
        ...HEAD,
        ...[STEREO, '', TEXT, ''],
        ...variant('low', 2000, 'avc1.64001f,mp4a.40.2', 'stereo', ',SCORE=1,SUBTITLES="text"'),
        '',
        ...[iframes('low'), '', IMAGES],
      ]),
    );
  });

  it('without text takes its bit rate off', () => {
    const master = filterMaster(MASTER, select({ videos: ['low'], audios: ['aac'], texts: [] }));
    expect(master).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=1993,AVERAGE-BANDWIDTH=1895,CODECS="avc1.64001f,mp4a.40.2",AUDIO="stereo",SCORE=1\n',
    );
    expect(master).not.toContain('SUBTITLES');
  });

  it('keeps a group in part where none is whole, with what is left of codecs and bit rates', () => {
    const one = text([
      ...HEAD,
      ...[STEREO, media('AUDIO', 'stereo', 'eac3').replace('"en"', '"fr"'), ''],
      ...variant('low', 2400, 'avc1.64001f,mp4a.40.2,ec-3', 'stereo', ''),
    ]);
    expect(filterMaster(one, select({ audios: ['aac'] }))).toBe(
      text([
        ...HEAD,
        ...[STEREO, ''],
        '#EXT-X-STREAM-INF:BANDWIDTH=2100,AVERAGE-BANDWIDTH=2010,CODECS="avc1.64001f,mp4a.40.2",AUDIO="stereo"',
        'video/low/playlist.m3u8',
      ]),
    );
  });

  it('drops session keys that are of no use', () => {
    const key = (system: string): string => `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,URI="skd://${system}"`;
    const keyed = MASTER.replace('#EXT-X-INDEPENDENT', `${key('a')}\n${key('b')}\n#EXT-X-INDEPENDENT`);
    const kept = filterMaster(
      keyed,
      select({ keepsKey: ({ attributes }) => attributes.get('URI') === '"skd://b"' }),
    );
    expect(kept).toBe(keyed.replace(`${key('a')}\n`, ''));
  });
});

describe('several servers', () => {
  const ORIGINS = [
    { id: 'a', url: 'https://a.example/t/' },
    { id: 'b', url: 'https://b.example/x&y/' },
  ];
  const small = filterMaster(MASTER, select({ videos: ['low'], audios: ['aac'] })).replace(',SCORE=1', '');

  it('are pathways of a master playlist', () => {
    const at = (url: string, id: string): string[] => [
      `#EXT-X-STREAM-INF:BANDWIDTH=2000,AVERAGE-BANDWIDTH=1900,CODECS="avc1.64001f,mp4a.40.2",AUDIO="stereo-${id}",SUBTITLES="text-${id}",PATHWAY-ID="${id}"`,
      `${url}video/low/playlist.m3u8`,
    ];
    const sound = (url: string, id: string): string =>
      `#EXT-X-MEDIA:TYPE=AUDIO,URI="${url}audio/aac/playlist.m3u8",GROUP-ID="stereo-${id}",NAME="en"`;
    const words = (url: string, id: string): string =>
      `#EXT-X-MEDIA:TYPE=SUBTITLES,URI="${url}text/text-en/playlist.m3u8",GROUP-ID="text-${id}",NAME="en",DEFAULT=NO`;
    const tricks = (url: string, id: string): string =>
      `#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,CODECS="avc1",URI="${url}video/low/iframes.m3u8",PATHWAY-ID="${id}"`;
    const both = <T>(make: (url: string, id: string) => T): T[] =>
      ORIGINS.map(({ url, id }) => make(url, id));
    const steered = withPathways(small, ORIGINS, 'https://steer.example/?s=1');
    expect(steered).toBe(
      text([
        '#EXTM3U',
        '#EXT-X-CONTENT-STEERING:SERVER-URI="https://steer.example/?s=1",PATHWAY-ID="a"',
        ...HEAD.slice(1),
        ...ORIGINS.flatMap(({ url, id }) => [sound(url, id), words(url, id)]),
        '',
        ...both(at).flat(),
        '',
        ...[...both(tricks), '', IMAGES],
      ]),
    );
    const parsed = parse(steered) as types.MasterPlaylist;
    expect(parsed.variants.map(({ uri, audio }) => [uri, audio.map((each) => each.uri)])).toEqual([
      ...ORIGINS.map(({ url }) => [`${url}video/low/playlist.m3u8`, [`${url}audio/aac/playlist.m3u8`]]),
      ...ORIGINS.map(({ url }) => [`${url}video/low/iframes.m3u8`, []]),
    ]);
    expect(withPathways(small, ORIGINS)).not.toContain('STEERING');
    expect(withPathways(small, [])).toBe(small);
  });

  it('are base URLs of an MPD', () => {
    const mpd = '<MPD type="static">\n  <Period id="0">\n  </Period>\n</MPD>\n';
    expect(withBaseUrls(mpd, ORIGINS, 'https://steer.example/?s=1&t')).toBe(
      [
        '<MPD type="static">',
        '  <BaseURL serviceLocation="a">https://a.example/t/</BaseURL>',
        '  <BaseURL serviceLocation="b">https://b.example/x&#38;y/</BaseURL>',
        '  <ContentSteering defaultServiceLocation="a" queryBeforeStart="true">https://steer.example/?s=1&#38;t</ContentSteering>',
        '  <Period id="0">\n  </Period>\n</MPD>\n',
      ].join('\n'),
    );
    expect(withBaseUrls(mpd, [])).toBe(mpd);
  });
});

const MARKERS: Marker[] = [
  { id: 'credits-1', kind: 'credits', startFrame: 144, endFrame: 192, source: 'detected', confidence: 0.7 },
  { id: 'intro-1', kind: 'intro', startFrame: 12, endFrame: 60, source: 'manual', confidence: 1 },
  {
    ...{ id: 'splice-1', kind: 'adbreak', startFrame: 96, endFrame: 120, source: 'scte35', confidence: 1 },
    scte35: { out: 'fc01', in: 'fc02' },
  },
  { id: 'adbreak-1', kind: 'adbreak', startFrame: 61, endFrame: 61, source: 'manual', confidence: 1 },
];

describe('markers', () => {
  const PLAYLIST = text([
    ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:4', '#EXT-X-PLAYLIST-TYPE:VOD'],
    ...[
      '#EXT-X-MAP:URI="init.mp4"',
      '#EXTINF:4.000000,',
      '1.m4s',
      '#EXTINF:4.000000,',
      '2.m4s',
      '#EXT-X-ENDLIST',
    ],
  ]);

  it('are date ranges before the segment that they begin in', () => {
    const dated = withDateRanges(PLAYLIST, MARKERS, FPS);
    expect(dated).toBe(
      text([
        ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:4', '#EXT-X-PLAYLIST-TYPE:VOD'],
        '#EXT-X-MAP:URI="init.mp4"',
        '#EXT-X-PROGRAM-DATE-TIME:2000-01-01T00:00:00.000Z',
        '#EXT-X-DATERANGE:ID="intro-1",CLASS="com.hullcast.intro",START-DATE="2000-01-01T00:00:00.500Z",DURATION=2.000000,X-COM-HULLCAST-KIND="intro",X-COM-HULLCAST-SOURCE="manual",X-COM-HULLCAST-CONFIDENCE=1.00',
        '#EXT-X-DATERANGE:ID="adbreak-1",CLASS="com.hullcast.adbreak",START-DATE="2000-01-01T00:00:02.542Z",X-COM-HULLCAST-KIND="adbreak",X-COM-HULLCAST-SOURCE="manual",X-COM-HULLCAST-CONFIDENCE=1.00',
        ...['#EXTINF:4.000000,', '1.m4s'],
        '#EXT-X-DATERANGE:ID="splice-1",START-DATE="2000-01-01T00:00:04.000Z",DURATION=1.000000,X-COM-HULLCAST-KIND="adbreak",X-COM-HULLCAST-SOURCE="scte35",X-COM-HULLCAST-CONFIDENCE=1.00,SCTE35-OUT=0xFC01,SCTE35-IN=0xFC02',
        '#EXT-X-DATERANGE:ID="credits-1",CLASS="com.hullcast.credits",START-DATE="2000-01-01T00:00:06.000Z",DURATION=2.000000,X-COM-HULLCAST-KIND="credits",X-COM-HULLCAST-SOURCE="detected",X-COM-HULLCAST-CONFIDENCE=0.70',
        ...['#EXTINF:4.000000,', '2.m4s', '#EXT-X-ENDLIST'],
      ]),
    );
    const { segments } = parse(dated) as types.MediaPlaylist;
    expect(segments.map(({ programDateTime }) => programDateTime?.toISOString())).toEqual([
      '2000-01-01T00:00:00.000Z',
      undefined,
    ]);
    expect(segments.map(({ dateRange }) => dateRange?.id)).toEqual(['adbreak-1', 'credits-1']);
    expect(withDateRanges(PLAYLIST, [], FPS)).not.toContain('EXT-X-DATERANGE');
  });

  it('are events of an MPD, in whole ticks', () => {
    const period =
      '<MPD mediaPresentationDuration="PT8S" type="static">\n  <Period id="0">\n  </Period>\n</MPD>\n';
    const NTSC = { num: 24_000, den: 1001 };
    const mpd = withEvents(period, MARKERS, NTSC);
    const own = (id: string, kind: string, source: string, confidence: string): string =>
      `<Marker xmlns="urn:hullcast:markers:2026" id="${id}" kind="${kind}" source="${source}" confidence="${confidence}"/>`;
    const signal = (data: string): string =>
      `<Signal xmlns="http://www.scte.org/schemas/35/2016"><Binary>${data}</Binary></Signal>`;
    expect(mpd.split('\n').slice(2, -3)).toEqual([
      '    <EventStream schemeIdUri="urn:hullcast:markers:2026" timescale="24000">',
      `      <Event presentationTime="12012" duration="48048" id="1">${own('intro-1', 'intro', 'manual', '1.00')}</Event>`,
      `      <Event presentationTime="61061" id="2">${own('adbreak-1', 'adbreak', 'manual', '1.00')}</Event>`,
      `      <Event presentationTime="96096" duration="24024" id="3">${own('splice-1', 'adbreak', 'scte35', '1.00')}</Event>`,
      `      <Event presentationTime="144144" duration="48048" id="4">${own('credits-1', 'credits', 'detected', '0.70')}</Event>`,
      '    </EventStream>',
      '    <EventStream schemeIdUri="urn:scte:scte35:2014:xml+bin" timescale="24000">',
      `      <Event presentationTime="96096" duration="24024" id="1">${signal('/AE=')}</Event>`,
      `      <Event presentationTime="120120" id="2">${signal('/AI=')}</Event>`,
      '    </EventStream>',
    ]);
  });

  it('are events of the key period that they begin in, on its own clock', () => {
    const period = (id: number, start: string): string =>
      `  <Period id="${id}" start="PT${start}S" duration="PT9S">\n  </Period>\n`;
    const NTSC = { num: 24_000, den: 1001 };
    // Frames 61 and 96 of the title, where two of the markers begin.
    const mpd = withEvents(
      `<MPD>\n${period(0, '0')}${period(1, '2.544208')}${period(2, '4.004')}</MPD>\n`,
      MARKERS,
      NTSC,
    );
    const events = mpd
      .split('</Period>')
      .map((part) =>
        [
          ...part.matchAll(
            /<Event presentationTime="(\d+)"(?: duration="(\d+)")? id="(\d+)"><(\w+)(?: xmlns="[^"]*" id="([^"]*)")?/g,
          ),
        ].map(([, time, duration, id, element, name]) => [
          Number(time) / 1001,
          Number(duration ?? 0) / 1001,
          id,
          name ?? element,
        ]),
      );
    expect(events).toEqual([
      [[12, 48, '1', 'intro-1']],
      [[0, 0, '2', 'adbreak-1']],
      [
        [0, 24, '3', 'splice-1'],
        [48, 48, '4', 'credits-1'],
        [0, 24, '1', 'Signal'],
        [24, 0, '2', 'Signal'],
      ],
      [],
    ]);
  });
});
