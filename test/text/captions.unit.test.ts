import { describe, expect, it } from 'vitest';
import {
  type CaptionBurst,
  PADDING,
  characters,
  code,
  command,
  load,
  place,
  sccFile,
  wordsByFrame,
} from '../../fixtures/captions.js';
import { type CaptionPair, decodeCaptions, oddParity } from '../../src/text/cea608/decode.js';
import { Notes } from '../../src/text/findings.js';
import { readScc } from '../../src/text/read/scc.js';
import { timecodeRate } from '../../src/text/timecode.js';
import { short, thrown } from './support.js';

/** Milliseconds of a frame at 30000/1001. */
const at = (frame: number): number => Math.round((frame * 1001) / 30);

/** Decodes bursts that begin at frames, and says what came out, by channel. */
function decode(...fields: CaptionBurst[][]): Record<string, string[]> {
  const pairs = fields.flatMap((bursts, field) =>
    [...wordsByFrame(bursts)].map(([frame, word]): CaptionPair => {
      return {
        time: (frame * 1001) / 30,
        line: 0,
        field: field === 0 ? 1 : 2,
        first: word >> 8,
        second: word & 255,
      };
    }),
  );
  pairs.sort((a, b) => a.time - b.time);
  const notes = new Notes('captions');
  const found = decodeCaptions(pairs, { wrongParity: 'drop', notes });
  expect(notes.list()).toEqual([]);
  return Object.fromEntries([...found].map(([channel, cues]) => [channel, cues.map(short)]));
}

describe('pop-on captions', () => {
  it('are shown from the code that ends them, whole, until they are erased', () => {
    const lines = [
      { row: 14, column: 10, text: 'Hello there,' },
      { row: 15, column: 13, text: 'world!' },
    ];
    const bursts = [
      { frame: 10, words: load(lines) },
      { frame: 60, words: command('end') },
      { frame: 90, words: command('erase') },
    ];
    expect(decode(bursts)).toEqual({ CC1: [`${at(60)}-${at(90)}|Hello there,\nworld!`] });
  });

  it('replace each other, and stay until the end where nothing erases them', () => {
    const one = load([{ row: 15, column: 0, text: 'one' }]);
    const two = load([{ row: 2, column: 0, text: 'two' }]);
    const bursts = [
      { frame: 0, words: [...one, ...command('end')] },
      { frame: 40, words: [...two, ...command('end')] },
    ];
    const [first, second] = [0 + one.length, 40 + two.length];
    expect(decode(bursts)).toEqual({
      CC1: [
        `${at(first)}-${at(second)} position:10% size:80% align:start|one`,
        `${at(second)}-Infinity line:15.33% position:10% size:80% align:start|two`,
      ],
    });
  });

  it('keep colours, italics and underlines', () => {
    const words = [
      ...command('popOn'),
      ...[...code(0x14, 0x6f), ...characters('ab')], // row 15, italics, underlined
      ...[...command('yellow'), ...characters('cd ')],
      ...[...code(0x10, 0x24), ...characters('ef')], // blue behind it, from the space on
      ...command('end'),
    ];
    expect(
      decode([
        { frame: 0, words },
        { frame: 50, words: command('erase') },
      ])['CC1']?.[0],
    ).toMatch(/\|<i><u>ab<\/u><\/i><c\.yellow> cd<\/c><c\.yellow\.bg_blue> ef<\/c>$/);
  });

  it('keep special and extended characters, which replace what stands before them', () => {
    const words = [
      ...[...command('popOn'), ...place(15, 0), ...code(0x11, 0x37)],
      ...[...characters('A'), ...code(0x12, 0x20), ...characters('ss'), ...code(0x13, 0x34)],
      ...characters("'*\\^_`{|}~"),
      ...command('end'),
    ];
    expect(decode([{ frame: 0, words }])['CC1']?.[0]).toMatch(/\|♪Ásß’áéíóúç÷Ññ$/);
  });
});

