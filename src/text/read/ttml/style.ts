import type { Element } from '@xmldom/xmldom';
import { type ColourClass, colourClass } from '../../markup/colour.js';
import type { CueAlign } from '../../types.js';
import { type Attributes, attributesOf, childrenOf } from './document.js';

/** What of TTML's styles WebVTT can say. */
export interface TextStyle {
  colour?: ColourClass;
  /** Of the element itself: it is not inherited. */
  background?: ColourClass;
  italic: boolean;
  bold: boolean;
  underline: boolean;
  align?: CueAlign;
  vertical?: 'rl' | 'lr';
  hidden: boolean;
  ruby?: string;
}

export const PLAIN: TextStyle = { italic: false, bold: false, underline: false, hidden: false };

/** Specified properties of an element, by name without its vocabulary, e.g. `color`. */
export type Properties = ReadonlyMap<string, string>;

/** Properties that are looked at; a style may have any number of others. */
const PROPERTIES = [
  ...['color', 'backgroundColor', 'fontStyle', 'fontWeight', 'textDecoration', 'textAlign', 'writingMode'],
  ...['ruby', 'visibility', 'display', 'opacity', 'origin', 'extent', 'position', 'displayAlign'],
];

function ownProperties(attributes: Attributes): [string, string][] {
  return PROPERTIES.flatMap((name): [string, string][] => {
    const value = attributes.get(`tts:${name}`);
    return value === undefined ? [] : [[name, value.trim()]];
  });
}

/** Styles of a document's head. */
export class Styles {
  private readonly byId = new Map<string, Attributes>();
  private readonly resolved = new Map<string, Properties>();
  /** What <initial> says. */
  readonly initial: Properties;

  constructor(styling: readonly Element[]) {
    for (const style of styling.flatMap((element) => childrenOf(element, 'style'))) {
      const attributes = attributesOf(style);
      const id = attributes.get('xml:id');
      if (id !== undefined) this.byId.set(id, attributes);
    }
    const initial = styling.flatMap((element) => childrenOf(element, 'initial'));
    this.initial = new Map(initial.flatMap((element) => ownProperties(attributesOf(element))));
  }

  /** Referenced styles in order, then what the element says itself (TTML2, 10.4.4.2). */
  of(attributes: Attributes, nested: readonly Element[] = []): Properties {
    return new Map([
      ...this.referenced(attributes.get('style')),
      ...nested.flatMap((element) => [...this.of(attributesOf(element))]),
      ...ownProperties(attributes),
    ]);
  }

  private referenced(ids: string | undefined): [string, string][] {
    return [...new Set((ids ?? '').split(/\s+/))].flatMap((id) => [...this.named(id)]);
  }

  private named(id: string): Properties {
    const known = this.resolved.get(id);
    if (known) return known;
    const attributes = this.byId.get(id);
    if (!attributes) return new Map();
    // A style that refers to itself, over however many others, finds nothing there.
    this.resolved.set(id, new Map());
    const properties = this.of(attributes);
    this.resolved.set(id, properties);
    return properties;
  }
}

const ALIGNS: ReadonlySet<string> = new Set(['start', 'center', 'end', 'left', 'right']);

function verticalOf(writingMode: string): TextStyle['vertical'] {
  return writingMode === 'tbrl' || writingMode === 'tb' ? 'rl' : writingMode === 'tblr' ? 'lr' : undefined;
}

function isHidden(properties: Properties, inherited: boolean): boolean {
  const visibility = properties.get('visibility');
  const hidden = visibility === undefined ? inherited : visibility === 'hidden';
  return hidden || properties.get('display') === 'none' || Number(properties.get('opacity') ?? 1) === 0;
}

function underlined(decoration: string | undefined, inherited: boolean): boolean {
  const words = (decoration ?? '').split(/\s+/);
  if (words.includes('underline')) return true;
  return inherited && !words.some((word) => word === 'noUnderline' || word === 'none');
}

/** The style of an element within one of style `parent`. */
export function computedStyle(properties: Properties, parent: TextStyle): TextStyle {
  const style = { ...parent };
  delete style.background;
  delete style.ruby;
  const colour = properties.get('color');
  const named = colour === undefined ? undefined : colourClass(colour);
  if (named) style.colour = named;
  const background = colourClass(properties.get('backgroundColor') ?? '');
  if (background) style.background = background;
  const fontStyle = properties.get('fontStyle');
  if (fontStyle !== undefined) style.italic = fontStyle !== 'normal';
  const weight = properties.get('fontWeight');
  if (weight !== undefined) style.bold = weight === 'bold';
  style.underline = underlined(properties.get('textDecoration'), parent.underline);
  const align = properties.get('textAlign');
  if (align !== undefined && ALIGNS.has(align)) style.align = align as CueAlign;
  const mode = properties.get('writingMode');
  const vertical = mode === undefined ? style.vertical : verticalOf(mode);
  if (vertical) style.vertical = vertical;
  else delete style.vertical;
  const ruby = properties.get('ruby');
  if (ruby !== undefined && ruby !== 'none') style.ruby = ruby;
  style.hidden = isHidden(properties, parent.hidden);
  return style;
}
