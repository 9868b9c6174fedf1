import { REPRESENTATION, attributeOf, folderOfRepresentation } from '../packager/timeline.js';
import { NAMESPACES } from './content-protection.js';

const ADAPTATION_SET = /[ \t]*<AdaptationSet\b[\s\S]*?<\/AdaptationSet>/g;
const OWN_PROTECTION = /[ \t]*<ContentProtection\b[^>]*(?:\/>|>[\s\S]*?<\/ContentProtection>)\n/g;
const SWITCHING = 'urn:mpeg:dash:adaptation-set-switching:2016';
const OWN_SWITCHING = new RegExp(`[ \\t]*<SupplementalProperty schemeIdUri="${SWITCHING}"[^>]*/>\\n`, 'g');

function foldersOf(set: string): string[] {
  return (set.match(REPRESENTATION) ?? []).map(folderOfRepresentation);
}

/** Declares the prefixes of protection elements that the root does not declare. */
function declared(mpd: string): string {
  return mpd.replace(/<MPD\b[^>]*/, (root) =>
    Object.entries(NAMESPACES).reduce(
      (tag, [prefix, uri]) => (tag.includes(`xmlns:${prefix}=`) ? tag : `${tag} xmlns:${prefix}="${uri}"`),
      root,
    ),
  );
}

/** Ids of the adaptation sets that a player may switch to from each: pictures of one codec under other keys. */
function siblings(sets: readonly string[]): Map<string, string[]> {
  const codecs = new Map<string, string[]>();
  for (const set of sets) {
    if (!/\scontentType="video"/.test(set)) continue;
    const codec = attributeOf(set, 'codecs').split('.')[0] ?? '';
    codecs.set(codec, [...(codecs.get(codec) ?? []), attributeOf(set, 'id')]);
  }
  return new Map(
    [...codecs.values()].flatMap((ids) =>
      ids.map((id) => [id, ids.filter((other) => other !== id)] as const),
    ),
  );
}

/**
 * Says of every adaptation set how it is protected, by the folder of its representations, instead of what the packager
 * wrote: `protection` holds whole elements. A set has one key (DASH-IF's guidelines); the sets of one codec are declared
 * switchable, by the numbers that they have: the packager's own are those of the order in which its threads came by.
 */
export function withProtection(mpd: string, protection: ReadonlyMap<string, readonly string[]>): string {
  const others = siblings(mpd.match(ADAPTATION_SET) ?? []);
  return declared(mpd).replace(ADAPTATION_SET, (set) => {
    const elements = protection.get(foldersOf(set)[0] ?? '') ?? [];
    const indent = `${/^[ \t]*/.exec(set)?.[0] ?? ''}  `;
    const block = elements.map((xml) => `${xml.replace(/^/gm, indent)}\n`).join('');
    const ids = others.get(attributeOf(set, 'id')) ?? [];
    const property = `${indent}<SupplementalProperty schemeIdUri="${SWITCHING}" value="${ids.join(',')}"/>\n`;
    const bare = set.replace(OWN_PROTECTION, '').replace(OWN_SWITCHING, '');
    const withKeys = bare.replace(/^[ \t]*<AdaptationSet\b[^>]*>\n/, (tag) => tag + block);
    if (ids.length === 0) return withKeys;
    return withKeys.replace(/^[ \t]*<(?:Role|Representation)\b/m, (tag) => property + tag);
  });
}
