import { describe, expect, it } from 'vitest';
import { readTtml } from '../../src/text/read/ttml/index.js';
import { readWith, thrown } from './support.js';

const read = (text: string) => readWith((text, notes) => readTtml(text, notes).cues, text);
const NAMESPACES =
  'xmlns="http://www.w3.org/ns/ttml" xmlns:tts="http://www.w3.org/ns/ttml#styling" xmlns:ttp="http://www.w3.org/ns/ttml#parameter"';

function document(body: string, head = '', root = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<tt ${NAMESPACES} xml:lang="en" ${root}>\n<head>${head}</head>\n<body>${body}</body></tt>`;
}
const p = (attributes: string, text = 'x') => document(`<div><p ${attributes}>${text}</p></div>`);

describe('times of TTML', () => {
  it.each([
    ['00:00:01.000', '', 1000],
    ['00:00:01.1234', '', 1123],
    ['01:02:03', '', 3_723_000],
    ['00:00:01:15', '', 1500],
    ['00:00:01:12', 'ttp:frameRate="24"', 1500],
    ['00:00:01:12', 'ttp:frameRate="24" ttp:frameRateMultiplier="1000 1001"', 1501],
    ['00:00:01:00.1', 'ttp:frameRate="25" ttp:subFrameRate="2"', 1020],
    [
      '00:01:00:02',
      'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte" ttp:dropMode="dropNTSC"',
      60_060,
    ],
    [
      '01:00:00:00',
      'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte" ttp:dropMode="dropNTSC"',
      3_599_996,
    ],
    ['01:00:00:00', 'ttp:frameRate="30" ttp:frameRateMultiplier="1000 1001" ttp:timeBase="smpte"', 3_603_600],
    ['1.5s', '', 1500],
    ['1500ms', '', 1500],
    ['0.5h', '', 1_800_000],
    ['2m', '', 120_000],
    ['36f', 'ttp:frameRate="24"', 1500],
    ['15000000t', 'ttp:tickRate="10000000"', 1500],
    ['30t', 'ttp:frameRate="20"', 1500],
    ['3t', '', 3000],
  ])('%s with %s', (time, root, ms) => {
    expect(read(document(`<div><p begin="${time}" end="9h">x</p></div>`, '', root)).cues).toEqual([
      `${ms}-32400000|x`,
    ]);
  });

  it('are relative to what they are in, and never outside of it', () => {
    const body =
      '<div begin="10s" end="20s"><p begin="1s" dur="2s">a</p><p begin="5s" end="8s">b</p><p begin="8s" end="99s">c</p><p>d</p></div>';
    expect(read(document(body)).cues).toEqual([
      '11000-13000|a',
      '15000-18000|b',
      '18000-20000|c',
      '10000-20000|d',
    ]);
    const sequence =
      '<div timeContainer="seq" begin="1s"><p dur="2s">a</p><p begin="1s" dur="1s">b</p><p end="1s">c</p></div>';
    expect(read(document(sequence)).cues).toEqual(['1000-3000|a', '4000-5000|b', '5000-6000|c']);
    expect(read(document('<div><p begin="3s">a</p></div>')).cues).toEqual(['3000-Infinity|a']);
  });

  it('of spans divide a paragraph', () => {
    const text = '<span begin="0s" end="2s">one </span><span begin="1s">two</span>';
    expect(read(p('begin="10s" end="14s"', text)).cues).toEqual([
      '10000-11000|one',
      '11000-12000|one two',
      '12000-14000|two',
    ]);
  });

  it('that end before they begin are given as they are', () => {
    expect(read(p('begin="5s" end="4s"')).cues).toEqual(['5000-4000|x']);
  });
});

describe('text of TTML', () => {
  it('has its white space run together, unless it is preserved', () => {
    const text = '\n  one\n  <span> two</span>  <br/>\n three  \n';
    expect(read(p('begin="1s" end="2s"', text)).cues).toEqual(['1000-2000|one two\nthree']);
    expect(read(p('begin="1s" end="2s" xml:space="preserve"', 'a\nb  c<br/>d')).cues).toEqual([
      '1000-2000|a\nb  c\nd',
    ]);
  });

  it('has its entities and CDATA decoded, and what is not its own left out', () => {
    const text = '&lt;i&gt; &amp; &#233;<![CDATA[<b>]]><metadata xmlns="urn:x">no</metadata><!-- no -->';
    expect(read(p('begin="1s" end="2s"', text)).cues).toEqual(['1000-2000|&lt;i&gt; &amp; é&lt;b&gt;']);
  });

  it('keeps styles: referenced, nested, inherited and overridden', () => {
    const head =
      '<styling><style xml:id="base" tts:fontStyle="italic"/><style xml:id="loud" style="base" tts:color="#FFFF00FF"/>' +
      '<style xml:id="loop" style="loop2"/><style xml:id="loop2" style="loop" tts:fontWeight="bold"/></styling>';
    const body =
      '<div style="loud"><p begin="1s" end="2s">a<span tts:fontStyle="normal" tts:color="white">b</span>' +
      '<span style="loop">c</span><span tts:textDecoration="underline" tts:backgroundColor="blue">d</span>' +
      '<span xml:lang="fr">e</span><span tts:display="none">f</span></p></div>';
    expect(read(document(body, head)).cues).toEqual([
      '1000-2000|<c.yellow><i>a</i></c>b<c.yellow><b><i>c</i></b></c><c.yellow.bg_blue><i><u>d</u></i></c>' +
        '<lang fr><c.yellow><i>e</i></c></lang>',
    ]);
  });

  it('keeps ruby', () => {
    const text =
      '<span tts:ruby="container"><span tts:ruby="base">漢</span><span tts:ruby="text">kan</span></span>';
    expect(read(p('begin="1s" end="2s"', text)).cues).toEqual(['1000-2000|<ruby>漢<rt>kan</rt></ruby>']);
  });
});

describe('regions of TTML', () => {
  const placed = (region: string, attributes = '', root = '') =>
    read(
      document(
        `<div><p region="r" begin="1s" end="2s" ${attributes}>x</p></div>`,
        `<layout><region xml:id="r" ${region}/></layout>`,
        root,
      ),
    ).cues[0];

  it.each([
    [
      'tts:origin="10% 80%" tts:extent="80% 10%" tts:displayAlign="after" tts:textAlign="center"',
      '1000-2000|x',
    ],
    [
      'tts:origin="10% 10%" tts:extent="80% 10%" tts:displayAlign="before" tts:textAlign="center"',
      '1000-2000 line:10%|x',
    ],
    [
      'tts:origin="10% 10%" tts:extent="80% 10%" tts:displayAlign="center" tts:textAlign="center"',
      '1000-2000 line:15%,center|x',
    ],
    [
      'tts:origin="10% 10%" tts:extent="80% 10%" tts:displayAlign="after" tts:textAlign="center"',
      '1000-2000 line:20%,end|x',
    ],
    [
      'tts:origin="20% 80%" tts:extent="30% 15%" tts:displayAlign="after" tts:textAlign="left"',
      '1000-2000 position:20% size:30% align:left|x',
    ],
    [
      'tts:origin="20% 80%" tts:extent="30% 15%" tts:displayAlign="after" tts:textAlign="end"',
      '1000-2000 position:50% size:30% align:end|x',
    ],
    [
      'tts:origin="20% 80%" tts:extent="30% 15%" tts:displayAlign="after"',
      '1000-2000 position:20% size:30% align:start|x',
    ],
    [
      'tts:position="center bottom" tts:extent="80% 20%" tts:displayAlign="after" tts:textAlign="center"',
      '1000-2000|x',
    ],
    ['tts:position="top" tts:extent="80% 20%" tts:textAlign="center"', '1000-2000 line:0%|x'],
    ['tts:writingMode="tbrl"', '1000-2000 vertical:rl|x'],
  ])('%s', (region, expected) => {
    expect(placed(region)).toBe(expected);
  });

  it('are measured in pixels and cells, too', () => {
    const box = 'tts:displayAlign="before" tts:textAlign="center"';
    expect(
      placed(`tts:origin="192px 108px" tts:extent="1536px 108px" ${box}`, '', 'tts:extent="1920px 1080px"'),
    ).toBe('1000-2000 line:10%|x');
    expect(placed(`tts:origin="4c 3c" tts:extent="24c 3c" ${box}`)).toBe('1000-2000 line:20%|x');
    expect(placed(`tts:origin="5c 4c" tts:extent="30c 4c" ${box}`, '', 'ttp:cellResolution="40 16"')).toBe(
      '1000-2000 line:25%|x',
    );
  });

  it("give their style to what is in them, before the text's own", () => {
    const box =
      'tts:origin="10% 80%" tts:extent="80% 15%" tts:displayAlign="after" tts:textAlign="center" tts:color="cyan"';
    expect(placed(box)).toBe('1000-2000|<c.cyan>x</c>');
    expect(placed(box, 'tts:color="red" tts:textAlign="right"')).toBe(
      '1000-2000 position:90% size:80% align:right|<c.red>x</c>',
    );
  });

  it('that are not there are noted', () => {
    expect(read(p('region="none" begin="1s" end="2s"'))).toEqual({
      cues: ['1000-2000|x'],
      notes: ['text-repaired: a paragraph names a region that the document has not (line 4)'],
    });
  });
});

it('reads the drafts of TTML that are still around', () => {
  const text =
    '<tt xmlns="http://www.w3.org/2006/10/ttaf1" xmlns:tts="http://www.w3.org/2006/10/ttaf1#style">' +
    '<body><div><p begin="00:00:01.00" end="00:00:02.00"><span tts:fontStyle="italic">x</span></p></div></body></tt>';
  expect(read(text)).toEqual({ cues: ['1000-2000|<i>x</i>'], notes: [] });
});

describe('a TTML file is refused with line and reason', () => {
  const deep = '<p>'.repeat(100) + '</p>'.repeat(100);
  it.each([
    [
      'XML that is none',
      document('<div>\n<p></div>'),
      'line 5: this is no well-formed XML: Opening and ending tag mismatch: "p" != "div"',
    ],
    [
      'an unknown entity',
      document('<div><p>&nbsp;</p></div>'),
      'line 4: this is no well-formed XML: entity not found:&nbsp;',
    ],
    [
      'a document type',
      `<!DOCTYPE tt [<!ENTITY a "b">]>\n${document('')}`,
      'line 1: document types are refused',
    ],
    [
      'an entity bomb',
      `<?xml version="1.0"?>\n<!ENTITY lol "lol">${document('').slice(38)}`,
      'line 2: document types are refused',
    ],
    ['another root', '<html/>', 'line 1: a TTML document has tt as its root, this one html'],
    [
      'a time that is none',
      document('<div>\n<p begin="soon">x</p></div>'),
      'line 5: "soon" is no time of TTML',
    ],
    [
      'frames beyond the rate',
      document('<div><p begin="00:00:00:24">x</p></div>', '', 'ttp:frameRate="24"'),
      'line 4: "00:00:00:24" is no time of TTML',
    ],
    [
      'the clock on the wall',
      document('', '', 'ttp:timeBase="clock"'),
      'line 2: its times are of the clock on the wall (ttp:timeBase)',
    ],
    [
      'pictures',
      document('<div><image src="a.png"/></div>'),
      'line 4: subtitles that are pictures cannot be carried',
    ],
    [
      'pictures in a paragraph',
      p('', '<image src="a.png"/>'),
      'line 4: subtitles that are pictures cannot be carried',
    ],
    [
      'text that comes to be seen',
      p('', '<span tts:visibility="hidden">\n<set begin="2s" tts:visibility="visible"/>B</span>'),
      'line 5: text that <set> shows or hides cannot be carried',
    ],
    [
      'paragraphs that are hidden for a time',
      document('<div><animate begin="2s" tts:display="none;auto"/><p>x</p></div>'),
      'line 4: text that <animate> shows or hides cannot be carried',
    ],
    [
      'regions that are hidden for a time',
      document('', '<layout><region xml:id="r"><set end="2s" tts:opacity="0"/></region></layout>'),
      'line 3: text that <set> shows or hides cannot be carried',
    ],
    [
      'animations that are named',
      document('', '<animation><set xml:id="a" tts:visibility="hidden"/></animation>'),
      'line 3: text that <set> shows or hides cannot be carried',
    ],
    [
      'regions that are there for a time',
      document('', '<layout><region xml:id="r" begin="3s" end="5s"/></layout>'),
      'line 3: a region that has times of its own cannot be carried',
    ],
    ['text in what is no TTML', p('', 'a <b>c</b>'), 'line 4: text in <b> cannot be carried'],
    ['depth', document(deep), 'line 4: more than 64 elements are within each other'],
  ])('%s', (_, text, message) => {
    expect(thrown(() => read(text))).toBe(`TEXT_SYNTAX: a file, ${message}`);
  });
});

it('what cannot be carried is noted where no text is lost', () => {
  const layout =
    '<layout><region xml:id="r" begin="0s"><metadata/><style tts:color="red"/></region></layout>';
  const body = `<div><metadata><b>x</b></metadata><audio/>
<p begin="1s" end="9s">a <metadata>x</metadata><set begin="2s" tts:color="yellow"/></p></div>`;
  const { cues, notes } = read(document(body, layout));
  expect(cues).toEqual(['1000-9000|a']);
  expect(notes).toEqual([
    'text-markup-dropped: elements that cannot be carried (<audio>) are left out (line 4)',
    'text-markup-dropped: changes of style over time (<set>) are left out (line 5)',
  ]);
});

it('what is in comments and CDATA nests nothing', () => {
  const aside = '<p>'.repeat(100);
  expect(read(p('begin="1s" end="2s"', `<!-- ${aside} --><![CDATA[${'<b>'.repeat(100)}]]>`)).cues).toEqual([
    `1000-2000|${'&lt;b&gt;'.repeat(100)}`,
  ]);
});

it('an element with hundreds of attributes is refused', () => {
  const attributes = Array.from({ length: 300 }, (_, n) => `a${n}="1"`).join(' ');
  expect(thrown(() => read(p(attributes)))).toBe(
    'TEXT_SYNTAX: a file, line 4: an element has more attributes than any that is meant seriously',
  );
});
