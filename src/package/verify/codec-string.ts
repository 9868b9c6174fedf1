/** Codecs whose strings may go on, after these first fields, with colour and sampling. */
const LONG_FORMS: ReadonlyMap<string, number> = new Map([
  ['av01', 4], // AV1 codec ISO media file format binding, section 5
  ['vp09', 4], // VP codec ISO media file format binding, codecs parameter string
]);

/**
 * Whether a manifest's codec string says what the initialisation segment says. The parser of the segment gives AV1 and
 * VP9 without their optional fields; a manifest may have them.
 */
export function sameCodec(declared: string | undefined, measured: string): boolean {
  const fields = declared?.split('.') ?? [];
  const mandatory = LONG_FORMS.get(fields[0] ?? '') ?? fields.length;
  // The parser gives the sample entry's name for Opus; RFC 6381 strings of it are in small letters.
  return fields.slice(0, mandatory).join('.') === (measured === 'Opus' ? 'opus' : measured);
}
