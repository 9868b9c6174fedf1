/** A language tag (BCP 47) in its canonical form, e.g. `eng` as `en`; undefined where it is none. */
export function canonicalLanguage(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined; // not well formed
  }
}

/** Codes that say no language (ISO 639-2): undetermined, multiple, none, and what many write instead of nothing. */
const NO_LANGUAGE = new Set(['und', 'mul', 'zxx', 'mis', '']);

/** The language of a tag without script and region; undefined where it says none. */
export function primaryLanguage(tag: string | undefined): string | undefined {
  const primary = canonicalLanguage(tag ?? '')?.split('-')[0];
  return primary === undefined || NO_LANGUAGE.has(primary) ? undefined : primary;
}
