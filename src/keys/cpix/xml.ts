import { DOMParser, type Element, type Node } from '@xmldom/xmldom';
import { BadAnswer } from './bad-answer.js';

/** Namespaces of CPIX documents, by the prefixes of its examples. */
export const NAMESPACES = {
  cpix: 'urn:dashif:org:cpix',
  pskc: 'urn:ietf:params:xml:ns:keyprov:pskc',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
  enc: 'http://www.w3.org/2001/04/xmlenc#',
} as const;
const KNOWN: ReadonlySet<string | null> = new Set(Object.values(NAMESPACES));

/** Real documents have some hundred tags; namespaces within namespaces take the parser a time that grows with the square. */
const MOST_TAGS = 10_000;
const MOST_NAMESPACES = 1_000;
const ELEMENT_NODE = 1;
const TEXT_NODES: ReadonlySet<number> = new Set([3, 4]);

/**
 * The root element of a document of XML 1.0 with namespaces. No document type: so there are no entities but the five of
 * XML, and nothing is fetched. Throws BadAnswer; `what` is what the text is.
 */
export function parseXml(text: string, what: string): Element {
  if (/<!DOCTYPE|<!ENTITY/i.test(text)) throw new BadAnswer(`${what} has a document type, which is refused`);
  if (count(text, '<') > MOST_TAGS || count(text, 'xmlns') > MOST_NAMESPACES)
    throw new BadAnswer(`${what} has more elements than any that is meant seriously`);
  // What the parser says quotes what it stumbled over, which may be a key: neither its words nor its errors go on.
  const malformed = (): never => {
    throw new BadAnswer(`${what} is not well-formed XML`);
  };
  try {
    const { documentElement } = new DOMParser({ onError: malformed }).parseFromString(text, 'text/xml');
    return documentElement ?? malformed();
  } catch {
    return malformed();
  }
}

function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1;
  return found;
}

/** Child elements of that local name in a namespace of CPIX documents. */
export function children(element: Element, name: string): Element[] {
  return elementsOf(element).filter((one) => one.localName === name && KNOWN.has(one.namespaceURI));
}

export function elementsOf(element: Element): Element[] {
  return nodesOf(element).filter((node): node is Element => node.nodeType === ELEMENT_NODE);
}

export function nodesOf(element: Element): Node[] {
  const nodes: Node[] = [];
  for (let node = element.firstChild; node !== null; node = node.nextSibling) nodes.push(node);
  return nodes;
}

/** The one element at the end of a path of names; undefined where any is not there. Throws BadAnswer where one is there twice. */
export function child(element: Element, ...path: string[]): Element | undefined {
  let found: Element | undefined = element;
  for (const name of path) {
    const all: Element[] = found ? children(found, name) : [];
    if (all.length > 1) throw new BadAnswer(`${found!.localName} has more than one ${name}`);
    found = all[0];
  }
  return found;
}

/** The element's own text, without the white space around it. */
export function textOf(element: Element | undefined): string {
  if (!element) return '';
  const texts = nodesOf(element).filter((node) => TEXT_NODES.has(node.nodeType));
  return texts
    .map((node) => node.nodeValue ?? '')
    .join('')
    .trim();
}

/** Bytes of an xs:base64Binary; undefined for an empty one. Throws BadAnswer. */
export function bytesOf(element: Element | undefined): Buffer | undefined {
  const text = textOf(element).replaceAll(/\s+/g, '');
  if (text === '') return undefined;
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text))
    throw new BadAnswer(`${element!.localName} is no base64`);
  return Buffer.from(text, 'base64');
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element as text, its attributes and texts escaped. `children` are elements already made so. */
export function xml(name: string, attributes: Attributes = {}, ...children: string[]): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const start = given.map(([key, value]) => ` ${key}="${escaped(String(value))}"`).join('');
  return children.length === 0 ? `<${name}${start}/>` : `<${name}${start}>${children.join('')}</${name}>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
