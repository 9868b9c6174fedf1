import type { Element, Node } from '@xmldom/xmldom';
import type { Notes } from '../../findings.js';
import { wrapped } from '../../markup/content.js';
import type { CueContent } from '../../types.js';
import { type Attributes, attributesOf, isElement, isText, localNameOf, nodesOf } from './document.js';
import { leaveOutInline } from './left-out.js';
import { type Styles, type TextStyle, computedStyle } from './style.js';
import { type Interval, type Timing, activeInterval } from './timing.js';

/** Something in a paragraph, with when it is shown. */
export type Inline =
  | { kind: 'text'; text: string; style: TextStyle; language: string | undefined }
  | { kind: 'break' }
  | { kind: 'span'; active: Interval; style: TextStyle; children: Inline[] };

export interface InlineContext {
  styles: Styles;
  /** Reads begin, end and dur of an element. */
  timing: (element: Element, attributes: Attributes) => Timing;
  /** Language of the document, which needs no element in the text. */
  language: string | undefined;
  notes: Notes;
}

export interface Surroundings {
  active: Interval;
  style: TextStyle;
  preserve: boolean;
  language: string | undefined;
}

/** `xml:space` and `xml:lang` of an element within others. */
export function within(
  attributes: Attributes,
  outer: Pick<Surroundings, 'preserve' | 'language'>,
): Pick<Surroundings, 'preserve' | 'language'> {
  const space = attributes.get('xml:space');
  return {
    preserve: space === undefined ? outer.preserve : space === 'preserve',
    language: attributes.get('xml:lang') ?? outer.language,
  };
}

function textInline(node: Node, { style, preserve, language }: Surroundings): Inline {
  const value = node.nodeValue ?? '';
  const text = preserve ? value : value.replace(/[ \t\r\n]+/g, ' ');
  return { kind: 'text', text, style, language };
}

/** What is in a paragraph or a span, in order. Throws TEXT_SYNTAX for text that would be lost. */
export function readInlines(element: Element, outer: Surroundings, context: InlineContext): Inline[] {
  const sequence = element.getAttribute('timeContainer') === 'seq';
  let from = outer.active.begin;
  return nodesOf(element).flatMap((node): Inline[] => {
    if (isText(node)) return [textInline(node, outer)];
    if (!isElement(node)) return [];
    const name = localNameOf(node);
    if (name === 'br') return [{ kind: 'break' }];
    if (name !== 'span') {
      leaveOutInline(node, context.notes);
      return [];
    }
    const attributes = attributesOf(node);
    const active = activeInterval(context.timing(node, attributes), from, outer.active);
    if (sequence) from = active.end;
    const style = computedStyle(context.styles.of(attributes), outer.style);
    const inner = { active, style, ...within(attributes, outer) };
    return [{ kind: 'span', active, style, children: readInlines(node, inner, context) }];
  });
}

/** Times at which what is shown of a paragraph changes, ascending, its begin and end among them. */
export function changesOf(inlines: readonly Inline[], active: Interval): number[] {
  const times = new Set([active.begin, active.end]);
  const add = (list: readonly Inline[]): void => {
    for (const inline of list) {
      if (inline.kind !== 'span') continue;
      times.add(inline.active.begin).add(inline.active.end);
      add(inline.children);
    }
  };
  add(inlines);
  return [...times].filter((time) => time >= active.begin && time <= active.end).sort((a, b) => a - b);
}

function styled(text: string, style: TextStyle, language: string | undefined): CueContent {
  const { background, colour } = style;
  const classes = [
    ...(colour && colour !== 'white' ? [colour] : []),
    ...(background && background !== 'black' ? [`bg_${background}`] : []),
  ];
  let content: CueContent = [text];
  if (style.underline) content = wrapped(content, { tag: 'u' });
  if (style.italic) content = wrapped(content, { tag: 'i' });
  if (style.bold) content = wrapped(content, { tag: 'b' });
  if (classes.length > 0) content = wrapped(content, { tag: 'c', classes });
  return language === undefined ? content : wrapped(content, { tag: 'lang', annotation: language });
}

/** What of a paragraph is shown at a time. */
export class Rendering {
  private endsInSpace = true;

  constructor(
    private readonly time: number,
    private readonly language: string | undefined,
  ) {}

  content(inlines: readonly Inline[]): CueContent {
    return inlines.flatMap((inline): CueContent => {
      switch (inline.kind) {
        case 'break':
          this.endsInSpace = true;
          return ['\n'];
        case 'text':
          return inline.style.hidden ? [] : this.text(inline);
        case 'span': {
          const { active, style, children } = inline;
          const shown = this.time >= active.begin && this.time < active.end && style.ruby !== 'delimiter';
          return shown ? rubied(style.ruby, this.content(children)) : [];
        }
      }
    });
  }

  /** Spaces run together across elements; spaces that a document preserves have been line ends or are few. */
  private text({ text, style, language }: Extract<Inline, { kind: 'text' }>): CueContent {
    const shown = this.endsInSpace ? text.replace(/^ +/, '') : text;
    if (shown === '') return [];
    this.endsInSpace = /[ \n]$/.test(shown);
    return styled(shown, style, language === this.language ? undefined : language);
  }
}

function rubied(ruby: string | undefined, content: CueContent): CueContent {
  if (ruby === 'container') return wrapped(content, { tag: 'ruby' });
  return ruby === 'text' || ruby === 'textContainer' ? wrapped(content, { tag: 'rt' }) : content;
}
