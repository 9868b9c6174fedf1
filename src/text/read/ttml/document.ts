import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import type { HullcastError } from '../../../errors.js';
import { malformed, shown } from '../../errors.js';

/** No subtitle nests this deeply, or has as many attributes in one element. */
const DEEPEST = 64;
const MOST_ATTRIBUTES = 256;
/** Characters of one tag. */
const LONGEST_TAG = 16_384;
const ELEMENT_NODE = 1;
const TEXT_NODES: ReadonlySet<number> = new Set([3, 4]);

/** Vocabularies by the end of their namespace, of all drafts: `tts` styling, `ttp` parameters and so on. */
const VOCABULARIES: readonly (readonly [RegExp, string])[] = [
  [/imsc1#styling$/, 'itts'],
  [/#styl(?:e|ing)$/, 'tts'],
  [/#parameter$/, 'ttp'],
  [/\/smpte-tt$/, 'smpte'],
  [/\/xml\/1998\/namespace$/i, 'xml'],
  [/^http:\/\/www\.w3\.org\/(?:ns\/ttml|2006\/(?:04|10)\/ttaf1)$/, 'tt'],
];

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** What is no element, by how it begins and ends. */
const ASIDES = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const;

function checkTag(tag: string, name: string, line: () => number): void {
  if (tag.length <= LONGEST_TAG && tag.split('=').length <= MOST_ATTRIBUTES) return;
  throw malformed(name, line(), 'an element has more attributes than any that is meant seriously');
}

/**
 * Throws TEXT_SYNTAX for elements that are nested too deeply or have too many attributes, of which the parser's time would
 * grow with the square.
 */
function checkShape(text: string, name: string): void {
  let depth = 0;
  let at = text.indexOf('<');
  while (at >= 0) {
    const start = at;
    const aside = ASIDES.find(([begins]) => text.startsWith(begins, start));
    const end = text.indexOf(aside ? aside[1] : '>', start);
    if (end < 0) return; // the parser will say where
    const line = (): number => lineAt(text, start);
    if (!aside) {
      if (text[start + 1] === '/') depth -= 1;
      else if (text[end - 1] !== '/') depth += 1;
      checkTag(text.slice(start, end), name, line);
      if (depth > DEEPEST)
        throw malformed(name, line(), `more than ${DEEPEST} elements are within each other`);
    }
    at = text.indexOf('<', end);
  }
}

/**
 * Parses XML and gives its root, a `tt`. Document types are refused, and with them all entities but XML's own five:
 * nothing is expanded or fetched. Throws TEXT_SYNTAX.
 */
export function parseDocument(text: string, name: string): Element {
  const doctype = /<!DOCTYPE|<!ENTITY/i.exec(text);
  if (doctype) throw malformed(name, lineAt(text, doctype.index), 'document types are refused');
  checkShape(text, name);
  let refusal: HullcastError | undefined;
  const refuse = (_level: string, message: string, context: unknown): never => {
    const line = (context as { locator?: { lineNumber?: number } }).locator?.lineNumber ?? 1;
    const reason = message.split('\n')[0] ?? '';
    throw (refusal = malformed(name, Math.max(1, line), `this is no well-formed XML: ${reason}`));
  };
  let root: Element | null;
  try {
    root = new DOMParser({ onError: refuse }).parseFromString(text, 'text/xml').documentElement;
  } catch (error) {
    // The parser wraps what its handler throws.
    throw refusal ?? malformed(name, 1, `this is no well-formed XML: ${shown((error as Error).message)}`);
  }
  if (!root || localNameOf(root) !== 'tt') {
    throw malformed(name, 1, `a TTML document has tt as its root, this one ${root?.nodeName ?? 'none'}`);
  }
  return root;
}

/** `p`, `span` …; undefined for an element that is not TTML's, such as metadata of others. */
export function localNameOf(element: Element): string | undefined {
  const { namespaceURI, localName } = element;
  const known = namespaceURI === null || vocabularyOf(namespaceURI) === 'tt';
  return known ? (localName ?? undefined) : undefined;
}

function vocabularyOf(namespace: string | null): string | undefined {
  return namespace === null ? '' : VOCABULARIES.find(([pattern]) => pattern.test(namespace))?.[1];
}

/** Attributes by vocabulary and name, e.g. `tts:color`, `xml:id`, `begin`. */
export type Attributes = ReadonlyMap<string, string>;

export function attributesOf(element: Element): Attributes {
  const attributes = new Map<string, string>();
  for (const { namespaceURI, localName, value } of element.attributes) {
    const vocabulary = vocabularyOf(namespaceURI);
    if (vocabulary === undefined || localName === null) continue;
    attributes.set(vocabulary === '' ? localName : `${vocabulary}:${localName}`, value);
  }
  return attributes;
}

export function nodesOf(element: Element): Node[] {
  const nodes: Node[] = [];
  for (let node = element.firstChild; node !== null; node = node.nextSibling) nodes.push(node);
  return nodes;
}

export const isElement = (node: Node): node is Element => node.nodeType === ELEMENT_NODE;
export const isText = (node: Node): boolean => TEXT_NODES.has(node.nodeType);

/** TTML's own elements below, of one name. */
export function childrenOf(element: Element, name: string): Element[] {
  return nodesOf(element)
    .filter(isElement)
    .filter((child) => localNameOf(child) === name);
}

export const lineOf = (node: Node): number => node.lineNumber ?? 1;
