import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MadeText, textTracks } from '../../src/package/text/plan.js';
import { textAdaptationSet, textMediaLine } from '../../src/package/text/manifests.js';
import { textSegments } from '../../src/package/text/segments.js';
import { textPlaylist, webvttSegment } from '../../src/package/text/webvtt.js';
import { wvttInit } from '../../src/package/text/wvtt-init.js';
import { wvttSegment } from '../../src/package/text/wvtt.js';
import type { TextTrack } from '../../src/package/index.js';
import { type Sample, readSamples } from '../../src/conformance/index.js';
import { readWebvttSegment } from '../../src/package/verify/text/read-webvtt.js';
import { cuesOfSamples } from '../../src/package/verify/text/read-wvtt.js';
import { difference, shippedCue } from '../../src/package/verify/text/shipped-cue.js';
import type { Cue } from '../../src/text/index.js';
import { readInit, readSegment } from '../conformance/read.js';
import { cue } from '../text/support.js';

const BLOB = { sha256: 'a'.repeat(64), bytes: 1 };
const made = (over: Partial<MadeText> = {}): MadeText => ({
  ...{ language: 'eng', kind: 'subtitles', forced: false, default: false },
  result: { tracks: [{ blob: BLOB, cues: 3 }], findings: [] },
  ...over,
});
const track = (over: Partial<MadeText> = {}): TextTrack => textTracks([made(over)])[0]!;

describe('text tracks', () => {
  const names = (texts: MadeText[]) =>
    textTracks(texts).map(({ id, name, language, autoselect }) => [id, name, language, autoselect]);

  it('have ids and names of their own, by what they are', () => {
    const captions = { kind: 'captions' } as const;
    expect(
      names([
        made(),
        made(captions),
        made({ language: 'de', forced: true }),
        made({ language: 'zh-hans' }),
        made({ language: 'English (US)' }),
      ]),
    ).toEqual([
      ['text-en', 'en', 'en', true],
      ['text-en-sdh', 'en SDH', 'en', true],
      ['text-de-forced', 'de forced', 'de', true],
      ['text-zh-Hans', 'zh-Hans', 'zh-Hans', true],
      ['text-und', 'Text', 'und', true],
    ]);
  });

  it('may share a language: then names are counted, and players choose the first by themselves', () => {
    expect(names([made(), made(), made({ name: 'en' }), made({ name: 'Director, "cut"=1' })])).toEqual([
      ['text-en', 'en', 'en', true],
      ['text-en-2', 'en 2', 'en', false],
      ['text-en-3', 'en 3', 'en', false],
      ['text-en-4', 'Director cut 1', 'en', false],
    ]);
  });

  it('have one default at most, which players may choose', () => {
    const tracks = textTracks([made(), made({ default: true }), made({ default: true })]);
    expect(tracks.map((each) => [each.default, each.autoselect])).toEqual([
      [false, true],
      [true, true],
      [false, false],
    ]);
  });

  it('are one for every caption channel, in its language', () => {
    const result = {
      tracks: [
        { channel: 'CC1' as const, blob: BLOB, cues: 1 },
        { channel: 'CC3' as const, blob: BLOB, cues: 2 },
      ],
      findings: [],
    };
    const text = made({ result, language: 'und', kind: 'captions', channelLanguages: { CC3: 'es' } });
    expect(textTracks([text]).map(({ id, cues }) => [id, cues])).toEqual([
      ['text-und-sdh', 1],
      ['text-es-sdh', 2],
    ]);
  });
});

describe('segments of text', () => {
  it('are as long as asked for, to the end of the title, with or without cues', () => {
    const cues = [cue(500, 1500), cue(1900, 4100), cue(6000, 8000), cue(7900, 8008)];
    expect(
      textSegments(cues, 8008, 2).map(({ start, end, cues }) => [start, end, cues.map((each) => each.start)]),
    ).toEqual([
      [0, 2000, [500, 1900]],
      [2000, 4000, [1900]],
      [4000, 6000, [1900]],
      [6000, 8000, [6000, 7900]],
      [8000, 8008, [7900]],
    ]);
    expect(textSegments([], 10, 4)).toEqual([{ start: 0, end: 10, cues: [] }]);
  });

  it('of a length that is no whole number of milliseconds do not drift', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.double({ min: 2, max: 6, noNaN: true }),
        fc.nat(),
        (length, seconds, at) => {
          const start = at % length;
          const shown = cue(start, start + 1);
          const segments = textSegments([shown], length, seconds);
          expect(segments[0]!.start).toBe(0);
          expect(segments.at(-1)!.end).toBe(length);
          segments.forEach((segment, index) => {
            expect(segment.end).toBe(segments[index + 1]?.start ?? length);
            expect(segment.end).toBeGreaterThan(segment.start);
            expect(Math.abs(segment.start - index * seconds * 1000)).toBeLessThanOrEqual(0.5);
            expect(segment.cues).toEqual(start >= segment.start && start < segment.end ? [shown] : []);
          });
        },
      ),
    );
  });
});

