import { describe, expect, it } from 'vitest';
import { assumeColour, colourOf } from '../../src/ingest/colour.js';
import { judgeInterlace, parseIdetLine } from '../../src/ingest/interlace.js';
import { UPRIGHT, orientationOf, parseDisplayMatrix } from '../../src/ingest/orientation.js';
import { planPicture } from '../../src/ingest/picture-plan.js';
import { parsePixelFormat } from '../../src/ingest/pixel-format.js';
import { parseStreams } from '../../src/ingest/probe-json.js';
import { type PictureFacts, pictureFacts } from '../../src/ingest/video-facts.js';
import { rational } from '../../src/media/index.js';

const ONE = 65536;

describe('orientationOf', () => {
  // [a, b, u, c, d, v, x, y, w]: x' = ax + cy, y' = bx + dy
  const matrix = (a: number, b: number, c: number, d: number): number[] => [a, b, 0, c, d, 0, 0, 0, 2 ** 30];

  it.each([
    ['upright', matrix(ONE, 0, 0, ONE), 0, []],
    ['a quarter clockwise', matrix(0, ONE, -ONE, 0), 90, ['transpose=clock']],
    ['upside down', matrix(-ONE, 0, 0, -ONE), 180, ['hflip', 'vflip']],
    ['a quarter counter-clockwise', matrix(0, -ONE, ONE, 0), 270, ['transpose=cclock']],
    ['left and right changed', matrix(-ONE, 0, 0, ONE), 0, ['hflip']],
    ['top and bottom changed', matrix(ONE, 0, 0, -ONE), 0, ['vflip']],
    ['transposed', matrix(0, ONE, ONE, 0), 90, ['transpose=cclock_flip']],
    ['transposed the other way', matrix(0, -ONE, -ONE, 0), 270, ['transpose=clock_flip']],
  ])('%s', (_, numbers, rotation, filters) => {
    expect(orientationOf(numbers)).toMatchObject({ rotation, filters, exact: true });
  });

  it('rounds other angles and says so', () => {
    const [cos, sin] = [Math.round(ONE * Math.cos(0.2)), Math.round(ONE * Math.sin(0.2))];
    expect(orientationOf(matrix(cos, sin, -sin, cos))).toMatchObject({ rotation: 0, exact: false });
  });

  it('ignores a matrix that shows nothing, and none at all', () => {
    expect(orientationOf(matrix(0, 0, 0, 0))).toBe(UPRIGHT);
    expect(orientationOf(undefined)).toMatchObject({ rotation: 0, filters: [], exact: true });
  });

  it("reads ffprobe's dump", () => {
    const dump =
      '\n00000000:            0      -65536           0\n00000001:        65536           0           0\n' +
      '00000002:            0           0  1073741824\n';
    expect(parseDisplayMatrix(dump)).toEqual([0, -65536, 0, 65536, 0, 0, 0, 0, 1073741824]);
    expect(parseDisplayMatrix('garbage: 1 2')).toBeUndefined();
    expect(parseDisplayMatrix(undefined)).toBeUndefined();
  });
});

describe('parsePixelFormat', () => {
  it.each([
    ['yuv420p', 'yuv', '4:2:0', 8, false],
    ['yuvj422p', 'yuv', '4:2:2', 8, false],
    ['yuv422p10le', 'yuv', '4:2:2', 10, false],
    ['yuva444p12le', 'yuv', '4:4:4', 12, true],
    ['yuv411p', 'yuv', '4:1:1', 8, false],
    ['yuv420p9be', 'yuv', '4:2:0', 9, false],
    ['yuv444p16le', 'yuv', '4:4:4', 16, false],
    ['nv12', 'yuv', '4:2:0', 8, false],
    ['p010le', 'yuv', '4:2:0', 10, false],
    ['uyvy422', 'yuv', '4:2:2', 8, false],
    ['y210le', 'yuv', '4:2:2', 10, false],
    ['nv20le', 'yuv', '4:2:2', 10, false],
    ['gray', 'gray', '4:0:0', 8, false],
    ['gray10le', 'gray', '4:0:0', 10, false],
    ['ya8', 'gray', '4:0:0', 8, true],
    ['gbrp12le', 'rgb', '4:4:4', 12, false],
    ['gbrap', 'rgb', '4:4:4', 8, true],
    ['rgb24', 'rgb', '4:4:4', 8, false],
    ['rgba64be', 'rgb', '4:4:4', 16, true],
    ['rgb48le', 'rgb', '4:4:4', 16, false],
    ['x2rgb10le', 'rgb', '4:4:4', 10, false],
    ['pal8', 'rgb', '4:4:4', 8, false],
    ['argb', 'rgb', '4:4:4', 8, true],
  ])('%s', (name, model, chroma, bitDepth, alpha) => {
    expect(parsePixelFormat(name)).toMatchObject({ model, chroma, bitDepth, alpha });
  });

  it('knows the names that mean full range, and that it does not know others', () => {
    expect(parsePixelFormat('yuvj420p')?.fullRange).toBe(true);
    expect(parsePixelFormat('yuv420p')?.fullRange).toBe(false);
    expect(parsePixelFormat('xyz12le')).toBeUndefined();
  });
});

