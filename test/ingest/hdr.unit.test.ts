import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASTERING } from '../../fixtures/hdr.js';
import { assumeColour, videoRangeOf } from '../../src/ingest/colour.js';
import {
  contentLightFault,
  describeHdrMetadata,
  hdrFacts,
  masteringDisplayFault,
  needsDolbyVision,
} from '../../src/ingest/hdr-metadata.js';
import type { MasteringDisplay } from '../../src/ingest/index.js';
import { planPicture } from '../../src/ingest/picture-plan.js';
import { type SideData, parseStreams } from '../../src/ingest/probe-json.js';
import { pictureFacts } from '../../src/ingest/video-facts.js';

/** As ffprobe prints it. */
const MASTERING_DATA = {
  side_data_type: 'Mastering display metadata',
  ...{ red_x: '34000/50000', red_y: '16000/50000', green_x: '13250/50000', green_y: '34500/50000' },
  ...{
    blue_x: '7500/50000',
    blue_y: '3000/50000',
    white_point_x: '15635/50000',
    white_point_y: '16450/50000',
  },
  ...{ min_luminance: '1/10000', max_luminance: '10000000/10000' },
};
const lightData = (max_content: number, max_average: number): SideData => ({
  side_data_type: 'Content light level metadata',
  ...{ max_content, max_average },
});

describe('static metadata', () => {
  it('is read in the units of ST 2086, whatever ratios it comes in', () => {
    const metadata = { masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } };
    const expected = { metadata, faults: [], dynamic: [] };
    expect(hdrFacts([MASTERING_DATA, lightData(1000, 400)])).toEqual(expected);
    const matroska = { ...MASTERING_DATA, red_x: '17/25', green_y: '69/100', max_luminance: '1000/1' };
    expect(hdrFacts([matroska, lightData(1000, 400)])).toEqual(expected);
  });

  it('of the container comes before that of the decoder, unless it is broken', () => {
    const other = lightData(600, 100);
    expect(hdrFacts([lightData(1000, 400), other]).metadata?.contentLight?.maxCll).toBe(1000);
    const repaired = hdrFacts([lightData(100, 400), other]);
    expect(repaired).toMatchObject({ metadata: { contentLight: { maxCll: 600, maxFall: 100 } }, faults: [] });
  });

  it('is not there where nothing is said, or that nothing is known', () => {
    const nothing = { metadata: undefined, faults: [], dynamic: [] };
    expect(hdrFacts([])).toEqual(nothing);
    expect(hdrFacts([{ side_data_type: 'Display Matrix' }, lightData(0, 0)])).toEqual(nothing);
  });

  it('that is incomplete is a fault', () => {
    const { red_x: _, ...incomplete } = MASTERING_DATA;
    const found = hdrFacts([incomplete, { side_data_type: 'Content light level metadata' }]);
    expect(found).toEqual({
      metadata: undefined,
      faults: [
        'mastering display: primaries or luminances are missing',
        'content light level: a level is missing',
      ],
      dynamic: [],
    });
  });

  it.each<[string, Partial<MasteringDisplay>, RegExp]>([
    ['primaries of 0', { red: [0, 0] }, /no colour/],
    ['a white that is no colour', { white: [40_000, 40_000] }, /no colour/],
    ['red and green in each other’s place', { red: MASTERING.green, green: MASTERING.red }, /another order/],
    ['three times the same primary', { green: MASTERING.red, blue: MASTERING.red }, /no gamut/],
    ['white outside the primaries', { white: [1, 1] }, /outside the primaries/],
    ['a peak of 1 cd/m²', { maxLuminance: 10_000 }, /peak of 1 cd/],
    ['a peak of 20000 cd/m²', { maxLuminance: 200_000_000 }, /peak of 20000 cd/],
    ['black above the peak', { minLuminance: 10_000_001 }, /black level/],
    ['black of 6 cd/m²', { minLuminance: 60_000 }, /black level of 6 cd/],
  ])('with %s is absurd', (_, change, words) => {
    expect(masteringDisplayFault({ ...MASTERING, ...change })).toMatch(words);
  });

  it('of displays that there are is sound', () => {
    const bt709 = { red: [32_000, 16_500], green: [15_000, 30_000], blue: [7_500, 3_000] } as const;
    const bt2020 = { red: [35_400, 14_600], green: [8_500, 39_850], blue: [6_550, 2_300] } as const;
    for (const primaries of [bt709, bt2020, {}]) {
      expect(masteringDisplayFault({ ...MASTERING, ...primaries, minLuminance: 0 })).toBeUndefined();
    }
  });

  it('never has a frame that is brighter on average than its brightest pixel', () => {
    fc.assert(
      fc.property(fc.nat(70_000), fc.nat(70_000), (maxCll, maxFall) => {
        const sound = maxFall <= maxCll && maxCll <= 10_000;
        expect(contentLightFault({ maxCll, maxFall }) === undefined).toBe(sound);
      }),
    );
  });

  it('is told in words', () => {
    expect(describeHdrMetadata(undefined)).toBe('no static metadata');
    expect(
      describeHdrMetadata({ masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 0 } }),
    ).toBe('mastered at 0.0001..1000 cd/m², MaxCLL 1000, MaxFALL 0 cd/m²');
  });
});

