const NAMES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

/**
 * A master's language tag as BCP 47 in its shortest form (`eng` → `en`, `ger` → `de`, `pt-br` → `pt-BR`), which is
 * what HLS and DASH want; `und` where the tag is none or no language has it. Two-letter codes that are no language's
 * are dropped because the packager refuses them; three-letter ones pass (ISO 639-3 and private use).
 */
export function languageTag(raw: string): string {
  let tag: string | undefined;
  try {
    tag = Intl.getCanonicalLocales(raw.trim())[0];
  } catch {
    return 'und'; // not a well-formed tag, e.g. "English (US)": free text in the master's metadata
  }
  if (tag === undefined) return 'und';
  const primary = tag.split('-')[0] ?? '';
  if (primary.length === 3) return tag;
  return primary.length === 2 && NAMES.of(primary) !== undefined ? tag : 'und';
}
