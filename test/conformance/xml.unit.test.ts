import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { XmlError, childrenOf, parseXml } from '../../src/conformance/dash/xml.js';

/** Why a text is refused, with the line. */
function refusal(text: string): string {
  try {
    parseXml(text);
  } catch (error) {
    if (error instanceof XmlError) return `${error.kind} ${error.line}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('parseXml', () => {
  it('reads elements, attributes, text and lines', () => {
    const root = parseXml(
      '\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<!-- a -- comment --><MPD a="1" b = \'2\'>\n' +
        '  <Period/>\n  <BaseURL>x&amp;y<![CDATA[<z>]]>&#x41;&#66;</BaseURL ><Period id="&lt;&quot;"/>\n</MPD>\n<?end?>',
    );
    expect([root.name, root.line, ...root.attributes]).toEqual(['MPD', 2, ['a', '1'], ['b', '2']]);
    expect(root.children.map(({ name, line }) => [name, line])).toEqual([
      ...[['Period', 3] as const, ['BaseURL', 4] as const, ['Period', 4] as const],
    ]);
    expect(root.children[1]?.text).toBe('x&y<z>AB');
    expect(childrenOf(root, 'Period').map(({ attributes }) => attributes.get('id'))).toEqual([
      undefined,
      '<"',
    ]);
    expect(childrenOf(root, 'Role')).toEqual([]);
  });

  it('knows namespaces, the nearest declaration first', () => {
    const root = parseXml(
      '<a xmlns="one" xmlns:p="two"><p:b p:c="1" d="2"/><e xmlns="three" xmlns:p="four"><f p:g="3"/></e><h/></a>',
    );
    const [b, e, h] = root.children;
    expect([root.namespace, b?.namespace, b?.name]).toEqual(['one', 'two', 'b']);
    expect([...(b?.foreign ?? [])]).toEqual([['two c', '1']]);
    expect([...(b?.attributes ?? [])]).toEqual([
      ['p:c', '1'],
      ['d', '2'],
    ]);
    expect([e?.namespace, e?.children[0]?.namespace, h?.namespace]).toEqual(['three', 'three', 'one']);
    expect([...(e?.children[0]?.foreign ?? [])]).toEqual([['four g', '3']]);
  });

  it.each([
    ['', 'syntax 1: there is no element'],
    ['text', 'syntax 1: text outside of the document'],
    ['<a>\n<b>\n</a>', 'syntax 3: </a> where </b> is due'],
    ['<a>\n<b>', 'syntax 2: <b> of line 2 is not closed'],
    ['<a/><b/>', 'syntax 1: a second element at the top'],
    ['</a>', 'syntax 1: </a> where none is due'],
    ['<a b="1" b="2"/>', 'syntax 1: b twice in <a>'],
    ['<a b="1"c="2"/>', 'syntax 1: no space before an attribute of <a>'],
    ['<a b=1/>', 'syntax 1: the value of b is not in quotes'],
    ['<a b/>', 'syntax 1: no value of b'],
    ['<a b="1', 'syntax 1: the value of b does not end'],
    ['<a b="<"/>', 'syntax 1: < in the value of b'],
    ['<a>&nbsp;</a>', 'syntax 1: &nbsp; stands for nothing'],
    ['<a>& b</a>', 'syntax 1: & b stands for nothing'],
    ['<a b="&#0;"/>', 'syntax 1: &#0; stands for nothing'],
    ['<a>&#x110000;</a>', 'syntax 1: &#x110000; stands for nothing'],
    ['<p:a/>', 'syntax 1: p:a has a prefix that is not declared'],
    ['<a p:b="1"/>', 'syntax 1: p:b has a prefix that is not declared'],
    ['<a><!-- <b/></a>', 'syntax 1: <!-- does not end'],
    ['<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', 'syntax 1: a document type is not read'],
    ['<a>'.repeat(1000), 'limit 1: elements 64 deep in each other'],
  ])('refuses %j', (text, why) => {
    expect(refusal(text)).toBe(why);
  });

  it('stops at a number of elements and attributes', () => {
    const many = `<a b="1">\n${'<b/>'.repeat(998)}</a>`;
    expect(() => parseXml(many, 1000)).not.toThrow();
    expect(() => parseXml(many, 999)).toThrow('more than 999 elements and attributes');
  });

  it('reads whatever is written as it should be', () => {
    const escape = (text: string): string =>
      text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (value, text) => {
        const root = parseXml(`<a b="${escape(value)}">${escape(text)}</a>`);
        expect([root.attributes.get('b'), root.text]).toEqual([value, text]);
      }),
    );
  });

  it('throws nothing else, whatever it is given', () => {
    const piece = fc.constantFrom(
      ...['<a', '>', '/>', '</a>', ' b="c"', '&', ';', '<!--', '-->', '<![CDATA[', ']]>'],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (pieces) => {
        expect(refusal(pieces.join(''))).toMatch(/^(none|(syntax|limit) \d+: .)/);
      }),
    );
  });
});
