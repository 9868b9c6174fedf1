import { expect, it } from 'vitest';
import { joinedMpd, joinedPlaylist } from '../../../src/package/rotation/join.js';
import { slotsFrom, slotsOf, timelineXml } from '../../../src/package/rotation/timeline.js';

const part = (...lines: string[]): string =>
  ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-MAP:URI="init.mp4"', ...lines, '#EXT-X-ENDLIST', ''].join('\n');

it('playlists of periods become one: numbers go on, keys stand before the initialisation segment that they are of', () => {
  const first = part(
    '#EXTINF:2,',
    '1.m4s',
    '#EXT-X-DISCONTINUITY',
    '#EXT-X-KEY:a',
    '#EXT-X-KEY:b',
    '#EXTINF:2,',
    '2.m4s',
  );
  const second = part(
    '#EXT-X-KEY:c',
    '#EXT-X-KEY:d',
    '#EXTINF:2,',
    '1.m4s',
    '#EXTINF:1,',
    '#EXT-X-BYTERANGE:9@84',
    '2.m4s',
  );
  const third = part('#EXT-X-KEY:e', '#EXTINF:1,', '1.m4s');
  expect(joinedPlaylist([first, second, third]).split('\n')).toEqual([
    ...['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-MAP:URI="init.mp4"'],
    ...['#EXTINF:2,', '1.m4s', '#EXT-X-DISCONTINUITY', '#EXT-X-KEY:a', '#EXT-X-KEY:b', '#EXTINF:2,', '2.m4s'],
    ...['#EXT-X-KEY:c', '#EXT-X-KEY:d', '#EXT-X-MAP:URI="init-2.mp4"', '#EXTINF:2,', '3.m4s'],
    ...['#EXTINF:1,', '#EXT-X-BYTERANGE:9@84', '4.m4s'],
    ...['#EXT-X-KEY:e', '#EXT-X-MAP:URI="init-3.mp4"', '#EXTINF:1,', '5.m4s', '#EXT-X-ENDLIST', ''],
  ]);
});

it('the MPD of a period gets the segments of all, by rendition', () => {
  const representation = (id: string, timeline: string[]): string =>
    [
      `      <Representation id="0" codecs="avc1">`,
      `        <SegmentTemplate timescale="24" presentationTimeOffset="7" initialization="video/${id}/init.mp4" media="video/${id}/$Number$.m4s" startNumber="1">`,
      '          <SegmentTimeline>',
      ...timeline,
      '          </SegmentTimeline>',
      '        </SegmentTemplate>',
      '      </Representation>',
    ].join('\n');
  const mpd = [
    representation('a', ['            <S t="0" d="48"/>']),
    representation('b', ['            <S t="0" d="48"/>']),
  ].join('\n');
  const slots = new Map([
    ['video/a', slotsFrom(0, [48, 48, 42])],
    ['video/b', slotsFrom(0, [138])],
  ]);
  const joined = [
    representation('a', ['            <S t="0" d="48" r="1"/>', '            <S t="96" d="42"/>']),
    representation('b', ['            <S t="0" d="138"/>']),
  ].join('\n');
  expect(joinedMpd(mpd, slots)).toBe(joined.replaceAll(' presentationTimeOffset="7"', ''));
});

it('a timeline is written and read back, gaps too', () => {
  const slots = [...slotsFrom(5, [10, 10, 10, 7]), ...slotsFrom(50, [7, 10])];
  expect(timelineXml(slots, '  ').split('\n')).toEqual([
    '  <SegmentTimeline>',
    ...[
      '    <S t="5" d="10" r="2"/>',
      '    <S t="35" d="7"/>',
      '    <S t="50" d="7"/>',
      '    <S t="57" d="10"/>',
    ],
    '  </SegmentTimeline>',
  ]);
  expect(slotsOf(timelineXml(slots, ''))).toEqual(slots);
  expect(slotsOf('<S d="3" r="1"/><S d="4"/>')).toEqual(slotsFrom(0, [3, 3, 4]));
});