describe('judgeInterlace', () => {
  const counts = (
    topFirst: number,
    bottomFirst: number,
    progressive: number,
  ): Parameters<typeof judgeInterlace>[1] => ({
    topFirst,
    bottomFirst,
    progressive,
    undetermined: 0,
  });

  it('follows the flag, by the order of display', () => {
    expect(judgeInterlace('tt', undefined)).toMatchObject({ kind: 'interlaced', parity: 'tff' });
    expect(judgeInterlace('bt', undefined)).toMatchObject({ kind: 'interlaced', parity: 'tff' });
    expect(judgeInterlace('tb', counts(40, 0, 2))).toMatchObject({ kind: 'interlaced', parity: 'bff' });
    expect(judgeInterlace('tt', counts(0, 0, 100))).toMatchObject({ kind: 'progressive', flagWrong: true });
    expect(judgeInterlace('tt', counts(0, 0, 3))).toMatchObject({ kind: 'interlaced', flagWrong: false });
  });

  it('looks at the picture where there is no flag, and harder where the flag says progressive', () => {
    expect(judgeInterlace('unknown', counts(0, 20, 1))).toMatchObject({ kind: 'interlaced', parity: 'bff' });
    expect(judgeInterlace('progressive', counts(0, 20, 1)).kind).toBe('mixed');
    expect(judgeInterlace('progressive', counts(60, 0, 1))).toMatchObject({
      kind: 'interlaced',
      parity: 'tff',
    });
    expect(judgeInterlace('unknown', counts(40, 0, 60)).kind).toBe('mixed');
    expect(judgeInterlace('unknown', counts(3, 0, 0)).kind).toBe('progressive');
    expect(judgeInterlace('unknown', undefined).kind).toBe('progressive');
  });

  it('does not believe combing without one order of fields', () => {
    expect(judgeInterlace('unknown', counts(48, 41, 7)).kind).toBe('progressive');
  });

  it("reads idet's line", () => {
    const line =
      '[Parsed_idet_1 @ 0x5] [info] Multi frame detection: TFF:    48 BFF:    41 Progressive:     7 Undetermined:     2';
    expect(parseIdetLine(line)).toEqual({ topFirst: 48, bottomFirst: 41, progressive: 7, undetermined: 2 });
    expect(parseIdetLine(line.replace('Multi', 'Single'))).toBeUndefined();
  });
});

