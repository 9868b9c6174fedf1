import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import { decodeCaptions } from '../../src/text/cea608/decode.js';
import { Notes } from '../../src/text/findings.js';
import { fitCues } from '../../src/text/fit.js';
import {
  type Cue,
  type CueContent,
  type CueElement,
  type CueSettings,
  type ReadCue,
  formatCues,
  parseCues,
} from '../../src/text/index.js';
import { plainText, tidy } from '../../src/text/markup/content.js';
import { readCueText, writeCueText } from '../../src/text/markup/webvtt.js';
import { readScc } from '../../src/text/read/scc.js';
import { readSrt } from '../../src/text/read/srt.js';
import { readTtml } from '../../src/text/read/ttml/index.js';
import { readWebVtt } from '../../src/text/read/webvtt.js';
import { formatTime, parseTime } from '../../src/text/time.js';
import { timecodeRate } from '../../src/text/timecode.js';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('-->', '<i>', '&amp;', '\n', ' \n ', 'NOTE', '1', '&#65;', '</c>', '\u00a0', '\n\u3000\n'),
);
const plainTag = fc.record({ tag: fc.constantFrom<CueElement['tag']>('b', 'i', 'u', 'ruby', 'rt') });
const classed = fc.record({
  tag: fc.constant('c' as const),
  classes: fc.array(fc.stringMatching(/^[a-z_]{1,8}$/), { minLength: 1, maxLength: 3 }),
});
const annotated = fc.record({
  tag: fc.constantFrom<CueElement['tag']>('lang', 'v'),
  annotation: fc
    .stringMatching(/^[a-zA-Zé&<>"][ a-zA-Z&<>]{0,8}[a-z]$/)
    .map((name) => name.replace(/ +/g, ' ')),
});
const { content } = fc.letrec<{ content: CueContent; node: string | CueElement }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    text,
    fc
      .tuple(fc.oneof(plainTag, classed, annotated), tie('content'))
      .map(([shape, inner]) => ({ ...shape, content: inner })),
  ),
  content: fc.array(tie('node'), { maxLength: 4, depthIdentifier: 'nested' }),
}));

const percent = fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000);
const settings: fc.Arbitrary<CueSettings> = fc.record(
  {
    vertical: fc.constantFrom<'rl' | 'lr'>('rl', 'lr'),
    line: fc.oneof(
      fc.record({ value: fc.integer({ min: -20, max: 20 }), percent: fc.constant(false) }),
      fc.record({
        value: percent,
        percent: fc.constant(true),
        align: fc.constantFrom<'start' | 'center' | 'end'>('start', 'center', 'end'),
      }),
    ),
    position: fc.oneof(
      fc.record({ value: percent }),
      fc.record({
        value: percent,
        align: fc.constantFrom<'line-left' | 'center' | 'line-right'>('line-left', 'center', 'line-right'),
      }),
    ),
    size: percent,
    align: fc.constantFrom<'start' | 'center' | 'end' | 'left' | 'right'>(
      'start',
      'center',
      'end',
      'left',
      'right',
    ),
  },
  { requiredKeys: [] },
);

/** Cues as `fitCues` gives them. */
const cues: fc.Arbitrary<Cue[]> = fc
  .array(fc.record({ start: fc.nat(5e8), length: fc.integer({ min: 1, max: 1e7 }), settings, content }), {
    maxLength: 8,
  })
  .map((list) =>
    list.flatMap(({ start, length, settings, content }): Cue[] => {
      const tidied = tidy(content);
      return plainText(tidied).trim() === ''
        ? []
        : [{ start, end: start + length, settings, content: tidied }];
    }),
  );