describe('roll-up captions', () => {
  it('give a cue for every state of the screen between carriage returns', () => {
    const bursts = [
      {
        frame: 0,
        words: [
          ...command('rollUp2'),
          ...command('carriageReturn'),
          ...place(15, 0),
          ...characters('first line'),
        ],
      },
      { frame: 40, words: [...command('carriageReturn'), ...characters('second line')] },
      { frame: 80, words: [...command('carriageReturn'), ...characters('third line')] },
      { frame: 120, words: command('erase') },
    ];
    const place0 = 'position:10% size:80% align:start';
    expect(decode(bursts)).toEqual({
      CC1: [
        `${at(6)}-${at(40)} ${place0}|first line`,
        // What was there stays while nothing new has come for a second.
        `${at(40)}-${at(42)} position:10% size:80% align:start|first line`,
        `${at(42)}-${at(80)} ${place0}|first line\nsecond line`,
        `${at(80)}-${at(82)} ${place0}|second line`,
        `${at(82)}-${at(120)} ${place0}|second line\nthird line`,
      ],
    });
  });
});

describe('the rows that roll', () => {
  /** What is written after one carriage return each, a line every two seconds from a frame on. */
  const lines = (from: number, ...texts: string[]): CaptionBurst[] =>
    texts.map((text, index) => ({
      frame: from + 60 * index,
      words: [...command('carriageReturn'), ...characters(text)],
    }));
  const texts = (bursts: CaptionBurst[]): (string | undefined)[] =>
    (decode(bursts)['CC1'] ?? []).map((cue) => cue.split('|')[1]);
  const start = (name: 'rollUp3' | 'rollUp4'): CaptionBurst => ({
    frame: 0,
    words: [...command(name), ...place(15, 0)],
  });

  it('roll where a base row that is too high for them has put them', () => {
    const found = texts([
      start('rollUp3'),
      ...lines(10, 'OLD ONE', 'OLD TWO', 'OLD THREE'),
      { frame: 190, words: place(1, 0) },
      ...lines(250, 'NEW ONE', 'NEW TWO', 'NEW THREE'),
      { frame: 430, words: command('erase') },
    ]);
    expect(found).toContain('OLD TWO\nOLD THREE\nNEW ONE');
    expect(found).toContain('OLD THREE\nNEW ONE\nNEW TWO');
    expect(found.at(-1)).toBe('NEW ONE\nNEW TWO\nNEW THREE');
  });

  it('are as many as was said last: the ones above are gone', () => {
    const found = texts([
      start('rollUp4'),
      ...lines(10, 'L1', 'L2', 'L3', 'L4'),
      { frame: 250, words: command('rollUp2') },
      ...lines(310, 'M1', 'M2'),
      { frame: 430, words: command('erase') },
    ]);
    expect(found.filter((text) => text?.includes('L1'))).toContain('L1\nL2\nL3\nL4');
    expect(found.slice(-5)).toEqual(['L3\nL4', 'L4', 'L4\nM1', 'M1', 'M1\nM2']);
  });

  it('have room above the base row where there come to be more', () => {
    const found = texts([
      { frame: 0, words: [...command('rollUp2'), ...place(2, 0)] },
      ...lines(10, 'L1', 'L2'),
      { frame: 130, words: command('rollUp4') },
      ...lines(190, 'M1', 'M2'),
      { frame: 310, words: command('erase') },
    ]);
    expect(found.at(-1)).toBe('L1\nL2\nM1\nM2');
  });
});

describe('paint-on captions', () => {
  it('are shown as they are written', () => {
    const bursts = [
      { frame: 0, words: [...command('paintOn'), ...place(1, 0), ...characters('now')] },
      { frame: 60, words: characters(' and later') },
      { frame: 90, words: command('erase') },
    ];
    expect(decode(bursts)).toEqual({
      CC1: [
        `${at(4)}-${at(60)} line:10% position:10% size:80% align:start|now`,
        `${at(60)}-${at(90)} line:10% position:10% size:80% align:start|now and later`,
      ],
    });
  });

  it('can be corrected', () => {
    const words = [
      ...command('paintOn'),
      ...place(1, 0),
      ...characters('nox'),
      ...command('backspace'),
      ...characters('w'),
    ];
    expect(
      decode([
        { frame: 0, words },
        { frame: 60, words: command('erase') },
      ])['CC1']?.[0],
    ).toMatch(/\|now$/);
  });
});

