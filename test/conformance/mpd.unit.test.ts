import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillTemplate, parseRange, unknownIdentifiers } from '../../src/conformance/dash/addressing.js';
import { parseDuration } from '../../src/conformance/dash/duration.js';
import { mpdOf, representationsOf } from '../../src/conformance/dash/mpd.js';
import { type DashList, listedSegments } from '../../src/conformance/dash/segments.js';
import { parseXml } from '../../src/conformance/dash/xml.js';

it.each([
  ['PT8S', 8],
  ['PT1H2M3.5S', 3723.5],
  ['P1DT1S', 86_401],
  ['PT0.000001S', 0.000001],
  ['P0Y0M1D', 86_400],
  ['P1Y', undefined],
  ['P1M', undefined],
  ['PT', undefined],
  ['P', undefined],
  ['8', undefined],
  ['-PT8S', undefined],
  ['PT8', undefined],
])('parseDuration %s: %s', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

describe('templates', () => {
  const values = { RepresentationID: 'v 1', Number: 7, Time: 90_000, Bandwidth: 500 };

  it.each([
    ['$RepresentationID$/$Number$.m4s', 'v 1/7.m4s'],
    ['$Number%05d$-$Time$-$Bandwidth$', '00007-90000-500'],
    ['$RepresentationID%09d$', 'v 1'],
    ['cost$$$Number$', 'cost$7'],
    ['$Number', '$Number'],
    ['$number$', '$number$'],
    ['$Number%099d$', '7'.padStart(64, '0')],
  ])('%s: %s', (template, filled) => {
    expect(fillTemplate(template, values)).toBe(filled);
  });

  it('knows identifiers that there are not', () => {
    expect(unknownIdentifiers('$RepresentationID$/$Number%03d$$$')).toEqual([]);
    expect(unknownIdentifiers('$SubNumber$/$Number%3d$/$x')).toEqual([
      ...['$SubNumber$', '$Number%3d$', '$x'],
    ]);
  });
});

it.each([
  ['0-99', { offset: 0, length: 100 }],
  [' 5-5 ', { offset: 5, length: 1 }],
  ['9-5', undefined],
  ['5-', undefined],
  ['-5', undefined],
  [undefined, undefined],
])('parseRange %s', (text, range) => {
  expect(parseRange(text)).toEqual(range);
});

/** Segments of a representation with this in it. */
function listOf(content: string, room = 1000, duration = 'PT10S'): DashList {
  const root = parseXml(
    `<MPD mediaPresentationDuration="${duration}"><BaseURL>media/</BaseURL><Period><AdaptationSet>` +
      `<Representation id="a" bandwidth="9">${content}</Representation></AdaptationSet></Period></MPD>`,
  );
  const mpd = mpdOf('m.mpd', 'file:///package/m.mpd', root);
  return listedSegments(representationsOf(mpd)[0]!, room);
}

describe('segments', () => {
  const timeline = (entries: string, end = 'PT10S'): DashList =>
    listOf(
      `<SegmentTemplate timescale="10" startNumber="3" initialization="i" media="$Number$-$Time$"><SegmentTimeline>${entries}</SegmentTimeline></SegmentTemplate>`,
      1000,
      end,
    );
  const shown = ({ segments }: DashList): [string, number, number][] =>
    segments.map(({ url, time, seconds }) => [url.replace('file:///package/media/', ''), time, seconds]);

  it('of a timeline, repeated to the next time or to the end', () => {
    expect(shown(timeline('<S t="0" d="20" r="1"/><S d="10"/><S t="50" d="25" r="-1"/>'))).toEqual([
      ...[['3-0', 0, 2] as const, ['4-20', 2, 2] as const, ['5-40', 4, 1] as const],
      ...[['6-50', 5, 2.5] as const, ['7-75', 7.5, 2.5] as const],
    ]);
    expect(shown(timeline('<S t="0" d="20" r="-1"/><S t="60" d="40"/>'))).toHaveLength(4);
    expect(timeline('<S t="0" d="20"/>').init).toEqual({ url: 'file:///package/media/i', range: undefined });
  });

  it('of a timeline with a gap, which is a discontinuity', () => {
    const { problems, segments } = timeline('<S t="0" d="20"/><S t="30" d="20" r="1"/><S t="70" d="20"/>');
    expect(problems).toEqual([]);
    expect(segments.map(({ time, discontinuity }) => [time, discontinuity])).toEqual([
      ...[[0, false] as const, [3, true] as const, [5, false] as const, [7, false] as const],
    ]);
  });

  it('of a timeline with an overlap, or with nonsense', () => {
    expect(timeline('<S t="0" d="20"/><S t="19" d="20"/>').problems).toMatchObject([
      { expected: 'S at 20, where the one before it ends, or later', found: '19' },
    ]);
    for (const entry of ['<S t="0"/>', '<S t="0" d="0"/>', '<S t="0" d="1" r="x"/>']) {
      expect(timeline(entry).problems).toHaveLength(1);
    }
  });

  it('of a duration: as many as the period has room for', () => {
    const list = (duration: number, length: string): number =>
      listOf(`<SegmentTemplate timescale="10" duration="${duration}" media="$Number$"/>`, 1000, length)
        .segments.length;
    expect([list(20, 'PT10S'), list(20, 'PT10.5S'), list(30, 'PT10S')]).toEqual([5, 6, 4]);
    // 0.1 s has no exact half: sums must not make one segment more.
    expect(list(1, 'PT0.3S')).toBe(3);
  });

  it('of a list', () => {
    const urls =
      '<Initialization range="0-9"/><SegmentURL mediaRange="10-19"/><SegmentURL media="b" mediaRange="x"/>';
    const { segments, problems, init } = listOf(
      `<SegmentList duration="5" timescale="1">${urls}</SegmentList>`,
    );
    expect(init).toEqual({ url: 'file:///package/media/', range: { offset: 0, length: 10 } });
    expect(segments).toMatchObject([{ url: 'file:///package/media/', range: { offset: 10, length: 10 } }]);
    expect(problems).toMatchObject([{ expected: 'a URL and a range' }]);
  });

  it('no more than there is room for, however many are asked for', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2_000_000_000 }), fc.nat({ max: 20 }), (repeat, room) => {
        const entry = `<SegmentTimeline><S t="0" d="1" r="${repeat}"/></SegmentTimeline>`;
        const list = listOf(`<SegmentTemplate media="$Number$">${entry}</SegmentTemplate>`, room);
        expect(list.segments.length).toBe(Math.min(room, repeat + 1));
        expect(list.tooMany).toBe(repeat + 1 > room);
      }),
      { numRuns: 50 },
    );
  });
});