describe('WebVTT for HLS', () => {
  it('has a time map, and cues with their own times', () => {
    const [first, second] = textSegments(
      [
        {
          ...cue(500, 2500, ['<b> & ', { tag: 'i', content: ['x'] }]),
          settings: { line: { value: 0, percent: false } },
        },
      ],
      4000,
      2,
    );
    const block = '00:00:00.500 --> 00:00:02.500 line:0\n&lt;b&gt; &amp; <i>x</i>\n';
    for (const segment of [first!, second!]) {
      expect(webvttSegment(segment)).toBe(
        `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n${block}\n`,
      );
    }
    expect(webvttSegment({ start: 0, end: 1, cues: [] })).toBe(
      'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n',
    );
  });

  it('has a playlist', () => {
    expect(textPlaylist(textSegments([], 5008, 2.25))).toBe(
      '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:3\n#EXT-X-PLAYLIST-TYPE:VOD\n' +
        '#EXTINF:2.250,\n1.vtt\n#EXTINF:2.250,\n2.vtt\n#EXTINF:0.508,\n3.vtt\n#EXT-X-ENDLIST\n',
    );
  });
});

const cues: fc.Arbitrary<Cue[]> = fc
  .array(fc.tuple(fc.nat(9999), fc.integer({ min: 1, max: 9000 }), fc.constantFrom('a', 'b', 'é\nü', '漢')), {
    maxLength: 12,
  })
  .map((list) =>
    list
      .map(([start, length, text]) => cue(start, Math.min(10_000, start + length), [text]))
      .sort((a, b) => a.start - b.start || b.end - a.end),
  );

describe('what a second parser reads', () => {
  it('of WebVTT segments are the cues, each in every segment that it is shown in', () => {
    fc.assert(
      fc.property(cues, fc.integer({ min: 500, max: 6000 }), (list, ms) => {
        for (const segment of textSegments(list, 10_000, ms / 1000)) {
          const here = list.filter(({ start, end }) => start < segment.end && end > segment.start);
          expect(readWebvttSegment(webvttSegment(segment))).toEqual(here.map(shippedCue));
        }
      }),
    );
  });

  it('of WebVTT in MP4 are the cues, with exact times, and no moment is without a sample', async () => {
    await fc.assert(
      fc.asyncProperty(cues, fc.integer({ min: 500, max: 6000 }), async (list, ms) => {
        const segments = textSegments(list, 10_000, ms / 1000);
        const sources = new Map(list.map((each, index) => [each, index]));
        const init = wvttInit('en');
        let expected = 0;
        const samples: Sample[] = [];
        for (const [index, segment] of segments.entries()) {
          const bytes = wvttSegment(segment, index, sources);
          const { start, end, firstSync } = await readSegment(init, bytes);
          expect([start, end, firstSync]).toEqual([expected, segment.end, true]);
          expected = end;
          samples.push(...(await readSamples(await readInit(init), bytes)));
        }
        samples.forEach(({ end }, index) => expect(samples[index + 1]?.start ?? 10_000).toBe(end));
        const found = cuesOfSamples(samples)!;
        expect(difference(list.map(shippedCue), found)).toEqual({ missing: [], surplus: [] });
      }),
      { numRuns: 60 },
    );
  });
});

describe('the initialisation segment', () => {
  it('holds one track of WebVTT', async () => {
    const { tracks } = await readInit(wvttInit('en'));
    expect(
      tracks.map(({ kind, timescale, shift, entries }) => [kind, timescale, shift, entries[0]?.codec]),
    ).toEqual([['text', 1000, 0, 'wvtt']]);
  });

  it('names the language', () => {
    expect(wvttInit('zh-Hans').toString('latin1')).toContain('elng\0\0\0\0zh-Hans\0');
    // Three letters of five bits: u, n, d; then h, a, w.
    expect(wvttInit('zh').includes(Buffer.from([0x55, 0xc4, 0, 0]))).toBe(true);
    expect(wvttInit('haw').includes(Buffer.from([0x20, 0x37, 0, 0]))).toBe(true);
  });
});

