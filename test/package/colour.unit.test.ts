import { describe, expect, it } from 'vitest';
import { MASTERING } from '../../fixtures/hdr.js';
import type { HdrMetadata } from '../../src/ingest/index.js';
import { codePointsOf, rangeOfTransfer } from '../../src/package/cicp.js';
import { withColour } from '../../src/package/packager/dash-colour.js';
import { appendToSampleEntries, lightBoxes } from '../../src/package/packager/sample-entry.js';

const HDR: HdrMetadata = { masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } };

describe('code points', () => {
  it.each([
    ['bt709', 'bt709', 'bt709', [1, 1, 1], 'SDR'],
    ['bt470bg', 'smpte170m', 'bt470bg', [5, 6, 5], 'SDR'],
    ['bt2020', 'bt2020-10', 'bt2020nc', [9, 14, 9], 'SDR'],
    ['bt2020', 'smpte2084', 'bt2020nc', [9, 16, 9], 'PQ'],
    ['bt2020', 'arib-std-b67', 'ictcp', [9, 18, 14], 'HLG'],
    ['of a', 'newer', 'ffmpeg', [2, 2, 2], 'SDR'],
  ])('%s/%s/%s', (primaries, transfer, matrix, [p, t, m], range) => {
    const points = codePointsOf({ primaries, transfer, matrix, range: 'tv' });
    expect(points).toEqual({ primaries: p, transfer: t, matrix: m });
    expect(rangeOfTransfer(points.transfer)).toBe(range);
  });
});

describe('boxes of light', () => {
  it('are those of ISO/IEC 14496-12, byte for byte', () => {
    expect(lightBoxes(HDR).toString('hex')).toBe(
      // size, mdcv, G, B, R, white, peak, black; size, clli, MaxCLL, MaxFALL
      '000000206d64637633c286c41d4c0bb884d03e803d1340420098968000000001' + '0000000c636c6c6903e80190',
    );
    expect(lightBoxes({})).toHaveLength(0);
    expect(lightBoxes({ contentLight: { maxCll: 1, maxFall: 0 } }).toString('hex')).toBe(
      '0000000c636c6c6900010000',
    );
  });

  const box = (type: string, ...payload: Buffer[]): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(8 + payload.reduce((sum, { length }) => sum + length, 0), 0);
    header.write(type, 4, 'latin1');
    return Buffer.concat([header, ...payload]);
  };
  const stsd = (entries: number, ...more: Buffer[]): Buffer => {
    const fields = Buffer.alloc(8);
    fields.writeUInt32BE(entries, 4);
    return box('stsd', fields, ...more);
  };
  const init = (more: Buffer, description = stsd(1, box('hvc1', Buffer.alloc(78), more))): Buffer =>
    Buffer.concat([
      box('ftyp', Buffer.from('isom')),
      box(
        'moov',
        box('mvhd', Buffer.alloc(9)),
        box('trak', box('mdia', box('minf', box('stbl', description, box('stts', Buffer.alloc(8)))))),
        box('mvex'),
      ),
    ]);

  it('go into the sample entry, and all boxes around it grow', () => {
    const colr = box('colr', Buffer.from('nclx'));
    const boxes = lightBoxes(HDR);
    expect(appendToSampleEntries(init(colr), boxes)).toEqual(init(Buffer.concat([colr, boxes])));
  });

  it('go into both sample entries of a track that begins in the clear', () => {
    const boxes = lightBoxes(HDR);
    const entries = (more: Buffer): Buffer =>
      stsd(2, box('encv', Buffer.alloc(78), more), box('hvc1', Buffer.alloc(78), more));
    const bare = init(Buffer.alloc(0), entries(Buffer.alloc(0)));
    expect(appendToSampleEntries(bare, boxes)).toEqual(init(Buffer.alloc(0), entries(boxes)));
  });

  it.each([
    ['no sample entry', init(Buffer.alloc(0), stsd(0))],
    ['fewer than it says', init(Buffer.alloc(0), stsd(3, box('hvc1'), box('hvc1')))],
    ['more than it says', init(Buffer.alloc(0), stsd(1, box('hvc1'), box('hvc1')))],
    ['a size that is wrong', init(Buffer.alloc(0), stsd(1, Buffer.from('00000fff68766331', 'hex')))],
    ['no moov', box('ftyp')],
    ['nothing', Buffer.alloc(0)],
  ])('do not go into a file with %s', (_, data) => {
    expect(() => appendToSampleEntries(data, lightBoxes(HDR))).toThrow(
      expect.objectContaining({ code: 'PACKAGE_INIT' }),
    );
  });
});

describe('colour in the MPD', () => {
  const set = (id: string, properties = '', kind = 'video'): string =>
    `    <AdaptationSet id="0" contentType="${kind}">\n${properties}` +
    `      <Representation id="0">\n        <SegmentTemplate initialization="${kind}/${id}/init.mp4"/>\n` +
    '      </Representation>\n    </AdaptationSet>\n';
  const property = (name: string, value: number): string =>
    `      <SupplementalProperty schemeIdUri="urn:mpeg:mpegB:cicp:${name}" value="${value}"/>\n`;
  const described = (p: number, t: number, m: number): string =>
    property('ColourPrimaries', p) +
    property('TransferCharacteristics', t) +
    property('MatrixCoefficients', m);
  const PQ = { primaries: 9, transfer: 16, matrix: 9 };
  const SDR = { primaries: 1, transfer: 1, matrix: 1 };
  const colours = new Map([
    ['video/hevc', PQ],
    ['video/h264', SDR],
  ]);

  it('is said once, whole and before the representations, of each set by itself', () => {
    const other = '      <SupplementalProperty schemeIdUri="urn:other" value="1"/>\n';
    const mpd =
      set('hevc', property('MatrixCoefficients', 9) + other) +
      set('h264', property('TransferCharacteristics', 6)) +
      set('x', property('TransferCharacteristics', 6), 'audio');
    const coloured = withColour(mpd, colours);
    expect(coloured).toBe(
      set('hevc', other + described(9, 16, 9)) +
        set('h264', described(1, 1, 1)) +
        set('x', property('TransferCharacteristics', 6), 'audio'),
    );
    expect(withColour(coloured, colours)).toBe(coloured);
  });

  it('is what the packager says where nothing is known', () => {
    const mpd = set('hevc', property('TransferCharacteristics', 16));
    expect(withColour(mpd, new Map())).toBe(mpd);
  });
});
