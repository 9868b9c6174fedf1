import type { Element } from '@xmldom/xmldom';
import { malformed, shown } from '../../errors.js';
import type { Notes } from '../../findings.js';
import { plainText, tidy } from '../../markup/content.js';
import type { ReadCue } from '../../types.js';
import {
  type Attributes,
  attributesOf,
  childrenOf,
  isElement,
  lineOf,
  localNameOf,
  nodesOf,
  parseDocument,
} from './document.js';
import { leaveOut, pictures } from './left-out.js';
import {
  type InlineContext,
  Rendering,
  type Surroundings,
  changesOf,
  readInlines,
  within,
} from './paragraph.js';
import { type Region, placeOf, readRegions } from './region.js';
import { PLAIN, type Properties, Styles, type TextStyle, computedStyle } from './style.js';
import {
  type Interval,
  type TimeBase,
  type Timing,
  activeInterval,
  hourOf,
  parseTimeExpression,
  timeBaseOf,
} from './timing.js';

const ALWAYS: Interval = { begin: 0, end: Infinity };

/** Times within one paragraph; each of them makes a cue of its own. */
const MOST_CHANGES = 500;

/** What a body, div or p is within. */
interface Block extends Omit<Surroundings, 'style'> {
  /** What it and the elements around it say of styles, the outermost first. */
  chain: readonly Properties[];
  region: string | undefined;
}

class TtmlReader {
  readonly cues: ReadCue[] = [];
  private readonly styles: Styles;
  private readonly regions: Map<string, Region>;
  private readonly context: InlineContext;
  private readonly initial: TextStyle;

  constructor(
    document: Element,
    private readonly base: TimeBase,
    private readonly notes: Notes,
  ) {
    const root = attributesOf(document);
    const head = childrenOf(document, 'head');
    this.styles = new Styles(head.flatMap((element) => childrenOf(element, 'styling')));
    this.initial = computedStyle(this.styles.initial, PLAIN);
    const layouts = head.flatMap((element) => childrenOf(element, 'layout'));
    this.regions = readRegions(root, layouts, this.styles, this.initial);
    this.context = {
      styles: this.styles,
      timing: (element, attributes) => this.timing(element, attributes),
      language: root.get('xml:lang'),
      notes,
    };
    for (const animation of head.flatMap((element) => childrenOf(element, 'animation')))
      for (const child of nodesOf(animation).filter(isElement)) leaveOut(child, notes);
    for (const region of layouts.flatMap((layout) => childrenOf(layout, 'region'))) this.checkRegion(region);
    const outer: Block = {
      active: ALWAYS,
      chain: [],
      region: undefined,
      preserve: root.get('xml:space') === 'preserve',
      language: this.context.language,
    };
    for (const body of childrenOf(document, 'body')) this.block(body, outer, 0);
  }

  /** Throws TEXT_SYNTAX for a region that is not there all the time: what is in it would be shown when it is not meant to be. */
  private checkRegion(element: Element): void {
    const { begin, end } = activeInterval(this.timing(element, attributesOf(element)), 0, ALWAYS);
    if (begin > ALWAYS.begin || end < ALWAYS.end)
      throw malformed(
        this.notes.name,
        lineOf(element),
        'a region that has times of its own cannot be carried',
      );
    for (const child of nodesOf(element).filter(isElement))
      if (localNameOf(child) !== 'style') leaveOut(child, this.notes);
  }

  /** A body, div or p. `from` is where its container lets it begin. Gives its end. */
  private block(element: Element, outer: Block, from: number): number {
    const attributes = attributesOf(element);
    if (attributes.has('smpte:backgroundImage')) throw pictures(element, this.notes);
    const active = activeInterval(this.timing(element, attributes), from, outer.active);
    const inner: Block = {
      active,
      chain: [...outer.chain, this.styles.of(attributes)],
      region: attributes.get('region') ?? outer.region,
      ...within(attributes, outer),
    };
    if (localNameOf(element) === 'p') this.paragraph(element, inner);
    else this.blocks(element, attributes, inner);
    return active.end;
  }

  private blocks(element: Element, attributes: Attributes, inner: Block): void {
    const sequence = attributes.get('timeContainer') === 'seq';
    let from = inner.active.begin;
    for (const child of nodesOf(element).filter(isElement)) {
      const name = localNameOf(child);
      if (name !== 'div' && name !== 'p') {
        leaveOut(child, this.notes);
        continue;
      }
      const end = this.block(child, inner, from);
      if (sequence) from = end;
    }
  }

  private paragraph(element: Element, { chain, region: regionId, ...inner }: Block): void {
    const line = lineOf(element);
    const region = regionId === undefined ? undefined : this.regions.get(regionId);
    if (regionId !== undefined && !region) {
      this.notes.add('text-repaired', line, 'a paragraph names a region that the document has not');
    }
    // Text inherits from the region that it is in, and then from what it stands in (TTML2, 10.4.4.3).
    const style = chain.reduce((outer, own) => computedStyle(own, outer), region?.style ?? this.initial);
    const inlines = readInlines(element, { ...inner, style }, this.context);
    const changes = changesOf(inlines, inner.active);
    if (changes.length > MOST_CHANGES)
      throw malformed(this.notes.name, line, 'a paragraph changes too often');
    const settings = placeOf(region, style);
    // A paragraph that ends before it begins has no changes to show: it is kept for who names it.
    const spans =
      changes.length > 1 ? changes.slice(0, -1).map((start, i) => [start, changes[i + 1] ?? start]) : [];
    if (spans.length === 0) spans.push([inner.active.begin, inner.active.end]);
    for (const [start = 0, end = 0] of spans) {
      const content = tidy(new Rendering(start, this.context.language).content(inlines));
      if (plainText(content).trim() === '') continue;
      this.cues.push({ line, start: Math.round(start), end: Math.round(end), settings, content });
    }
  }

  private timing(element: Element, attributes: Attributes): Timing {
    const timing: Timing = {};
    for (const name of ['begin', 'end', 'dur'] as const) {
      const text = attributes.get(name);
      if (text === undefined) continue;
      const time = parseTimeExpression(text, this.base);
      if (time === undefined)
        throw malformed(this.notes.name, lineOf(element), `${shown(text)} is no time of TTML`);
      timing[name] = time;
    }
    return timing;
  }
}

/**
 * Reads a TTML document (https://www.w3.org/TR/ttml2/), of IMSC's text profile or another one: its times, its text, and of
 * its styles what WebVTT can say. Says how long an hour of its clock lasts, milliseconds. Throws TEXT_SYNTAX.
 */
export function readTtml(text: string, notes: Notes): { cues: ReadCue[]; hourMs: number } {
  const document = parseDocument(text, notes.name);
  const base = timeBaseOf(attributesOf(document));
  if (!base)
    throw malformed(notes.name, lineOf(document), 'its times are of the clock on the wall (ttp:timeBase)');
  return { cues: new TtmlReader(document, base, notes).cues, hourMs: hourOf(base) };
}