describe('manifests', () => {
  it('of HLS say what a text is', () => {
    const line = (over: Partial<MadeText> = {}) => textMediaLine(track(over));
    expect(line()).toBe(
      '#EXT-X-MEDIA:TYPE=SUBTITLES,URI="text/text-en/playlist.m3u8",GROUP-ID="text",LANGUAGE="en",NAME="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO',
    );
    expect(line({ kind: 'captions', default: true })).toBe(
      '#EXT-X-MEDIA:TYPE=SUBTITLES,URI="text/text-en-sdh/playlist.m3u8",GROUP-ID="text",LANGUAGE="en",NAME="en SDH",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,' +
        'CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"',
    );
    expect(line({ language: 'und', forced: true })).toContain(
      'GROUP-ID="text",NAME="Text forced",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES',
    );
  });

  it('of DASH say what a text is', () => {
    const set = (over: Partial<MadeText> = {}, durations = [2000, 2000, 8]) =>
      textAdaptationSet({
        track: track(over),
        durations,
        hls: { average: 1, peak: 2 },
        dash: 4,
      });
    expect(set({ name: 'R&D <1>', forced: true })).toBe(
      `    <AdaptationSet id="0" contentType="text" lang="en" segmentAlignment="true">
      <Label>R&#38;D &#60;1&#62;</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="forced-subtitle"/>
      <Representation id="0" bandwidth="4" codecs="wvtt" mimeType="application/mp4">
        <SegmentTemplate timescale="1000" initialization="text/text-en-forced/init.mp4" media="text/text-en-forced/$Number$.m4s" startNumber="1">
          <SegmentTimeline>
            <S t="0" d="2000" r="1"/>
            <S d="8"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
`,
    );
    const captions = set({ kind: 'captions', default: true, language: 'und' }, [5]);
    expect(captions).toContain('<AdaptationSet id="0" contentType="text" segmentAlignment="true">');
    expect(captions).toContain(
      '      <Accessibility schemeIdUri="urn:tva:metadata:cs:AudioPurposeCS:2007" value="2"/>\n' +
        '      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>\n' +
        '      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="caption"/>\n',
    );
    expect(captions).toContain('            <S t="0" d="5"/>\n          </SegmentTimeline>');
  });
});

describe('the readers of verification', () => {
  const VTT =
    'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:90000,LOCAL:00:00:02.000\n\n00:00:03.000 --> 00:00:04.000 line:0\na\nb\n\n';
  it('put cues into the time of the media', () => {
    expect(readWebvttSegment(VTT)).toEqual([{ start: 2000, end: 3000, settings: 'line:0', text: 'a\nb' }]);
  });

  it.each([
    ['no signature', VTT.replace('WEBVTT', 'WEB')],
    ['no time map', VTT.replace(/X-.*\n/, '')],
    ['a bad time', VTT.replace('03.000', '3.000')],
    ['no payload', VTT.replace('a\nb\n', '')],
    ['another header', VTT.replace('\n\n', '\nSTYLE\n\n')],
  ])('refuse a segment with %s', (_, text) => {
    expect(readWebvttSegment(text)).toBeUndefined();
  });

  it('refuse samples that are no cues', () => {
    const sample = (data: Buffer) => [{ start: 0, end: 1, data }];
    const box = (type: string, ...inner: Buffer[]) => {
      const payload = Buffer.concat(inner);
      const head = Buffer.alloc(8);
      head.writeUInt32BE(8 + payload.length);
      head.write(type, 4, 'latin1');
      return Buffer.concat([head, payload]);
    };
    for (const data of [
      Buffer.alloc(0),
      Buffer.from([0, 0, 0, 9, 1, 2, 3, 4]),
      box('vtta'),
      box('vttc'),
      Buffer.concat([box('vtte'), box('vtte')]),
    ]) {
      expect(cuesOfSamples(sample(data))).toBeUndefined();
    }
    const piece = (text: string) =>
      box('vttc', box('vsid', Buffer.from([0, 0, 0, 7])), box('payl', Buffer.from(text)));
    const at = (start: number, end: number, text: string) => ({ start, end, data: piece(text) });
    expect(cuesOfSamples([at(0, 1, 'a'), at(1, 3, 'a')])).toEqual([
      { start: 0, end: 3, settings: '', text: 'a' },
    ]);
    expect(cuesOfSamples([at(0, 1, 'a'), at(2, 3, 'a')])).toBeUndefined();
    expect(cuesOfSamples([at(0, 1, 'a'), at(1, 3, 'b')])).toBeUndefined();
  });

  it('say what is missing and what is too much, each as often as it is', () => {
    const [a, b] = [cue(0, 1, ['a']), cue(0, 1, ['b'])].map(shippedCue) as [never, never];
    expect(difference([a, a, b], [a, b, b])).toEqual({ missing: [a], surplus: [b, b] });
  });
});
