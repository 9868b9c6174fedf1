import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyPeriods } from '../../../src/package/rotation/plan.js';
import { splitMpd } from '../../../src/package/rotation/split-mpd.js';
import { slotsFrom, slotsOf, timelineXml } from '../../../src/package/rotation/timeline.js';

const FPS = { num: 24, den: 1 };

interface Shape {
  video: readonly number[];
  audio: readonly number[];
  text: readonly number[];
  kid: string;
}

/** A title's MPD of one period, in which `kid` stands for its protection. */
function mpdOf({ video, audio, text, kid }: Shape): string {
  const template = (folder: string, timescale: number, durations: readonly number[]): string[] => [
    `        <SegmentTemplate timescale="${timescale}" initialization="${folder}/init.mp4" media="${folder}/$Number$.m4s" startNumber="1">`,
    timelineXml(slotsFrom(0, durations), '          '),
    '        </SegmentTemplate>',
  ];
  const set = (id: number, type: string, more: readonly string[], inside: readonly string[]): string[] => [
    `    <AdaptationSet id="${id}" contentType="${type}">`,
    ...more,
    `      <Representation id="${type}">`,
    ...inside,
    '      </Representation>',
    '    </AdaptationSet>',
  ];
  const keyed = [`      <ContentProtection kid="${kid}"/>`];
  return [
    '<MPD mediaPresentationDuration="PT8S">',
    '  <BaseURL>x/</BaseURL>',
    '  <Period id="0">',
    ...set(0, 'video', keyed, template('video/v', 24_000, video)),
    ...set(1, 'audio', keyed, template('audio/a', 48_000, audio)),
    ...set(2, 'text', [], template('text/t', 1000, text)),
    '    <AdaptationSet id="3" contentType="image" mimeType="image/jpeg">',
    '      <SegmentTemplate media="images/$Number$.jpg" startNumber="0" timescale="1000" duration="3000"/>',
    '      <Representation id="thumbnails">',
    '      </Representation>',
    '    </AdaptationSet>',
    '  </Period>',
    '</MPD>',
    '',
  ].join('\n');
}

const periodsOf = (mpd: string): string[] => mpd.match(/<Period\b[\s\S]*?<\/Period>/g) ?? [];

