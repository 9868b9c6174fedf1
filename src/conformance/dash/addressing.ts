import { type Element, childrenOf } from './xml.js';

/** How segments are found (ISO/IEC 23009-1, 5.3.9). Attributes of all levels, the inner ones first. */
export interface Addressing {
  kind: 'template' | 'list' | 'base' | 'none';
  /** Kinds that are used on any level: more than one is one too many. */
  kinds: string[];
  attributes: ReadonlyMap<string, string>;
  /** S elements; undefined where there is no SegmentTimeline. */
  timeline: readonly Element[] | undefined;
  /** Initialization element. */
  initialization: Element | undefined;
  /** SegmentURL elements. */
  urls: readonly Element[];
  line: number;
  /** The elements that say all this, the outermost first. */
  levels: readonly Element[];
}

const KINDS = { SegmentTemplate: 'template', SegmentList: 'list', SegmentBase: 'base' } as const;

/** What an element says of segments itself. */
function ownOf(level: Element): Element[] {
  return Object.keys(KINDS).flatMap((name) => childrenOf(level, name).slice(0, 1));
}

/** `levels` are the elements of period, adaptation set and representation. */
export function addressingOf(levels: readonly Element[]): Addressing {
  const found = levels.flatMap(ownOf);
  const inner = found.at(-1);
  const kind = inner ? KINDS[inner.name as keyof typeof KINDS] : 'none';
  const same = found.filter(({ name }) => name === inner?.name);
  const lists = (name: string): Element | undefined =>
    same.flatMap((element) => childrenOf(element, name).slice(0, 1)).at(-1);
  const timeline = lists('SegmentTimeline');
  const urls = [...same].reverse().find((element) => childrenOf(element, 'SegmentURL').length > 0);
  return {
    ...{ kind, kinds: [...new Set(found.map(({ name }) => name))] },
    attributes: new Map(same.flatMap(({ attributes }) => [...attributes])),
    timeline: timeline && childrenOf(timeline, 'S'),
    initialization: lists('Initialization'),
    urls: urls ? childrenOf(urls, 'SegmentURL') : [],
    line: inner?.line ?? levels.at(-1)?.line ?? 1,
    levels: found,
  };
}

/** `<first>-<last>` (ISO/IEC 23009-1, 5.3.9.2.2); undefined where it is none. */
export function parseRange(text: string | undefined): { offset: number; length: number } | undefined {
  const match = /^(\d{1,15})-(\d{1,15})$/.exec(text?.trim() ?? '');
  const [first, last] = [Number(match?.[1]), Number(match?.[2])];
  return match && last >= first ? { offset: first, length: last - first + 1 } : undefined;
}

const IDENTIFIER = /\$(?:(RepresentationID|Number|Time|Bandwidth)(?:%0(\d{1,2})d)?)?\$/g;

/** Identifiers of a template that there are not; without them what is left is a URL. */
export function unknownIdentifiers(template: string): string[] {
  return template.replace(IDENTIFIER, '').match(/\$[^$]*\$?/g) ?? [];
}

/** Fills in a template (ISO/IEC 23009-1, 5.3.9.4.4). */
export function fillTemplate(
  template: string,
  values: { RepresentationID: string; Number?: number; Time?: number; Bandwidth: number },
): string {
  return template.replace(
    IDENTIFIER,
    (all, name: keyof typeof values | undefined, width: string | undefined) => {
      if (name === undefined) return '$';
      const value = values[name];
      if (value === undefined) return all;
      // A width is of numbers only, and no file name is longer than this.
      const digits = name === 'RepresentationID' ? 0 : Math.min(Number(width ?? 1), 64);
      return String(value).padStart(digits, '0');
    },
  );
}