describe('channels', () => {
  it('are told apart, in both fields, and other data is passed over', () => {
    const show = (text: string, channel: 1 | 2) => [
      ...load([{ row: 15, column: 0, text }], channel),
      ...command('end', channel),
    ];
    // What the programme is called, between captions: its characters are nobody's.
    const xds = [...code(0x01, 0x03).slice(1), ...characters('TITLE!'), ...code(0x0f, 0x1d).slice(1)];
    const field = (between: number[]) => [
      { frame: 0, words: [...show('one', 1), ...between, ...show('two', 2)] },
      { frame: 70, words: [...command('erase', 1), ...command('erase', 2)] },
    ];
    const found = decode(field([]), field(xds));
    expect(
      Object.fromEntries(
        Object.entries(found).map(([name, cues]) => [name, cues.map((c) => c.split('|')[1])]),
      ),
    ).toEqual({
      CC1: ['one'],
      CC2: ['two'],
      CC3: ['one'],
      CC4: ['two'],
    });
  });

  it('are silent where there is only padding', () => {
    expect(decode([{ frame: 0, words: [PADDING, PADDING, PADDING] }])).toEqual({});
  });
});

it('a code that is sent twice counts once, sent three times twice', () => {
  const words = (n: number) => [
    ...[...command('paintOn'), ...place(1, 0), ...characters('abcd')],
    ...Array.from({ length: n }, () => command('backspace')[0]!),
  ];
  const text = (n: number) => decode([{ frame: 0, words: words(n) }])['CC1']?.[0]?.split('|')[1];
  expect([1, 2, 3, 4].map(text)).toEqual(['abc', 'abc', 'ab', 'ab']);
});