describe('an MPD of one period becomes one of several', () => {
  const shape = {
    video: [48_000, 42_000, 54_000, 48_000],
    // The second period begins at 180,000 ticks with a frame of sound at 180,224.
    audio: [96_256, 83_968, 108_544, 95_232],
    text: [2250, 2250, 2250, 1250],
  };
  const mpds = ['one', 'two'].map((kid) => mpdOf({ ...shape, kid }));
  const split = splitMpd(mpds, keyPeriods([0, 90], 192), { frames: 192, fps: FPS });

  it('with all that is of each, to the letter', () => {
    const set = (id: number, type: string, kid: string | undefined, inside: readonly string[]): string[] => [
      `    <AdaptationSet id="${id}" contentType="${type}">`,
      ...(kid === undefined ? [] : [`      <ContentProtection kid="${kid}"/>`]),
      `      <Representation id="${type}">`,
      ...inside,
      '      </Representation>',
      '    </AdaptationSet>',
    ];
    const template = (attributes: string, entries: readonly string[], indent = '        '): string[] => [
      `${indent}<SegmentTemplate ${attributes}>`,
      `${indent}  <SegmentTimeline>`,
      ...entries.map((entry) => `${indent}    <S ${entry}/>`),
      `${indent}  </SegmentTimeline>`,
      `${indent}</SegmentTemplate>`,
    ];
    const images = (offset: number, first: number, entries: readonly string[]): string[] => [
      '    <AdaptationSet id="3" contentType="image" mimeType="image/jpeg">',
      ...template(
        `media="images/$Number$.jpg" startNumber="${first}" timescale="1000" presentationTimeOffset="${offset}"`,
        entries,
        '      ',
      ),
      '      <Representation id="thumbnails">',
      '      </Representation>',
      '    </AdaptationSet>',
    ];
    const at = (timescale: number, offset: number, folder: string, init: string, first: number): string =>
      `timescale="${timescale}" presentationTimeOffset="${offset}" initialization="${folder}/${init}" media="${folder}/$Number$.m4s" startNumber="${first}"`;
    expect(split.split('\n')).toEqual([
      '<MPD mediaPresentationDuration="PT8S">',
      '  <BaseURL>x/</BaseURL>',
      '  <Period id="0" start="PT0S" duration="PT3.75S">',
      ...set(
        0,
        'video',
        'one',
        template(at(24_000, 0, 'video/v', 'init.mp4', 1), ['t="0" d="48000"', 't="48000" d="42000"']),
      ),
      ...set(
        1,
        'audio',
        'one',
        template(at(48_000, 0, 'audio/a', 'init.mp4', 1), ['t="0" d="96256"', 't="96256" d="83968"']),
      ),
      ...set(2, 'text', undefined, template(at(1000, 0, 'text/t', 'init.mp4', 1), ['t="0" d="2250" r="1"'])),
      ...images(0, 0, ['t="0" d="3000" r="1"']),
      '  </Period>',
      '  <Period id="1" start="PT3.75S" duration="PT4.25S">',
      ...set(
        0,
        'video',
        'two',
        template(at(24_000, 90_000, 'video/v', 'init-2.mp4', 3), [
          't="90000" d="54000"',
          't="144000" d="48000"',
        ]),
      ),
      ...set(
        1,
        'audio',
        'two',
        template(at(48_000, 180_000, 'audio/a', 'init-2.mp4', 3), [
          't="180224" d="108544"',
          't="288768" d="95232"',
        ]),
      ),
      ...set(
        2,
        'text',
        undefined,
        template(at(1000, 3750, 'text/t', 'init.mp4', 2), ['t="2250" d="2250" r="1"', 't="6750" d="1250"']),
      ),
      ...images(3750, 1, ['t="3000" d="3000" r="1"']),
      '  </Period>',
      '</MPD>',
      '',
    ]);
  });

  it('at rates whose frames are no whole ticks, with the first picture of a period at its offset', () => {
    const fps = { num: 30_000, den: 1001 };
    // 100 frames are 3,336.67 ms; the packager gives the first segment 3,337.
    const one = mpdOf({
      video: [3337, 3337],
      audio: [160_768, 159_573],
      text: [3337, 3336],
      kid: '',
    }).replace('timescale="24000"', 'timescale="1000"');
    const made = splitMpd([one, one], keyPeriods([0, 100], 200), { frames: 200, fps });
    const [, second = ''] = periodsOf(made);
    expect(made).toContain('<Period id="1" start="PT3.336667S" duration="PT3.336666S">');
    expect(second).toContain(
      'timescale="1000" presentationTimeOffset="3337" initialization="video/v/init-2.mp4"',
    );
    expect(second).toContain('<S t="3337" d="3337"/>');
  });

  it('in which the segments of the periods are those of the title, whatever they are', () => {
    const shapes = fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 }),
      cut: fc.integer({ min: 0, max: 2 ** 30 }),
      textMs: fc.integer({ min: 300, max: 7000 }),
      fps: fc.constantFrom({ num: 24, den: 1 }, { num: 24_000, den: 1001 }, { num: 25, den: 1 }),
    });
    fc.assert(
      fc.property(shapes, ({ gaps, cut, textMs, fps }) => {
        const frames = gaps.reduce((sum, gap) => sum + gap, 0);
        const segmentStarts = gaps.map((_, index) => gaps.slice(0, index).reduce((sum, gap) => sum + gap, 0));
        const starts = segmentStarts.filter((_, index) => index === 0 || (cut >> (index % 30)) % 2 === 1);
        const tick = (24_000 * fps.den) / fps.num;
        const edge = (frame: number): number => Math.ceil((frame * fps.den * 48_000) / fps.num / 1024) * 1024;
        fc.pre(starts.every((start, index) => index === 0 || edge(start) > edge(starts[index - 1]!)));
        const audioEnds = [...starts.slice(1), frames].map(edge);
        const audio = audioEnds.map((end, index) => end - (audioEnds[index - 1] ?? 0));
        const video = gaps.map((_, index) => {
          const from = segmentStarts[index]!;
          return Math.round((from + gaps[index]!) * tick) - Math.round(from * tick);
        });
        const text = Array.from(
          { length: Math.ceil((frames * fps.den * 1000) / fps.num / textMs) },
          () => textMs,
        );
        const mpd = mpdOf({ video, audio, text, kid: 'k' });
        const periods = keyPeriods(starts, frames);
        const made = splitMpd(
          periods.map(() => mpd),
          periods,
          { frames, fps },
        );
        const parts = periodsOf(made);
        expect(parts).toHaveLength(starts.length);
        const listed = (of: string, whole: string): { number: number; slot: unknown }[] =>
          (whole.match(/<SegmentTemplate[\s\S]*?<\/SegmentTemplate>/g) ?? [])
            .filter((template) => template.includes(of))
            .flatMap((template) => {
              const first = Number(/startNumber="(\d+)"/.exec(template)![1]);
              return slotsOf(template).map((slot, index) => ({ number: first + index, slot }));
            });
        for (const folder of ['video/v/', 'audio/a/']) {
          expect(parts.flatMap((part) => listed(folder, part))).toEqual(listed(folder, mpd));
        }
        // Of what is not encrypted each period has all, and two may share one.
        const texts = parts.map((part) => listed('text/t/', part).map(({ number }) => number));
        expect([...new Set(texts.flat())]).toEqual(text.map((_, index) => index + 1));
        for (const numbers of texts) expect(numbers.length).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});
