/** What stands in the place of a secret. */
export const REDACTED = '[redacted]';

/** Field names, without `-` and `_`, in lower case, whose values are secret whatever they look like. */
const SECRET_FIELD =
  /^(?:proxy)?authorization$|^(?:set)?cookie$|(?:password|passwd|passphrase|secret|token|apikey|secretkey|privatekey|accesskey)s?$|^credentials?$|signature$/;

export function isSecretField(name: string): boolean {
  return SECRET_FIELD.test(name.replaceAll(/[-_]/g, '').toLowerCase());
}

/** The same JSON with the values of secret fields replaced, however deep they lie. */
export function redactJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(redactJson);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      isSecretField(name) && inner !== null ? REDACTED : redactJson(inner),
    ]),
  );
}

/** What looks like a secret in running text, and what of it may stay. */
const PATTERNS: readonly [RegExp, string][] = [
  // User and password of a URL; in one that is broken, everything up to the last @ before its path.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${REDACTED}@`],
  [/\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/-]{12,}=*/gi, `$1$2${REDACTED}`],
  // In a query: tokens, and what makes a signed S3 URL work.
  [
    /([?&;](?:access_token|token|secret|password|sig|signature|x-amz-(?:signature|credential|security-token))=)[^&\s"'\\]+/gi,
    `$1${REDACTED}`,
  ],
];

/** Shorter values are words that occur everywhere, and no secret worth the name. */
const MIN_SECRET = 6;

/** A function that replaces in a text every secret that is given, and whatever looks like one. Also in JSON. */
export function textRedactor(secrets: readonly string[]): (text: string) => string {
  const known = [...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]))]
    .filter((secret) => secret.length >= MIN_SECRET)
    .sort((a, b) => b.length - a.length); // one may hold another
  return (text) => {
    const without = known.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
    return PATTERNS.reduce((rest, [pattern, by]) => rest.replaceAll(pattern, by), without);
  };
}
