const TAG = /<(\/?)([\w.-]+(?::[\w.-]+)?)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/g;

/** What no text or attribute has: a reference to an entity that XML itself does not declare. */
const LOOSE = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;
/** Nor, between tags, a bracket. */
const isText = (text: string): boolean => !/[<>]/.test(text) && !LOOSE.test(text);

/** Prefix of a qualified name; empty where it has none. */
function prefixOf(name: string): string {
  return name.includes(':') ? name.slice(0, name.indexOf(':')) : '';
}

/**
 * Whether a text can stand in an element of an XML document that declares these prefixes: its tags nest and are closed, its
 * prefixes are declared, and there is nothing but elements, attributes and text.
 */
export function isXmlContent(text: string, declared: readonly string[]): boolean {
  const open: string[] = [];
  let from = 0;
  for (const match of text.matchAll(TAG)) {
    const [tag, closing, name = '', attributes = '', empty] = match;
    if (!isText(text.slice(from, match.index)) || LOOSE.test(attributes)) return false;
    from = match.index + tag.length;
    if (closing) {
      if (attributes !== '' || empty || open.pop() !== name) return false;
      continue;
    }
    const names = [name, ...[...attributes.matchAll(/([\w.:-]+)\s*=/g)].map((each) => each[1] ?? '')];
    const known = (prefix: string): boolean =>
      ['', 'xmlns', 'xml', ...declared].includes(prefix) || text.includes(`xmlns:${prefix}=`);
    if (!names.map(prefixOf).every(known)) return false;
    if (!empty) open.push(name);
  }
  return open.length === 0 && isText(text.slice(from));
}
