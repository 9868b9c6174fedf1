/** Fields of codec strings that must be there; what follows them may be left out. */
const MANDATORY: ReadonlyMap<string, number> = new Map([
  ['av01', 4], // AV1 codec ISO media file format binding, section 5
  ['vp09', 4], // VP codec ISO media file format binding, codecs parameter string
]);

/** Object types of AAC whose extension may be signalled implicitly: a stream that says LC may play as HE-AAC. */
const HE_AAC = new Set(['mp4a.40.5', 'mp4a.40.29']);

function normal(codec: string): string {
  const [format = '', ...rest] = codec.trim().split('.');
  const fields = rest.slice(0, (MANDATORY.get(format) ?? Infinity) - 1).map((field) => field.toLowerCase());
  if (format === 'hvc1' || format === 'hev1') {
    // Constraint bytes of 0 at the end may be written or not.
    while (fields.length > 3 && /^0+$/.test(fields.at(-1) ?? '')) fields.pop();
  }
  return [format, ...fields.map((field) => (format === 'mp4a' ? field.replace(/^0+(?=.)/, '') : field))].join(
    '.',
  );
}

/** Names that are written otherwise in manifests: ec+3 says that an E-AC-3 stream has objects. */
function formatOf(codec: string): string {
  return (codec.trim().split('.')[0] ?? '').toLowerCase().replace('ec+3', 'ec-3');
}

/** Whether a manifest's codec string says what a sample entry says; of some formats that is only their name. */
export function sameCodec(declared: string, measured: string): boolean {
  if (!measured.includes('.')) return formatOf(declared) === formatOf(measured);
  const [said, is] = [normal(declared), normal(measured)];
  return said === is || (is === 'mp4a.40.2' && HE_AAC.has(said));
}

/** The formats of a CODECS attribute, or of @codecs. */
export function codecList(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((codec) => codec.trim())
    .filter((codec) => codec !== '');
}
