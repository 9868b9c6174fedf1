import { describe, expect, it } from 'vitest';
import { decodeText, isEncoding } from '../../src/text/encoding.js';
import { Notes } from '../../src/text/findings.js';
import { fitCues, hoursBefore } from '../../src/text/fit.js';
import { sniffText } from '../../src/text/format.js';
import { readTextFile } from '../../src/text/read/index.js';
import type { FileHints } from '../../src/text/read/index.js';
import type { ReadCue } from '../../src/text/index.js';
import { parseStart, timecodeRate } from '../../src/text/timecode.js';
import { cue, short, thrown } from './support.js';

const SRT = '1\n00:00:01,000 --> 00:00:02,000\nCafé à la crème\n';
const FPS = { num: 24, den: 1 };

describe('encodings', () => {
  const utf16 = (text: string, big: boolean): Buffer => {
    const bytes = Buffer.from(text, 'utf16le');
    return big ? bytes.swap16() : bytes;
  };
  const cp1252 = Buffer.from('Caf\xe9 \x80 \x97 \x93x\x94', 'latin1');

  it.each([
    ['UTF-8', Buffer.from(SRT), SRT, 'utf-8', false],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${SRT}`), SRT, 'utf-8', false],
    ['UTF-16 LE with a mark', utf16(`\ufeff${SRT}`, false), SRT, 'utf-16le', false],
    ['UTF-16 BE with a mark', utf16(`\ufeff${SRT}`, true), SRT, 'utf-16be', false],
    ['UTF-16 LE without', utf16(SRT, false), SRT, 'utf-16le', true],
    ['UTF-16 BE without', utf16(SRT, true), SRT, 'utf-16be', true],
    ['Latin-1', Buffer.from(SRT, 'latin1'), SRT, 'windows-1252', true],
    ['Windows-1252', cp1252, 'Café € — “x”', 'windows-1252', true],
    ['ASCII', Buffer.from('1\n'), '1\n', 'utf-8', false],
    [
      'XML that says so',
      Buffer.from('<?xml version="1.0" encoding="ISO-8859-15"?><tt>\xa4</tt>', 'latin1'),
      '<?xml version="1.0" encoding="ISO-8859-15"?><tt>€</tt>',
      'iso-8859-15',
      false,
    ],
  ])('%s', (_, bytes, text, encoding, guessed) => {
    expect(decodeText(bytes, 'a file')).toEqual({ text, encoding, guessed });
  });

  it('are what somebody says they are, unless a mark says otherwise', () => {
    const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
    expect(decodeText(cyrillic, 'a file', 'windows-1251').text).toBe('Привет');
    expect(decodeText(Buffer.from('\ufeffé'), 'a file', 'windows-1251').text).toBe('é');
    expect(decodeText(Buffer.from([0x80]), 'a file', 'iso-8859-1').text).toBe('€'); // as the web reads it
    expect([isEncoding('windows-1251'), isEncoding('shift_jis'), isEncoding('klingon')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it.each([
    [
      'a picture',
      Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
      undefined,
      'this is no text, but binary data',
    ],
    ['zeros', Buffer.alloc(64), undefined, 'this is no text, but binary data'],
    [
      'UTF-32',
      Buffer.from([0xff, 0xfe, 0, 0, 0x31, 0, 0, 0]),
      undefined,
      'its bytes are not utf-32, as its first ones said',
    ],
    [
      'half a character',
      Buffer.from([0xff, 0xfe, 0x31]),
      undefined,
      'its bytes are not utf-16le, as its first ones said',
    ],
    ['not what was said', Buffer.from([0xff]), 'utf-8', 'its bytes are not utf-8, as was said'],
  ])('that are none are refused: %s', (_, bytes, given, message) => {
    expect(thrown(() => decodeText(bytes, 'a file', given))).toBe(`TEXT_ENCODING: a file: ${message}`);
  });
});

it('formats are known by their content', () => {
  const found = [
    ...[
      'WEBVTT',
      ' WEBVTT\n',
      'WEBVTTX',
      'Scenarist_SCC V1.0\n',
      '<?xml version="1.0"?><tt/>',
      '<tt xmlns="x">',
    ],
    ...[
      '<tt:tt>',
      '<html>',
      '1\n00:00',
      '\n\n 12 \r\n',
      '00:00:01,000 --> 0',
      '[Script Info]',
      '{1}{2}x',
      '',
    ],
  ].map(sniffText);
  expect(found).toEqual([
    ...['webvtt', 'webvtt', undefined, 'scc', 'ttml', 'ttml'],
    ...['ttml', undefined, 'srt', 'srt', 'srt', undefined, undefined, undefined],
  ]);
});

describe('starts', () => {
  it('are given as timecodes, times and seconds', () => {
    const ntsc = timecodeRate({ num: 30_000, den: 1001 });
    expect(
      ['01:00:00:00', '01:00:00;00', '01:00:00.000', '3600', '3600.5', '-1', '1h', '00:00:00:30'].map(
        (text) => parseStart(text, ntsc, { hourMs: 3_600_000 }),
      ),
    ).toEqual([...[3_600_000, 3_599_996, 3_600_000, 3_600_000, 3_600_500, undefined, undefined, undefined]]);
  });

  it('are on the clock of the file: an hour of 30 frames a second lasts longer at 29.97', () => {
    const ntsc = timecodeRate({ num: 30_000, den: 1001 });
    expect(parseStart('01:00:00:15', ntsc, { hourMs: 3_603_600 })).toBe(3_604_101);
  });

  it.each([
    ['09:59:00;02', 35_939_971],
    ['00:00:59;28', 59_993],
    // With colons too: the file's own timecodes say how it counts.
    ['00:00:59:28', 59_993],
    ['00:10:00;00', 599_999],
  ])('are counted where numbers are dropped: %s', (text, ms) => {
    const ntsc = timecodeRate({ num: 30_000, den: 1001 });
    const clock = { hourMs: 3_599_996.4, counted: { rate: ntsc, drop: true } };
    expect(parseStart(text, ntsc, clock)).toBe(ms);
    // The title's rate has no frame 28, and does not matter.
    expect(parseStart(text, timecodeRate({ num: 24, den: 1 }), clock)).toBe(ms);
  });

  const starts = (...list: number[]): ReadCue[] =>
    list.map((start) => ({ ...cue(start, start + 1000), line: 1 }));
  const HOUR = 3_600_000;

  it('are whole hours where the times say so: the first cue comes after an hour, the last after the end', () => {
    expect(hoursBefore(starts(HOUR + 5000, HOUR + 60_000), 120_000)).toBe(HOUR);
    expect(hoursBefore(starts(10 * HOUR + 5000, 11 * HOUR), 2 * HOUR)).toBe(10 * HOUR);
    expect(hoursBefore(starts(HOUR + 5000, HOUR + 60_000), 2 * HOUR)).toBe(0); // a long title
    expect(hoursBefore(starts(5000, 3 * HOUR), 2 * HOUR)).toBe(0); // the text of a longer title
    expect(hoursBefore([], 1000)).toBe(0);
    // An hour of 30 frames a second at 29.97, and one of which frames are dropped.
    expect(hoursBefore(starts(3_603_600, 3_700_000), 120_000, 3_603_600)).toBe(3_603_600);
    expect(hoursBefore(starts(3_599_996, 3_700_000), 120_000, 3_599_996.4)).toBe(3_599_996);
  });
});

describe('fitting', () => {
  const fit = (cues: ReadCue[], titleMs = 10_000, startMs = 0) => {
    const notes = new Notes('a file');
    const fitted = fitCues(cues, { titleMs, startMs }, notes).map(short);
    return {
      fitted,
      notes: notes.list().map(({ code, message }) => `${code}: ${message.replace('a file: ', '')}`),
    };
  };
  const read = (start: number, end: number, line: number, text = 'x'): ReadCue => ({
    ...cue(start, end, text === '' ? [] : [text]),
    line,
  });

  it('cuts what goes beyond the title, drops what is outside, and says so', () => {
    expect(
      fit([read(0, 1000, 1), read(9000, 11_000, 2), read(10_000, 12_000, 3), read(9500, Infinity, 4)]),
    ).toEqual({
      fitted: ['0-1000|x', '9000-10000|x', '9500-10000|x'],
      notes: [
        "text-beyond-title: a cue that goes on after the title's end is cut (line 2)",
        'text-beyond-title: a cue outside of the title is left out (line 3)',
        'text-order: a cue that begins before the one above it is put in its place (line 4)',
        'text-overlap: cues overlap; they are shown at once',
      ],
    });
  });

  it('moves cues into the time of the title', () => {
    expect(fit([read(500, 900, 1), read(900, 1500, 2), read(2000, 3000, 3)], 10_000, 1000)).toEqual({
      fitted: ['0-500|x', '1000-2000|x'],
      notes: [
        'text-beyond-title: a cue outside of the title is left out (line 1)',
        'text-beyond-title: a cue that begins before the title is cut (line 2)',
      ],
    });
  });

  it('drops cues without time or text', () => {
    expect(
      fit([read(2000, 1000, 1), read(2000, 2000, 2), read(3000, 4000, 3, ''), read(5000, 6000, 4, '\u00a0')]),
    ).toEqual({
      fitted: [],
      notes: [
        'text-cue-dropped: 2 times: a cue that ends where or before it begins is left out (lines 1, 2)',
        'text-cue-dropped: 2 times: a cue without text is left out (lines 3, 4)',
      ],
    });
  });

  it('refuses a crowd, which would be repeated whenever one of it comes or goes', () => {
    const crowd = (n: number) => fit(Array.from({ length: n }, (_, i) => read(i, 5000 + i, i + 1)));
    expect(crowd(64).fitted).toHaveLength(64);
    expect(thrown(() => crowd(65))).toBe(
      'TEXT_SYNTAX: a file, line 1: more than 64 cues are shown at once, at 00:00:00.064',
    );
  });

  it('keeps cues that overlap, in order of their starts', () => {
    expect(fit([read(3000, 4000, 1, 'b'), read(1000, 3500, 2, 'a'), read(3000, 4000, 3, 'c')])).toEqual({
      fitted: ['1000-3500|a', '3000-4000|b', '3000-4000|c'],
      notes: [
        'text-order: a cue that begins before the one above it is put in its place (line 2)',
        'text-overlap: cues overlap; they are shown at once',
      ],
    });
  });
});

describe('a text file', () => {
  const read = (bytes: Uint8Array | string, hints: FileHints = {}, titleMs = 60_000) => {
    const notes = new Notes('fr.srt');
    const { cues, startMs } = readTextFile(Buffer.from(bytes), { titleMs, fps: FPS }, hints, notes);
    return { cues: cues.map(short), startMs, notes: notes.list().map(({ message }) => message) };
  };

  it('is read, whatever it is', () => {
    expect(read(SRT)).toEqual({ cues: ['1000-2000|Café à la crème'], startMs: 0, notes: [] });
    expect(read(Buffer.from(SRT, 'latin1'))).toEqual({
      cues: ['1000-2000|Café à la crème'],
      startMs: 0,
      notes: ['fr.srt: it does not say how it is encoded, and is taken for windows-1252'],
    });
    expect(read('WEBVTT\n\n01:00:01.000 --> 01:00:02.000\nx\n')).toEqual({
      cues: ['3601000-3602000|x'],
      startMs: 3_600_000,
      notes: ['fr.srt: its times begin at 01:00:00.000: that is taken for the first frame of the title'],
    });
    expect(read('WEBVTT\n\n01:00:01.000 --> 01:00:02.000\nx\n', { start: '01:00:00:12' }).startMs).toBe(
      3_600_500,
    );
    // A title at 24 frames a second does not make an SCC file with dropped frames one.
    const scc = 'Scenarist_SCC V1.0\n\n09:59:02;02 9429 9429 9140 9140 c180\n';
    expect(read(scc, { start: '09:59:00;29' }).startMs).toBe(35_940_872);
  });

  it('has one track: a second caption channel is noted', () => {
    const scc = 'Scenarist_SCC V1.0\n\n00:00:01:00\t9429 9429 c1c1 1c29 9d29 9d29 c2c2\n';
    expect(read(scc)).toMatchObject({
      cues: [expect.stringMatching(/\|AA$/)],
      notes: ['fr.srt: captions of CC2 are left out: one track a file'],
    });
  });

  it.each([
    [
      'of no format',
      '[Script Info]\nTitle: x\n',
      'TEXT_FORMAT: fr.srt is no text that hullcast reads: it begins with "[Script Info] Title: x"',
    ],
    ['without cues', 'WEBVTT\n', 'TEXT_EMPTY: fr.srt has no cue'],
  ])('%s is refused', (_, text, message) => {
    expect(thrown(() => read(text))).toBe(message);
  });

  it('of more than 32 MiB is refused, and so is a start that is none', () => {
    expect(thrown(() => read(Buffer.alloc(32 * 1024 * 1024 + 1, 0x20)))).toBe(
      'TEXT_TOO_LARGE: fr.srt has 33554433 bytes, more than 33554432',
    );
    expect(thrown(() => read(SRT, { start: 'later' }))).toBe(
      'TEXT_START: fr.srt: "later" is no start of a text',
    );
  });
});

it('findings about one file are no more than forty, and one of each code that says that there is more', () => {
  const notes = new Notes('x');
  for (let n = 1; n <= 100; n += 1) notes.add('text-repaired', n, `setting ${n}`);
  notes.add('text-order', 1, 'order');
  const found = notes.list();
  expect(found).toHaveLength(42);
  expect(found.slice(-2).map(({ message }) => message)).toEqual([
    'x: 60 times: there is more of this (lines 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, …)',
    'x: there is more of this (line 1)',
  ]);
});
