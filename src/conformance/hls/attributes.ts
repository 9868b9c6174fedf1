/** An attribute list (RFC 8216, 4.2). */
export interface Attributes {
  /** Values without quotes. */
  values: ReadonlyMap<string, string>;
  quoted: ReadonlySet<string>;
  /** What is wrong with its form, if anything is. */
  problem: string | undefined;
}

const NAME = /[A-Z0-9-]+/y;
const VALUE = /"([^"]*)"|[^",\s][^",]*/y;

/** Reads a list from its start as far as it is well formed. */
export function parseAttributes(text: string): Attributes {
  const values = new Map<string, string>();
  const quoted = new Set<string>();
  let problem: string | undefined;
  for (let at = 0; at < text.length;) {
    // A client must ignore spaces; a comma at the end is what many leave.
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    NAME.lastIndex = at;
    const name = NAME.exec(text)?.[0];
    if (name === undefined || text[at + name.length] !== '=') {
      problem = `no name and = at "${text.slice(at, at + 20)}"`;
      break;
    }
    VALUE.lastIndex = at + name.length + 1;
    const match = VALUE.exec(text);
    if (!match) {
      problem = `no value of ${name}`;
      break;
    }
    if (values.has(name)) problem ??= `${name} twice`;
    values.set(name, match[1] ?? match[0].trimEnd());
    if (match[1] !== undefined) quoted.add(name);
    at = VALUE.lastIndex;
    if (at < text.length && text[at] !== ',') {
      problem = `no comma behind ${name}`;
      break;
    }
    at += 1;
  }
  return { values, quoted, problem };
}

/** A decimal number of an attribute or a tag; undefined where it is none. */
export function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** A decimal integer (RFC 8216, 4.2). */
export function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : undefined;
}
