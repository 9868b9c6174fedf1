/** Shorter parts of an address or a header are no secrets, but words that an error may need. */
const LEAST_SECRET = 6;
const MASK = '[secret]';

/** As it is, decoded, and encoded as a provider may write it; the parts of an address that decode to nothing stay. */
function spellings(part: string): string[] {
  let decoded = part;
  try {
    decoded = decodeURIComponent(part.replaceAll('+', ' '));
  } catch (error) {
    if (!(error instanceof URIError)) throw error; // a percent sign that is none of an encoding's
  }
  return [part, decoded, encodeURIComponent(decoded)];
}

/** What of an address may be a token: segments of its path, its query, and names and values in that. */
function partsOf({ pathname, search }: URL): string[] {
  const query = search.slice(1);
  return [...pathname.split('/'), query, ...query.split(/[&=]/)].flatMap(spellings);
}

/**
 * Takes out of a provider's words whatever we sent as a secret: values of headers, and of 6 characters or more what is
 * in them between spaces (the token behind `Bearer`) and what is in the address.
 */
export function maskSecrets(text: string, url: URL, headers: Readonly<Record<string, string>>): string {
  const values = Object.values(headers);
  const parts = [...values.flatMap((value) => value.split(/\s+/)), ...partsOf(url)];
  const secrets = [...values, ...parts.filter(({ length }) => length >= LEAST_SECRET)];
  if (secrets.length === 0) return text;
  // In one pass and the longest first: a secret that is a part of another must not leave the rest of it.
  const patterns = secrets
    .sort((a, b) => b.length - a.length)
    .map((secret) => secret.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`));
  return text.replaceAll(new RegExp(patterns.join('|'), 'gi'), MASK);
}
