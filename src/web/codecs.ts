/** The codecs of report.json: name, beginning of their codec strings, and a stream of ordinary size to ask a browser about. */
const CODECS = {
  h264: { name: 'H.264', prefix: 'avc1', example: 'avc1.640028' },
  hevc: { name: 'HEVC', prefix: 'hvc1', example: 'hvc1.1.6.L120.90' },
  av1: { name: 'AV1', prefix: 'av01', example: 'av01.0.08M.08' },
  vp9: { name: 'VP9', prefix: 'vp09', example: 'vp09.00.40.08' },
};

/** Browser code: `CODECS`, the table above. */
export const CODEC_TABLE = `
const CODECS = ${JSON.stringify(CODECS)};
`;

/**
 * Browser code about codecs, as text because the page's scripts are served as they are; needs CODEC_TABLE.
 */
export const CODEC_CHOICE = `
/** Lists the title's codecs; those that this browser cannot decode cannot be chosen. */
function fillCodecs() {
  const codecs = [...new Set((report ? report.renditions : []).map(({ codec }) => codec))].filter((codec) => CODECS[codec]);
  element('codec-field').hidden = codecs.length < 2;
  element('codec').replaceChildren(
    option('', 'Automatic'),
    ...codecs.map((codec) => {
      const { name, example } = CODECS[codec];
      const plays = MediaSource.isTypeSupported('video/mp4; codecs="' + example + '"');
      const item = option(codec, plays ? name : name + ' (not in this browser)');
      item.disabled = !plays;
      return item;
    }),
  );
}

/** Shaka Player keeps one codec of a manifest, chosen when it loads: the cheapest, or the one asked for here. */
function preferCodec(codec) {
  const anything = { label: '', role: '', language: '', hdrLevel: 'AUTO', layout: '' };
  player.configure({ preferredVideo: [{ ...anything, codec: codec ? CODECS[codec].prefix : '' }] });
}
`;
