import { describe, expect, it } from 'vitest';
import { Notes } from '../../src/text/findings.js';
import { readWebVtt } from '../../src/text/read/webvtt.js';
import { readWith, thrown } from './support.js';

const read = (text: string) => readWith(readWebVtt, text);

describe('WebVTT', () => {
  it('is read with its settings, without its comments and names', () => {
    const text = [
      'WEBVTT - a title\nKind: captions\nLanguage: en\n',
      'NOTE a comment\nover two lines\n',
      'first\n00:01.000 --> 00:02.000 align:start line:10%,end position:20%,line-left size:33.5%\nHello <i>you</i>\n',
      '100:00:00.000 --> 100:00:01.000\tvertical:rl line:-1\nline one\nline two\n',
    ].join('\n');
    for (const end of ['\n', '\r\n', '\r']) {
      expect(read(text.replaceAll('\n', end))).toEqual({
        cues: [
          '1000-2000 line:10%,end position:20%,line-left size:33.5% align:start|Hello <i>you</i>',
          '360000000-360001000 vertical:rl line:-1|line one\nline two',
        ],
        notes: [],
      });
    }
  });

  it.each([
    ['<v.loud Mary &amp; Joe>hi', '<v.loud Mary &amp; Joe>hi</v>'],
    ['<c.yellow.bg_blue>x</c> <c>y</c>', '<c.yellow.bg_blue>x</c> y'],
    ['<lang fr>oui</lang><lang>no</lang>', '<lang fr>oui</lang>no'],
    ['<ruby>漢<rt>kan</ruby>', '<ruby>漢<rt>kan</rt></ruby>'],
    ['a &lt;b&gt; &amp; &nbsp;&lrm;&unknown;', 'a &lt;b&gt; &amp; \u00a0\u200e&amp;unknown;'],
    ['  spaced  \t\n  <i>\n</i> out  ', 'spaced\nout'],
    ['<b></b><i> </i>x', 'x'],
  ])('keeps its markup: %s', (payload, expected) => {
    const { cues, notes } = read(`WEBVTT\n\n00:01.000 --> 00:02.000\n${payload}\n`);
    expect({ cues, notes }).toEqual({ cues: [`1000-2000|${expected}`], notes: [] });
  });

  it('has lines that look empty and are not', () => {
    const head = '00:01.000 --> 00:02.000 align:start position:0%';
    const text = `WEBVTT\n\n${head}\n \nhello<00:01.640><c> world</c>\n\n${head}\nA\n\u00a0\nB\n`;
    expect(readWebVtt(text, new Notes('x')).map(({ content }) => content)).toEqual([
      ['hello world'],
      ['A\n\u00a0\nB'],
    ]);
  });

  it('leaves out what it has not, and says so', () => {
    const text =
      'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000\n\nSTYLE\n::cue { color: red }\n\n' +
      '00:01.000 --> 00:02.000 line:foo,bar colour:red\n<00:01.500>karaoke <blink>x</blink><script>evil()</script> <style>y</style>1 < 2</i>\n' +
      '00:03.000 --> 00:04,5\nnext\n';
    expect(read(text)).toEqual({
      cues: ['1000-2000|karaoke x 1 &lt; 2', '3000-4500|next'],
      notes: [
        'text-repaired: X-TIMESTAMP-MAP is left out: it is about the segments of a stream (line 1)',
        'text-markup-dropped: style sheets are left out (line 4)',
        'text-repaired: a cue that follows without an empty line is read by itself (line 9)',
        'text-repaired: cue settings that are none ("line:foo,bar") are left out (line 7)',
        'text-repaired: cue settings that are none ("colour:red") are left out (line 7)',
        'text-markup-dropped: times within a cue (karaoke) are left out (line 7)',
        'text-markup-dropped: 2 times: tags that WebVTT has not (<blink>) are left out (line 7)',
        'text-markup-dropped: tags that WebVTT has not (<script>) are left out (line 7)',
        'text-markup-dropped: tags that WebVTT has not (<style>) are left out (line 7)',
        'text-repaired: a "<" that begins no tag is taken for text (line 7)',
        'text-repaired: tags that are not balanced are closed in order (line 7)',
        'text-repaired: times that are not written as WebVTT demands are read all the same (line 9)',
      ],
    });
  });

  it('puts cues of a region where the region is', () => {
    const region = (settings: string) =>
      read(`WEBVTT\n\nREGION\nid:r ${settings}\n\n00:01.000 --> 00:02.000 region:r\nx\n`);
    expect(region('width:40% lines:3 regionanchor:0%,100% viewportanchor:10%,30%').cues).toEqual([
      '1000-2000 line:30%,end position:30% size:40%|x',
    ]);
    expect(region('width:80%\nlines:2\nregionanchor:50%,100%\nviewportanchor:50%,95%')).toEqual({
      cues: ['1000-2000|x'],
      notes: [],
    });
    expect(read('WEBVTT\n\n00:01.000 --> 00:02.000 region:none\nx\n').notes).toEqual([
      'text-repaired: a cue names a region that the file has not (line 3)',
    ]);
  });

  it.each([
    [
      'no signature',
      '00:01.000 --> 00:02.000\nx\n',
      'line 1: a WebVTT file begins with WEBVTT, this one with "00:01.000 --> 00:02.000"',
    ],
    [
      'a signature that goes on',
      'WEBVTTx\n',
      'line 1: a WebVTT file begins with WEBVTT, this one with "WEBVTTx"',
    ],
    [
      'a cue in the header',
      'WEBVTT\n00:01.000 --> 00:02.000\nx\n',
      'line 2: an empty line is missing before the first cue',
    ],
    [
      'a missing arrow',
      'WEBVTT\n\n00:01.000 00:02.000\nx\n',
      'line 3: a cue needs times with "-->", found "00:01.000 00:02.000"',
    ],
    [
      'a time that is none',
      'WEBVTT\n\n00:01.000 --> 0:0:0:2\nx\n',
      'line 3: "0:0:0:2" is no time (00:00:00.000)',
    ],
    [
      'seconds beyond 59',
      'WEBVTT\n\n00:61.000 --> 02:00.000\nx\n',
      'line 3: "00:61.000" is no time (00:00:00.000)',
    ],
    [
      'lines before the times',
      'WEBVTT\n\na\nb\n00:01.000 --> 00:02.000\nx\n',
      'line 3: more than one line stands before the times of a cue',
    ],
  ])('is refused with line and reason: %s', (_, text, message) => {
    expect(thrown(() => read(text))).toBe(`TEXT_SYNTAX: a file, ${message}`);
  });
});
