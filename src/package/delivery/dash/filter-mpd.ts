import { type DrmSystem, SYSTEM_ID } from '../../../keys/index.js';
import { DASH_CLEARKEY_ID } from '../../drm/systems.js';

export interface MpdSelection {
  /** Ids of all renditions of the title, and of those that are kept. Representations of other ids are kept too. */
  all: ReadonlySet<string>;
  kept: ReadonlySet<string>;
  /** Systems whose signalling is kept; all unless given. */
  systems?: readonly DrmSystem[];
}

export const ADAPTATION_SET = /[ \t]*<AdaptationSet\b[^>]*>[\s\S]*?<\/AdaptationSet>\n?/g;
export const REPRESENTATION = /[ \t]*<Representation\b(?:[^>]*\/>|[^>]*>[\s\S]*?<\/Representation>)\n?/g;
const PROTECTION = /[ \t]*<ContentProtection\b(?:[^>]*\/>|[^>]*>[\s\S]*?<\/ContentProtection>)\n?/g;
const SWITCHING =
  /[ \t]*<SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="([^"]*)"\/>\n?/g;

export function attribute(xml: string, name: string): string | undefined {
  return new RegExp(`^\\s*<[^>]*?\\s${name}="([^"]*)"`).exec(xml)?.[1];
}

/** Systems by the UUIDs of their ContentProtection elements. */
const SYSTEM_OF = new Map<string, DrmSystem>([
  ...Object.entries(SYSTEM_ID).map(([system, id]) => [id, system as DrmSystem] as const),
  [DASH_CLEARKEY_ID, 'clearkey'],
]);

function systemOf(element: string): DrmSystem | undefined {
  const uuid = /^urn:uuid:(.*)$/i.exec(attribute(element, 'schemeIdUri') ?? '')?.[1];
  return uuid === undefined ? undefined : SYSTEM_OF.get(uuid.replaceAll('-', '').toLowerCase());
}

/** Sets the largest size of what is left, where a set says one. */
function withLargest(set: string): string {
  const sizes = (set.match(REPRESENTATION) ?? []).map((xml) => ({
    width: Number(attribute(xml, 'width') ?? 0),
    height: Number(attribute(xml, 'height') ?? 0),
  }));
  const width = Math.max(0, ...sizes.map((size) => size.width));
  const height = Math.max(0, ...sizes.map((size) => size.height));
  if (width === 0 || height === 0) return set;
  return set.replace(/<AdaptationSet\b[^>]*>/, (tag) =>
    tag
      .replace(/\smaxWidth="\d+"/, ` maxWidth="${width}"`)
      .replace(/\smaxHeight="\d+"/, ` maxHeight="${height}"`),
  );
}

function keptSet(set: string, { all, kept, systems }: MpdSelection): string {
  const before = (set.match(REPRESENTATION) ?? []).length;
  const filtered = set.replace(REPRESENTATION, (xml) => {
    const id = attribute(xml, 'id') ?? '';
    return all.has(id) && !kept.has(id) ? '' : xml;
  });
  const after = (filtered.match(REPRESENTATION) ?? []).length;
  if (before > 0 && after === 0) return '';
  const sized = after === before ? filtered : withLargest(filtered);
  if (!systems) return sized;
  return sized.replace(PROTECTION, (element) => {
    const system = systemOf(element);
    return system && !systems.includes(system) ? '' : element;
  });
}

/**
 * An MPD with some of the representations only. Adaptation sets keep their numbers, so that what refers to them stays right;
 * those that are left empty go, also from lists of sets that may be switched between.
 */
export function filterMpd(mpd: string, selection: MpdSelection): string {
  const filtered = mpd.replace(ADAPTATION_SET, (set) => keptSet(set, selection));
  const ids = new Set((filtered.match(ADAPTATION_SET) ?? []).map((set) => attribute(set, 'id')));
  return filtered.replace(SWITCHING, (element, value: string) => {
    const left = value.split(',').filter((id) => ids.has(id));
    return left.length > 0 ? element.replace(`value="${value}"`, `value="${left.join(',')}"`) : '';
  });
}