it('bytes of wrong parity are dropped from transmissions and used in files, and noted', () => {
  const pairs = (second: number): CaptionPair[] =>
    [...load([{ row: 15, column: 0, text: 'ab' }]), 0x6300 | second, ...command('end')].map(
      (word, frame) => ({
        ...{ time: frame, line: 7, field: 1, first: word >> 8, second: word & 255 },
      }),
    );
  expect([oddParity(0x80), oddParity(0x01), oddParity(0x00), oddParity(0xe3)]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  for (const [wrongParity, text] of [
    ['drop', 'ab'],
    ['use', 'abc'],
  ] as const) {
    const notes = new Notes('x');
    const cues = decodeCaptions(pairs(0x80), { wrongParity, notes }).get('CC1')!;
    expect(short(cues[0]!)).toMatch(new RegExp(`\\|${text}$`));
    expect(notes.list().map(({ code }) => code)).toEqual(['text-parity']);
  }
});

describe('SCC', () => {
  const read = (text: string, fps = { num: 30_000, den: 1001 }, given?: { num: number; den: number }) => {
    const notes = new Notes('a file');
    const { channels: found } = readScc(text, notes, {
      picture: timecodeRate(fps),
      given: given && timecodeRate(given),
    });
    return {
      found: [...found].map(([name, cues]) => [name, cues.map(short), cues[0]?.line]),
      notes: notes.list().map(({ message }) => message),
    };
  };
  const bursts = [
    { frame: 30, words: [...load([{ row: 15, column: 14, text: 'Hi!!' }]), ...command('end')] },
    { frame: 90, words: command('erase') },
  ];

  it('has a pair of bytes in every frame', () => {
    const shown = 30 + bursts[0]!.words.length - 2;
    expect(read(sccFile(bursts))).toEqual({
      found: [['CC1', [`${at(shown)}-${at(90)}|Hi!!`], 3]],
      notes: [],
    });
    expect(
      read(sccFile(bursts).replaceAll('\n', '\r\n').toUpperCase().replace('SCENARIST_SCC', 'Scenarist_SCC'))
        .found,
    ).toEqual(read(sccFile(bursts)).found);
  });

  it.each([
    ['non-drop at 29.97', '01:00:00:00', { num: 30_000, den: 1001 }, 3_603_600],
    ['drop at 29.97', '01:00:00;00', { num: 30_000, den: 1001 }, 3_599_996.4],
    ['the first minute of drop', '00:01:00;02', { num: 30_000, den: 1001 }, 60_060],
    ['the tenth minute of drop', '00:10:00;00', { num: 30_000, den: 1001 }, 599_999.4],
    ['drop written with a point', '00:10:00.00', { num: 30_000, den: 1001 }, 599_999.4],
    ['23.976', '00:00:01:12', { num: 24_000, den: 1001 }, 1501],
    ['25', '00:00:01:12', { num: 25, den: 1 }, 1480],
    ['50, which counts pairs', '00:00:01:12', { num: 50, den: 1 }, 1480],
    ['59.94, which counts pairs', '00:00:01:15', { num: 60_000, den: 1001 }, 1501.5],
  ])('counts timecodes: %s', (_, timecode, fps, ms) => {
    const { found, notes } = read(`Scenarist_SCC V1.0\n\n${timecode}\t942c 9429 9429 9140 9140 c1c1\n`, fps);
    expect(notes).toEqual([]);
    expect(found).toEqual([
      [
        'CC1',
        [`${Math.round(ms + (5 * 1001) / 30)}-Infinity line:10% position:10% size:80% align:start|AA`],
        3,
      ],
    ]);
  });

  it('counts at 29.97 where the title cannot have such timecodes, unless somebody says what they are', () => {
    const text = 'Scenarist_SCC V1.0\n\n00:00:01:29\t9429 9429 c1c1\n';
    const cues = [`${Math.round((59 + 2) * 1001) / 30}`.split('.')[0]];
    const { found, notes } = read(text, { num: 24, den: 1 });
    expect(found[0]?.[1]).toEqual([expect.stringMatching(new RegExp(`^${cues[0]}-`))]);
    expect(notes).toEqual([
      'a file: timecodes are taken for 29.97 frames a second, not 24: there are higher frame numbers (line 3)',
    ]);
    expect(thrown(() => read(text, { num: 24, den: 1 }, { num: 25, den: 1 }))).toBe(
      'TEXT_SYNTAX: a file, line 3: its timecodes are not at 25 frames a second: there are higher frame numbers',
    );
  });

  it.each([30, 60])('counts at 29.97 where frames are dropped, also in a title of %i', (num) => {
    const text = 'Scenarist_SCC V1.0\n\n01:00:00;00\t9429 9429 c1c1\n';
    const { found, notes } = read(text, { num, den: 1 });
    expect(found).toEqual(read(text).found);
    expect(notes).toEqual([
      'a file: timecodes are taken for 29.97 frames a second, not 30: frames are dropped (line 3)',
    ]);
  });

  it.each([
    ['no signature', 'x\n', 'line 1: an SCC file begins with Scenarist_SCC V1.0'],
    [
      'a timecode that is none',
      'Scenarist_SCC V1.0\n\n1:00\t9420\n',
      'line 3: "1:00" is no timecode (00:00:00:00 or 00:00:00;00)',
    ],
    [
      'a word that is none',
      'Scenarist_SCC V1.0\n\n00:00:00:00\t9420 94g0\n',
      'line 3: "94g0" is no pair of bytes (9420)',
    ],
    [
      'a frame that no second has',
      'Scenarist_SCC V1.0\n\n00:00:00:30\t9420\n',
      'line 3: a second has no frame 30',
    ],
  ])('is refused with line and reason: %s', (_, text, message) => {
    expect(thrown(() => read(text))).toBe(`TEXT_SYNTAX: a file, ${message}`);
  });
});