describe('assumeColour', () => {
  const none = { range: 'tv' as const };

  it.each([
    [1920, 1080, 24, ['bt709', 'bt709', 'bt709']],
    [1280, 540, 24, ['bt709', 'bt709', 'bt709']],
    [960, 720, 25, ['bt709', 'bt709', 'bt709']],
    [720, 576, 25, ['bt470bg', 'smpte170m', 'bt470bg']],
    [720, 576, 50, ['bt470bg', 'smpte170m', 'bt470bg']],
    [720, 480, 30000 / 1001, ['smpte170m', 'smpte170m', 'smpte170m']],
    [720, 480, 24, ['smpte170m', 'smpte170m', 'smpte170m']],
  ])('%ix%i at %f fps', (width, height, fps, [primaries, transfer, matrix]) => {
    const { colour, assumed } = assumeColour(none, { width, height }, fps);
    expect(colour).toEqual({ primaries, transfer, matrix, range: 'tv' });
    expect(assumed).toEqual(['primaries', 'transfer', 'matrix']);
  });

  it('keeps what is tagged, gives RGB a matrix, and BT.2020 its own', () => {
    const tagged = { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', range: 'pc' as const };
    expect(assumeColour(tagged, { width: 64, height: 64 }, 24)).toEqual({
      colour: { ...tagged, range: 'tv' },
      assumed: [],
    });
    const rgb = { primaries: 'bt709', transfer: 'bt709', matrix: 'gbr', range: 'pc' as const };
    expect(assumeColour(rgb, { width: 1920, height: 1080 }, 24)).toMatchObject({
      colour: { matrix: 'bt709' },
      assumed: [],
    });
    const half = { primaries: 'bt2020', transfer: 'smpte2084', range: 'tv' as const };
    expect(assumeColour(half, { width: 64, height: 64 }, 24).colour.matrix).toBe('bt2020nc');
  });

  it('takes the decoder’s word where the container has none, and "unknown" for none', () => {
    const stream = { color_primaries: 'unknown', color_range: 'tv' };
    const frame = { color_primaries: 'bt709', color_space: 'bt709', color_range: 'pc' };
    expect(colourOf(stream, frame, false)).toEqual({ primaries: 'bt709', matrix: 'bt709', range: 'tv' });
    expect(colourOf({}, undefined, true)).toEqual({ range: 'pc' });
  });
});

function facts(over: Record<string, unknown> = {}): PictureFacts {
  const stream = {
    ...{ index: 0, codec_type: 'video', codec_name: 'h264', width: 1920, height: 1080, pix_fmt: 'yuv420p' },
    ...{ color_primaries: 'bt709', color_transfer: 'bt709', color_space: 'bt709', color_range: 'tv' },
    ...{ field_order: 'progressive', sample_aspect_ratio: '1:1' },
    ...over,
  };
  const { streams } = parseStreams({ streams: [stream], format: { nb_streams: 1 } });
  return pictureFacts(streams[0]!, undefined);
}

const PROGRESSIVE = { kind: 'progressive', parity: 'tff', flagWrong: false } as const;
const SCALE = 'flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';
const MATRIX = (inRange: string): string =>
  `in_range=${inRange}:in_color_matrix=bt709:out_range=limited:out_color_matrix=bt709`;

describe('planPicture', () => {
  const plan = (
    over: Record<string, unknown> = {},
    interlace: Parameters<typeof planPicture>[1] = PROGRESSIVE,
  ) => planPicture(facts(over), interlace, rational(24));
  const codes = (found: ReturnType<typeof plan>): string[] => found.findings.map(({ code }) => code);

  it('leaves a picture alone that is all it should be, at 8 and at 10 bits', () => {
    expect(plan()).toMatchObject({
      filters: [],
      width: 1920,
      height: 1080,
      pixelFormat: 'yuv420p',
      findings: [],
    });
    expect(plan({ pix_fmt: 'yuv420p10le' })).toMatchObject({ filters: [], bitDepth: 10, findings: [] });
  });

  it('leaves pixels alone where only tags are missing, or pixels are square but for rounding', () => {
    const untagged = plan({ color_primaries: undefined, color_transfer: 'unknown', color_space: undefined });
    expect(untagged.filters).toEqual([]);
    expect(codes(untagged)).toEqual(['colour-assumed']);
    expect(plan({ sample_aspect_ratio: '1281:1280' }).filters).toEqual([]);
    expect(plan({ sample_aspect_ratio: '0:1' }).filters).toEqual([]);
  });

  it('does everything at once in the one right order', () => {
    const turned = {
      side_data_type: 'Display Matrix',
      displaymatrix: '0: 0 65536 0\n1: -65536 0 0\n2: 0 0 1',
    };
    const found = plan(
      {
        ...{
          width: 721,
          height: 577,
          pix_fmt: 'yuvj422p',
          sample_aspect_ratio: '4:3',
          side_data_list: [turned],
        },
      },
      { kind: 'interlaced', parity: 'bff', flagWrong: false },
    );
    expect(found.filters).toEqual([
      'bwdif=mode=send_frame:parity=bff:deint=all',
      'transpose=clock',
      'crop=w=577:h=720:x=0:y=0:exact=1',
      `scale=w=432:h=720:${SCALE}:${MATRIX('full')}`,
      'format=yuv420p',
      'setsar=1',
    ]);
    expect(found).toMatchObject({ width: 432, height: 720 });
    expect(codes(found)).toEqual([
      ...['deinterlaced', 'rotated', 'odd-dimensions', 'non-square-pixels'],
      ...['chroma-converted', 'full-range'],
    ]);
  });

  it('crops odd sizes', () => {
    const found = plan({ width: 1921, height: 1081 });
    expect(found.filters[0]).toBe('crop=w=1920:h=1080:x=0:y=0:exact=1');
    expect(codes(found)).toEqual(['odd-dimensions']);
  });

  it('rewrites a picture with an odd angle, or every later tool would turn it', () => {
    const matrix = {
      side_data_type: 'Display Matrix',
      displaymatrix: '0: 64230 13020 0\n1: -13020 64230 0\n2: 0 0 1',
    };
    const found = plan({ side_data_list: [matrix] });
    expect(found.filters.length).toBeGreaterThan(0);
    expect(codes(found)).toEqual(['rotated']);
  });

  it('converts RGB with the matrix of its size, and drops alpha and depth', () => {
    const found = plan({ pix_fmt: 'gbrap12le', color_space: 'gbr', color_range: 'pc' });
    expect(found.filters[0]).toBe(`scale=w=1920:h=1080:${SCALE}:out_range=limited:out_color_matrix=bt709`);
    expect(found).toMatchObject({
      pixelFormat: 'yuv420p10le',
      bitDepth: 10,
      colour: { matrix: 'bt709', range: 'tv' },
    });
    expect(codes(found)).toEqual(['rgb-converted', 'alpha-dropped', 'bit-depth-reduced']);
  });

  it('notes HDR, wrong flags and mixed material, and changes nothing', () => {
    const hdr = plan({ color_transfer: 'smpte2084', pix_fmt: 'yuv420p10le' });
    expect([hdr.filters, codes(hdr), hdr.colour.transfer]).toEqual([[], ['hdr'], 'smpte2084']);
    expect(codes(plan({}, { ...PROGRESSIVE, flagWrong: true }))).toEqual(['interlace-flag-wrong']);
    const mixed = plan({}, { ...PROGRESSIVE, kind: 'mixed' });
    expect([mixed.filters, codes(mixed)]).toEqual([[], ['mixed-interlace']]);
  });
});
