/** An HLS attribute list, values as written, quotes included. */
export type Attributes = Map<string, string>;

/** Parses what follows the colon of a tag (RFC 8216, 4.2). */
export function parseAttributes(text: string): Attributes {
  return new Map(
    [...text.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)].map(([, name = '', value = '']) => [name, value]),
  );
}

export function formatAttributes(attributes: Attributes): string {
  return [...attributes].map(([name, value]) => `${name}=${value}`).join(',');
}

/** A quoted string. */
export function quoted(text: string): string {
  return `"${text}"`;
}

export function unquoted(text: string | undefined): string {
  return (text ?? '').replace(/^"|"$/g, '');
}

/** A hexadecimal sequence of digits, whose letters are capitals (RFC 8216, 4.2). */
export function hexadecimal(digits: string): string {
  return `0x${digits.toUpperCase()}`;
}
