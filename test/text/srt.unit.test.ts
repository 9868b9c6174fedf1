import { describe, expect, it } from 'vitest';
import { readSrt } from '../../src/text/read/srt.js';
import { readWith, thrown } from './support.js';

const read = (text: string) => readWith(readSrt, text);
const PLAIN = '1\n00:00:01,000 --> 00:00:02,500\nHello\nworld\n\n2\n00:01:00,000 --> 01:00:00,001\nAgain\n';

describe('SubRip', () => {
  it('is read whatever its line ends are', () => {
    const expected = { cues: ['1000-2500|Hello\nworld', '60000-3600001|Again'], notes: [] };
    for (const end of ['\n', '\r\n', '\r']) expect(read(PLAIN.replaceAll('\n', end))).toEqual(expected);
    expect(read(`\n\n${PLAIN.trimEnd()}`)).toEqual(expected);
  });

  it('keeps styles and colours, and decodes entities', () => {
    const line =
      '<b>b</b><i>i</i> <u>u</u> <font color="#FFFF00">y</font><font color=white>w</font> <em>e</em> &amp; &#233;&lt;';
    expect(read(`1\n00:00:01,000 --> 00:00:02,000\n${line}\n`)).toEqual({
      cues: ['1000-2000|<b>b</b><i>i</i> <u>u</u> <c.yellow>y</c>w <i>e</i> &amp; é&lt;'],
      notes: [],
    });
  });

  it('keeps the places of {\\an…}, and leaves out other effects', () => {
    const at = (tags: string) => read(`1\n00:00:01,000 --> 00:00:02,000\n${tags}x\n`);
    expect(at('{\\an8}').cues).toEqual(['1000-2000 line:0|x']);
    expect(at('{\\an1}').cues).toEqual(['1000-2000 align:start|x']);
    expect(at('{\\an6}').cues).toEqual(['1000-2000 line:50%,center align:end|x']);
    expect(at('{\\an2}').cues).toEqual(['1000-2000|x']);
    expect(at('{\\i1}').cues).toEqual(['1000-2000|<i>x</i>']);
    expect(at('{\\pos(1,2)\\fad(3,4)}')).toEqual({
      cues: ['1000-2000|x'],
      notes: ['text-markup-dropped: 2 times: effects of SubStation Alpha are left out (line 2)'],
    });
    expect(at('{not a tag}').cues).toEqual(['1000-2000|{not a tag}x']);
  });

  it('takes out tags that it has not, and scripts with what is in them', () => {
    expect(
      read('1\n00:00:01,000 --> 00:00:02,000\n<div class="a">x</div><script>alert(1)</script> 1 < 2 <3\n'),
    ).toEqual({
      cues: ['1000-2000|x 1 &lt; 2 &lt;3'],
      notes: [
        'text-markup-dropped: 2 times: tags that SubRip has not (<div>) are left out (line 2)',
        'text-markup-dropped: tags that SubRip has not (<script>) are left out (line 2)',
      ],
    });
  });

  it('closes what is open, in order', () => {
    expect(read('1\n00:00:01,000 --> 00:00:02,000\n<b><i>x</b>y</i></u><i>z\n')).toEqual({
      cues: ['1000-2000|<b><i>x</i></b><i>y</i><i>z</i>'],
      notes: ['text-repaired: tags that are not balanced are closed in order (line 2)'],
    });
  });

  it('repairs what players take, and says where', () => {
    expect(
      read(
        '00:00:01.000 --> 00:00:02.5\nno number\n2\n0:00:03,000 -->00:00:04,000 X1:1 X2:2 Y1:3 Y2:4\nclose\n\nafter a gap\n\n1984\n',
      ),
    ).toEqual({
      cues: ['1000-2500|no number', '3000-4000|close\nafter a gap\n1984'],
      notes: [
        'text-repaired: a cue without a number is read all the same (line 1)',
        'text-repaired: a cue that follows without an empty line is read by itself (line 3)',
        'text-markup-dropped: what stands behind the times of a cue is left out (line 4)',
        'text-repaired: 2 times: text behind an empty line is part of the cue before it (lines 7, 9)',
      ],
    });
  });

  it.each([
    [
      'a missing arrow',
      '1\n00:00:01,000 00:00:02,000\nx\n',
      'line 2: "-->" is missing between the times, found "00:00:01,000 00:00:02,000"',
    ],
    [
      'half an arrow',
      '1\n00:00:01,000 -> 00:00:02,000\nx\n',
      'line 2: "-->" is missing between the times, found "00:00:01,000 -> 00:00:02,000"',
    ],
    [
      'a time that is none',
      '1\n00:00:01,000 --> 00:00:0x,000\nx\n',
      'line 2: "00:00:0x,000" is no time (00:00:00,000)',
    ],
    [
      'minutes beyond 59',
      '1\n00:60:01,000 --> 01:00:02,000\nx\n',
      'line 2: "00:60:01,000" is no time (00:00:00,000)',
    ],
    [
      'no times at all',
      '1\n00:00:01,000 --> 00:00:02,000\nx\n\n2\ny\n',
      'line 5: cue 2 has no line of times, found "2"',
    ],
    ['no head', 'Hello\n', 'line 1: a number or times of a cue were expected, found "Hello"'],
    ['no end', '1\n00:00:01,000 -->\nx\n', 'line 2: "" is no time (00:00:00,000)'],
  ])('is refused with line and reason: %s', (_, text, message) => {
    expect(thrown(() => read(text))).toBe(`TEXT_SYNTAX: a file, ${message}`);
  });
});
