import { LIMITS } from '../limits.js';

/** An element. Names are without prefix; `namespace` is what the prefix stands for. */
export interface Element {
  name: string;
  namespace: string;
  /** Values by name, as written (with prefix). Those of other namespaces are in `foreign` too. */
  attributes: ReadonlyMap<string, string>;
  /** Attributes with a prefix, by `namespace name`. */
  foreign: ReadonlyMap<string, string>;
  children: Element[];
  /** Text directly in it. */
  text: string;
  line: number;
}

/** Why a text is no document that is read. */
export class XmlError extends Error {
  override readonly name = 'XmlError';

  constructor(
    readonly kind: 'syntax' | 'limit',
    readonly line: number,
    message: string,
  ) {
    super(message);
  }
}

const DEPTH = 64;
const NEWLINE = 10;
const NAME = /[\p{L}_:][\p{L}\p{N}_:.\u00B7-]*/uy;
const SPACE = /[ \t\r\n]*/y;
const TEXT = /[^<&]*/y;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';

/** Most elements have no attributes of other namespaces, and no text. */
const NONE: ReadonlyMap<string, string> = new Map<string, string>();

type Scope = ReadonlyMap<string, string>;

interface Open {
  element: Element;
  qualified: string;
  scope: Scope;
  text: string[];
}

/**
 * A reader of XML 1.0 with namespaces, strict, in one pass and without recursion. What documents may do to their reader is
 * left out: there is no document type, so there are no entities but the five of XML. Throws XmlError.
 */
class XmlReader {
  private at = 0;
  private line = 1;
  private counted = 0;
  private nodes = 0;
  private readonly open: Open[] = [];
  private root: Element | undefined;

  constructor(
    private readonly source: string,
    private readonly most: number,
  ) {}

  read(): Element {
    this.match(/\uFEFF?(<\?xml[ \t\r\n][^?]*\?>)?/y);
    while (this.at < this.source.length) {
      if (this.source[this.at] === '<') this.markup();
      else this.characters();
    }
    const unclosed = this.open.at(-1);
    if (unclosed) throw this.error(`<${unclosed.qualified}> of line ${unclosed.element.line} is not closed`);
    if (!this.root) throw this.error('there is no element');
    return this.root;
  }

  private markup(): void {
    if (this.skip('<!--', '-->')) return;
    const data = this.between('<![CDATA[', ']]>');
    if (data !== undefined) return this.add(data);
    if (this.skip('<?', '?>')) return;
    if (this.source.startsWith('<!', this.at)) throw this.error('a document type is not read');
    if (this.source.startsWith('</', this.at)) this.end();
    else this.start();
  }

  private start(): void {
    const line = this.here();
    this.at += 1;
    const qualified = this.name();
    const raw = new Map<string, string>();
    let closed = false;
    for (;;) {
      const spaced = this.space();
      if (this.take('/>')) {
        closed = true;
        break;
      }
      if (this.take('>')) break;
      if (!spaced) throw this.error(`no space before an attribute of <${qualified}>`);
      const name = this.name();
      this.space();
      if (!this.take('=')) throw this.error(`no value of ${name}`);
      this.space();
      if (raw.has(name)) throw this.error(`${name} twice in <${qualified}>`);
      raw.set(name, this.value(name));
      this.count();
    }
    this.opened(qualified, raw, line);
    if (closed) this.closed();
  }

  private opened(qualified: string, attributes: Map<string, string>, line: number): void {
    const scope = scopeOf(attributes, this.open.at(-1)?.scope ?? new Map([['xml', XML_NAMESPACE]]));
    const resolve = (name: string, isElement: boolean): [namespace: string, local: string] => {
      const colon = name.indexOf(':');
      if (colon < 0) return [isElement ? (scope.get('') ?? '') : '', name];
      const namespace = scope.get(name.slice(0, colon));
      if (namespace === undefined) throw this.error(`${name} has a prefix that is not declared`);
      return [namespace, name.slice(colon + 1)];
    };
    let foreign: Map<string, string> | undefined;
    for (const [name, value] of attributes) {
      if (!name.includes(':') || name.startsWith('xmlns:')) continue;
      foreign ??= new Map();
      foreign.set(resolve(name, false).join(' '), value);
    }
    const [namespace, name] = resolve(qualified, true);
    const element: Element = {
      name,
      namespace,
      attributes: attributes.size > 0 ? attributes : NONE,
      foreign: foreign ?? NONE,
      children: [],
      text: '',
      line,
    };
    this.count();
    const parent = this.open.at(-1);
    if (parent) parent.element.children.push(element);
    else if (this.root) throw this.error('a second element at the top');
    else this.root = element;
    if (this.open.length >= DEPTH) throw new XmlError('limit', line, `elements ${DEPTH} deep in each other`);
    this.open.push({ element, qualified, scope, text: [] });
  }