describe('cues', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(cues, (list) => {
        expect(parseCues(formatCues(list))).toEqual(list);
      }),
      { numRuns: 300 },
    );
  });

  it('have one canonical form, which keeps their visible characters', () => {
    fc.assert(
      fc.property(content, (given) => {
        const once = tidy(given);
        expect(tidy(once)).toEqual(once);
        const visible = (nodes: CueContent): string => plainText(nodes).replace(/[\s\p{Cc}]/gu, '');
        expect(visible(once)).toBe(visible(given));
        expect(plainText(once)).not.toMatch(/^[ \n]|[ \n]$| \n|\n |\n\n|[^\P{Cc}\n]/u);
        expect(readCueText(writeCueText(once), 1, new Notes('x'))).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  it('are within the title, in order, once fitted, whatever they were', () => {
    const time = fc.oneof(fc.integer({ min: -1e6, max: 2e6 }), fc.constant(Infinity));
    const read: fc.Arbitrary<ReadCue> = fc.record({
      start: fc.integer({ min: -1e6, max: 2e6 }),
      end: time,
      settings,
      content,
      line: fc.nat(99),
    });
    fc.assert(
      fc.property(
        fc.array(read, { maxLength: 20 }),
        fc.nat(1e6),
        fc.integer({ min: -1e6, max: 1e6 }),
        (list, titleMs, startMs) => {
          const fitted = fitCues(list, { titleMs, startMs }, new Notes('x'));
          for (const { start, end, content } of fitted) {
            expect(start >= 0 && end > start && end <= titleMs).toBe(true);
            expect(plainText(content).trim()).not.toBe('');
          }
          const starts = fitted.map(({ start }) => start);
          expect(starts).toEqual(starts.toSorted((a, b) => a - b));
          // Every cue that shows something within the title is there.
          const wanted = list.filter(({ start, end, content }) => {
            const shown = Math.min(titleMs, end - startMs) > Math.max(0, start - startMs);
            return shown && plainText(content).trim() !== '';
          });
          expect(fitted).toHaveLength(wanted.length);
        },
      ),
    );
  });

  it('have times that are read as they were written', () => {
    fc.assert(
      fc.property(fc.nat(3_600_000_000), (ms) => {
        expect(parseTime(formatTime(ms))).toBe(ms);
      }),
    );
  });
});

/** Runs a reader on anything: it gives cues or a coded error, and does so quickly. */
function survives(read: (text: string, notes: Notes) => unknown, input: string): void {
  const started = performance.now();
  try {
    read(input, new Notes('x'));
  } catch (error) {
    expect(error).toBeInstanceOf(HullcastError);
    expect((error as HullcastError).code).toBe('TEXT_SYNTAX');
  }
  // Generous, for a machine that does other things besides; what is worse than linear takes minutes.
  expect(performance.now() - started).toBeLessThan(5000);
}

const READERS = {
  srt: readSrt,
  webvtt: (text: string, notes: Notes) => readWebVtt(`WEBVTT\n\n${text}`, notes),
  ttml: (text: string, notes: Notes) => readTtml(text, notes).cues,
  scc: (text: string, notes: Notes) =>
    readScc(`Scenarist_SCC V1.0\n${text}`, notes, { picture: timecodeRate({ num: 24, den: 1 }) }),
} as const;

/** Pieces that files are made of, and that parsers stumble over. */
const pieces = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom(
    ...[
      '\n',
      '\n\n',
      '\r\n',
      '1',
      '00:00:01,000 --> 00:00:02,000',
      '00:01.000 --> 00:02.000',
      '-->',
      '<i>',
      '</i>',
      '<b',
      '{\\an8}',
      '{\\',
    ],
    ...[
      '&',
      '&#',
      '&amp;',
      'NOTE',
      'STYLE',
      'REGION',
      'id:r',
      'width:',
      ' line:1%',
      '<tt>',
      '</tt>',
      '<body>',
      '<div>',
      '<p begin="1s">',
      '</p>',
    ],
    ...[
      '<span tts:color="red">',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<?x',
      'xmlns="http://www.w3.org/ns/ttml"',
      '00:00:00:00\t',
      '9420 9420',
      '80',
      'x',
    ],
  ),
);

describe.each(Object.entries(READERS))('the reader of %s', (_, read) => {
  it('gives cues or a coded error, whatever it is fed', () => {
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }).map((list) => list.join('')),
        (input) => survives(read, input),
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    ...[
      '<',
      '<b',
      '<i>',
      '</i>',
      '{\\',
      '&',
      '&#1',
      '-->',
      '1\n',
      '\n',
      ' ',
      '<c.a',
      '<p>',
      '<!--',
      '00:',
      '9420 ',
      'a\n',
      '[ ',
      '"',
    ],
    ...[
      '<tt><body>',
      '00:00:00:00 9420\n',
      '<p begin="1s"><span>',
      ' \n',
      '1\n00:00:01,000 --> 00:00:02,000\n<i>',
      'x:1 ',
      '.a.a',
    ],
  ])('takes a time that grows with the length only: %j', (piece) => {
    survives(read, piece.repeat(200_000 / piece.length));
    survives(read, `1\n00:00:01,000 --> 00:00:02,000\n${piece.repeat(200_000 / piece.length)}`);
  });
});

it('the decoder of captions gives cues in order, whatever it is fed', () => {
  const byte = fc.integer({ min: 0, max: 127 });
  const pair = fc.oneof(
    fc.tuple(byte, byte),
    fc.tuple(fc.constantFrom(0x14, 0x1c, 0x15, 0x11, 0x17, 0x10, 0x13), fc.integer({ min: 0x20, max: 0x7f })),
    fc.constantFrom<[number, number]>(
      [0x14, 0x25],
      [0x14, 0x2d],
      [0x14, 0x2f],
      [0x14, 0x2c],
      [0x14, 0x29],
      [0x14, 0x20],
    ),
  );
  const field = fc.constantFrom<1 | 2>(1, 2);
  fc.assert(
    fc.property(fc.array(fc.tuple(pair, field), { maxLength: 200 }), (pairs) => {
      const timed = pairs.map(([[first, second], field], index) => ({
        first,
        second,
        field,
        time: index * 33.4,
        line: 0,
      }));
      const found = decodeCaptions(timed, { wrongParity: 'use', notes: new Notes('x') });
      for (const cues of found.values()) {
        let before = 0;
        for (const { start, end, content } of cues) {
          expect(start >= before && end > start).toBe(true);
          expect(plainText(content).trim()).not.toBe('');
          before = start;
        }
      }
    }),
    { numRuns: 300 },
  );
});