describe('dynamic metadata', () => {
  it.each([
    ['HDR Dynamic Metadata SMPTE2094-40 (HDR10+)', ['HDR10+']],
    ['DOVI configuration record', ['Dolby Vision']],
    ['Dolby Vision RPU Data', ['Dolby Vision']],
    ['HDR Dynamic Metadata CUVA 005.1 2021 (Vivid)', ['HDR Vivid']],
    ['ATSC A53 Part 4 Closed Captions', []],
  ])('%s', (side_data_type, dynamic) => {
    expect(hdrFacts([{ side_data_type }, { side_data_type }]).dynamic).toEqual(dynamic);
  });

  it.each([
    [5, 0, true],
    [10, 0, true],
    [10, 1, false],
    [8, 1, false],
    [8, 4, false],
    [7, 6, false],
    [4, 0, false],
  ])('Dolby Vision profile %i with compatibility %i needs its decoder: %s', (profile, compatible, needed) => {
    const data = { dv_profile: profile, dv_bl_signal_compatibility_id: compatible };
    expect(needsDolbyVision([{ side_data_type: 'DOVI configuration record', ...data }])).toBe(needed);
  });
});

describe('the plan for a picture', () => {
  const plan = (stream: object): ReturnType<typeof planPicture> => {
    const defaults = { index: 0, codec_type: 'video', width: 640, height: 360, pix_fmt: 'yuv420p10le' };
    const file = parseStreams({ streams: [{ ...defaults, ...stream }], format: { nb_streams: 1 } });
    const facts = pictureFacts(file.streams[0]!, undefined);
    return planPicture(facts, { kind: 'progressive', parity: 'tff', flagWrong: false }, { num: 24, den: 1 });
  };
  const codes = ({ findings }: ReturnType<typeof planPicture>): string[] => findings.map(({ code }) => code);
  const PQ = { color_transfer: 'smpte2084', color_primaries: 'bt2020', color_space: 'bt2020nc' };

  it('keeps what is known of the light of an HDR picture', () => {
    const found = plan({ ...PQ, side_data_list: [MASTERING_DATA, lightData(1000, 400)] });
    expect([found.filters, codes(found)]).toEqual([[], ['hdr']]);
    expect(found.hdr).toEqual({ masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } });
    expect('hdr' in plan(PQ)).toBe(false);
  });

  it('says what it drops', () => {
    const broken = { ...MASTERING_DATA, max_luminance: '0/1' };
    const dynamic = { side_data_type: 'HDR Dynamic Metadata SMPTE2094-40 (HDR10+)' };
    const found = plan({ ...PQ, side_data_list: [broken, dynamic] });
    expect(codes(found)).toEqual(['hdr', 'hdr-metadata-invalid', 'hdr-dynamic-dropped']);
    expect('hdr' in found).toBe(false);
  });

  it('takes a picture without an HDR curve for SDR, whatever else is said of it', () => {
    const sdr = { color_transfer: 'bt709', color_primaries: 'bt709', color_space: 'bt709' };
    const found = plan({ ...sdr, side_data_list: [MASTERING_DATA] });
    expect([codes(found), 'hdr' in found]).toEqual([['hdr-metadata-unused'], false]);
  });

  it('takes HDR for BT.2020 at any size, and encodes 8 bits in 10', () => {
    const found = plan({ color_transfer: 'arib-std-b67', pix_fmt: 'yuv420p' });
    expect(found).toMatchObject({ bitDepth: 10, pixelFormat: 'yuv420p10le' });
    expect(found.colour).toEqual({
      primaries: 'bt2020',
      transfer: 'arib-std-b67',
      matrix: 'bt2020nc',
      range: 'tv',
    });
    const { colour } = assumeColour({ transfer: 'bt709', range: 'tv' }, { width: 640, height: 360 }, 24);
    expect(colour.primaries).toBe('smpte170m');
  });
});

it('transfer curves belong to ranges as HLS names them', () => {
  const ranges = ['smpte2084', 'arib-std-b67', 'bt709', 'bt2020-10', undefined].map((name) =>
    videoRangeOf(name),
  );
  expect(ranges).toEqual(['PQ', 'HLG', 'SDR', 'SDR', 'SDR']);
});
