import type { Element } from '@xmldom/xmldom';
import { type TextBox, boxSettings } from '../../box.js';
import type { CueAlign, CueSettings } from '../../types.js';
import { type Attributes, attributesOf, childrenOf } from './document.js';
import { type Styles, type TextStyle, computedStyle } from './style.js';

/** Lengths that are relative to the document's root. */
interface Root {
  /** Pixels of the root, where the document names them. */
  pixels: [number, number] | undefined;
  /** Columns and rows. */
  cells: [number, number];
}

export interface Region {
  style: TextStyle;
  box: Omit<TextBox, 'align'>;
}

function pair(text: string | undefined, pattern: RegExp): [number, number] | undefined {
  const match = pattern.exec((text ?? '').trim());
  const values = match ? ([Number(match[1]), Number(match[2])] as [number, number]) : undefined;
  return values && values[0] > 0 && values[1] > 0 ? values : undefined;
}

function rootOf(attributes: Attributes): Root {
  return {
    pixels: pair(attributes.get('tts:extent'), /^(\d+(?:\.\d+)?)px\s+(\d+(?:\.\d+)?)px$/),
    cells: pair(attributes.get('ttp:cellResolution'), /^(\d{1,4})\s+(\d{1,4})$/) ?? [32, 15],
  };
}

/** A length along an axis (0: width, 1: height), percent of the root; undefined where it is none, or of no known base. */
function percentOf(text: string | undefined, axis: 0 | 1, { pixels, cells }: Root): number | undefined {
  const match = /^([+-]?\d+(?:\.\d+)?)(%|px|c|rw|rh|vw|vh)$/.exec(text ?? '');
  if (!match) return undefined;
  const value = Number(match[1]);
  switch (match[2]) {
    case 'px':
      return pixels && (value / pixels[axis]) * 100;
    case 'c':
      return (value / cells[axis]) * 100;
    default:
      return value;
  }
}

function lengths(text: string | undefined, root: Root): [number, number] | undefined {
  const [first, second] = (text ?? '').split(/\s+/);
  const x = percentOf(first, 0, root);
  const y = percentOf(second, 1, root);
  return x === undefined || y === undefined ? undefined : [x, y];
}

const PLACES: Readonly<Record<string, number>> = { left: 0, top: 0, center: 50, right: 100, bottom: 100 };

/** tts:position of one or two components: shares of the room that the extent leaves. */
function positioned(text: string | undefined, extent: [number, number]): [number, number] | undefined {
  const words = (text ?? '').trim().split(/\s+/);
  if (text === undefined || words.length > 2) return undefined;
  const swapped = /^(?:top|bottom)$/.test(words[0] ?? '') || /^(?:left|right)$/.test(words[1] ?? '');
  const [horizontal = 'center', vertical = 'center'] = swapped ? [words[1], words[0]] : words;
  const share = (word: string): number => PLACES[word] ?? Number(/^(\d+(?:\.\d+)?)%$/.exec(word)?.[1] ?? NaN);
  const place: [number, number] = [
    ((100 - extent[0]) * share(horizontal)) / 100,
    ((100 - extent[1]) * share(vertical)) / 100,
  ];
  return place.every(Number.isFinite) ? place : undefined;
}

const VERTICAL = { before: 'top', center: 'middle', after: 'bottom' } as const;

/** Reads the regions of a document's head, by id. */
export function readRegions(
  root: Attributes,
  layouts: readonly Element[],
  styles: Styles,
  initial: TextStyle,
): Map<string, Region> {
  const measures = rootOf(root);
  const regions = new Map<string, Region>();
  for (const element of layouts.flatMap((layout) => childrenOf(layout, 'region'))) {
    const attributes = attributesOf(element);
    const id = attributes.get('xml:id');
    if (id === undefined) continue;
    const properties = new Map([...styles.initial, ...styles.of(attributes, childrenOf(element, 'style'))]);
    const [width, height] = lengths(properties.get('extent'), measures) ?? [100, 100];
    const [left, top] = positioned(properties.get('position'), [width, height]) ??
      lengths(properties.get('origin'), measures) ?? [0, 0];
    const align = properties.get('displayAlign') ?? 'before';
    const vertical = align in VERTICAL ? VERTICAL[align as keyof typeof VERTICAL] : 'top';
    const style = computedStyle(properties, initial);
    regions.set(id, { style, box: { left, top, width, height, vertical } });
  }
  return regions;
}

/** Cue settings of a paragraph of that style in a region, or in none: then it is where players put text. */
export function placeOf(region: Region | undefined, style: TextStyle): CueSettings {
  const align = style.align;
  if (style.vertical) return { vertical: style.vertical, ...(align && align !== 'center' ? { align } : {}) };
  if (!region) return align && align !== 'center' ? { align } : {};
  // Within a region TTML's own default counts.
  const within: CueAlign = align ?? 'start';
  return boxSettings({ ...region.box, align: within });
}