  private end(): void {
    this.at += 2;
    const name = this.name();
    this.space();
    if (!this.take('>')) throw this.error(`</${name} without >`);
    const open = this.open.at(-1);
    if (open?.qualified !== name)
      throw this.error(`</${name}> where ${open ? `</${open.qualified}>` : 'none'} is due`);
    this.closed();
  }

  private closed(): void {
    const { element, text } = this.open.pop()!;
    element.text = text.join('');
  }

  private characters(): void {
    if (this.source[this.at] === '&') return this.add(this.reference());
    this.add(this.match(TEXT));
  }

  private add(text: string): void {
    const open = this.open.at(-1);
    if (open) open.text.push(text);
    else if (text.trim() !== '') throw this.error('text outside of the document');
  }

  private value(name: string): string {
    const quote = this.source[this.at];
    if (quote !== '"' && quote !== "'") throw this.error(`the value of ${name} is not in quotes`);
    const end = this.source.indexOf(quote, this.at + 1);
    if (end < 0) throw this.error(`the value of ${name} does not end`);
    const raw = this.source.slice(this.at + 1, end);
    if (raw.includes('<')) throw this.error(`< in the value of ${name}`);
    this.at = end + 1;
    if (!raw.includes('&')) return raw;
    return raw.replace(/&([^;&]*);?/g, (all, entity: string) => this.entity(all, entity));
  }

  private reference(): string {
    const all = this.match(/&[^;<&]{0,12};?/y);
    return this.entity(all, all.replace(/^&|;$/g, ''));
  }

  private entity(all: string, name: string): string {
    const code = /^#(?:(\d{1,7})|x([0-9a-f]{1,6}))$/i.exec(name);
    const point = code
      ? Number.parseInt(code[1] ?? code[2] ?? '', code[1] === undefined ? 16 : 10)
      : undefined;
    if (all.endsWith(';') && point !== undefined && point > 0 && point <= 0x10ffff)
      return String.fromCodePoint(point);
    const known = ENTITIES[name];
    if (all.endsWith(';') && known !== undefined) return known;
    throw this.error(`${all} stands for nothing`);
  }

  private name(): string {
    const name = this.match(NAME);
    if (name === '') throw this.error('a name is missing');
    return name;
  }

  private space(): boolean {
    return this.match(SPACE) !== '';
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private skip(start: string, end: string): boolean {
    return this.between(start, end) !== undefined;
  }

  private between(start: string, end: string): string | undefined {
    if (!this.source.startsWith(start, this.at)) return undefined;
    const close = this.source.indexOf(end, this.at + start.length);
    if (close < 0) throw this.error(`${start} does not end`);
    const text = this.source.slice(this.at + start.length, close);
    this.at = close + end.length;
    return text;
  }

  private count(): void {
    this.nodes += 1;
    if (this.nodes > this.most) {
      throw new XmlError('limit', this.here(), `more than ${this.most} elements and attributes`);
    }
  }

  /** The line that is being read. Every character is looked at once. */
  private here(): number {
    for (; this.counted < this.at; this.counted += 1) {
      if (this.source.charCodeAt(this.counted) === NEWLINE) this.line += 1;
    }
    return this.line;
  }

  private error(message: string): XmlError {
    return new XmlError('syntax', this.here(), message);
  }
}

/** Prefixes that hold in an element. */
function scopeOf(attributes: ReadonlyMap<string, string>, outer: Scope): Scope {
  let scope: Map<string, string> | undefined;
  for (const [name, value] of attributes) {
    if (name === 'xmlns' || name.startsWith('xmlns:')) {
      scope ??= new Map(outer);
      scope.set(name.slice('xmlns:'.length), value);
    }
  }
  return scope ?? outer;
}

/** The root element of a document of at most so many elements and attributes. Throws XmlError. */
export function parseXml(source: string, most: number = LIMITS.xmlNodes): Element {
  return new XmlReader(source, most).read();
}

/** Children by name, of elements that were asked for them: those of a set are asked for by all that is in it. */
const BY_NAME = new WeakMap<Element, Map<string, Element[]>>();

/** Children of a name, in any namespace. */
export function childrenOf(element: Element, name: string): readonly Element[] {
  if (element.children.length === 0) return [];
  let byName = BY_NAME.get(element);
  if (!byName) {
    byName = new Map();
    for (const child of element.children) {
      const same = byName.get(child.name);
      if (same) same.push(child);
      else byName.set(child.name, [child]);
    }
    BY_NAME.set(element, byName);
  }
  return byName.get(name) ?? [];
}
