import { expect, test } from 'vitest';
import { MASTERING } from '../../fixtures/hdr.js';
import { chunkArgs, passesOf } from '../../src/encode/chunk-args.js';
import type { Codec, EncodeParams } from '../../src/encode/index.js';
import { av1, av1Level } from '../../src/encode/profile/av1.js';
import { hevc, hevcLevel } from '../../src/encode/profile/hevc.js';
import { profileOf } from '../../src/encode/profile/index.js';
import { vp9, vp9Level } from '../../src/encode/profile/vp9.js';

const CODECS: Codec[] = ['h264', 'hevc', 'av1', 'vp9'];
const RESOLUTION = { width: 1280, height: 720 };
const FPS = { num: 24, den: 1 };
const REQUEST = {
  resolution: RESOLUTION,
  fps: FPS,
  gopFrames: 95,
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' },
};
const COLOUR = '-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv';

test.each([
  [160, 90, 24, 1, '2.0', '2.0'],
  [416, 234, 24, 1, '2.0', '2.0'],
  [640, 360, 24, 1, '2.1', '2.1'],
  [960, 540, 30, 1, '3.0', '3.0'],
  [1280, 720, 30, 1, '3.1', '3.1'],
  [1280, 720, 60, 1, '4.0', '4.0'],
  [1920, 1080, 24000, 1001, '4.0', '4.0'],
  [1080, 1920, 24, 1, '4.0', '4.0'],
  [1920, 1080, 60, 1, '4.1', '4.1'],
  [3840, 2160, 30, 1, '5.0', '5.0'],
  [3840, 2160, 60, 1, '5.1', '5.1'],
  [4000, 100, 24, 1, '4.0', '3.0'],
  [7680, 4320, 60, 1, '6.1', '6.1'],
  [16384, 8640, 60, 1, '6.2', '6.2'],
])('%ix%i at %i/%i is level %s of HEVC and %s of AV1', (width, height, num, den, ...levels) => {
  const found = [hevcLevel, av1Level].map((of) => of({ width, height }, { num, den }).level);
  expect(found).toEqual(levels);
});

test.each([
  [640, 360, 60, 1, '3.0', 7_200],
  [1280, 720, 50, 1, '4.0', 18_000],
  [1920, 1080, 60_000, 1001, '4.1', 30_000],
  [256, 144, 15, 1, '1.0', 200],
  [416, 234, 24, 1, '2.0', 1_800],
  [854, 480, 30, 1, '3.0', 7_200],
  [1280, 720, 30, 1, '3.1', 12_000],
  [1920, 1080, 30, 1, '4.0', 18_000],
  [1080, 1920, 60, 1, '4.1', 30_000],
  [3840, 2160, 30, 1, '5.0', 60_000],
  [3840, 2160, 60, 1, '5.1', 120_000],
])('%ix%i at %i/%i is level %s of VP9, with %i kbit/s at most', (width, height, num, den, level, kbits) => {
  expect(vp9Level({ width, height }, { num, den })).toMatchObject({ level, kbits });
});

test.each(CODECS)('the limits of %s hold the rate that the encoder is given', (codec) => {
  const { level, kbits } = profileOf(codec).limits(RESOLUTION, FPS);
  expect(level).toBe('3.1');
  const args = profileOf(codec)
    .encodeArgs({ preset: '0', crf: 30, ...REQUEST })
    .join(' ');
  if (codec !== 'vp9') expect(args).toMatch(new RegExp(`maxrate[= ]${kbits}k?\\b`));
});

test('the limits of a level in the Main tier', () => {
  const size = { width: 1920, height: 1080 };
  expect(hevcLevel(size, FPS)).toMatchObject({ kbits: 12_000, buffer: 12_000 });
  expect(av1Level(size, { num: 60, den: 1 })).toMatchObject({ kbits: 20_000, buffer: 20_000 });
});

test('the arguments of HEVC, word for word', () => {
  expect(hevc.encodeArgs({ ...REQUEST, preset: 'medium', crf: 24.5 }).join(' ')).toBe(
    '-c:v libx265 -preset medium -crf 24.5 -threads 1 -a53cc 0 -x265-params pools=none:frame-threads=1:wpp=0:' +
      'lookahead-slices=0:keyint=95:min-keyint=95:scenecut=0:open-gop=0:level-idc=3.1:high-tier=0:' +
      `vbv-maxrate=10000:vbv-bufsize=10000:info=0:repeat-headers=0:log-level=error ${COLOUR} -tag:v hvc1`,
  );
});

test('the arguments of AV1, word for word', () => {
  expect(av1.encodeArgs({ ...REQUEST, preset: '6', crf: 35 }).join(' ')).toBe(
    '-c:v libsvtav1 -preset 6 -crf 35 -level:v 31 -maxrate 10000k -bufsize 10000k -g 95 ' +
      `-svtav1-params lp=1:pin=0:irefresh-type=2:scd=0 ${COLOUR}`,
  );
});

const PQ = { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc' };
const HLG = { ...PQ, transfer: 'arib-std-b67' };
const HDR = { masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } };

test('HEVC says what is known of the light, and weighs bits for PQ', () => {
  const params = (colour: typeof PQ, hdr?: object): string => {
    const args = hevc.encodeArgs({ ...REQUEST, colour, hdr, preset: 'medium', crf: 24 });
    return args[args.indexOf('-x265-params') + 1]!.split(':log-level=error')[1]!;
  };
  expect(params(PQ, HDR)).toBe(
    ':hdr10-opt=1:master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)' +
      ':max-cll=1000,400',
  );
  expect(params(PQ, {})).toBe(':hdr10-opt=1');
  expect(params(HLG, {})).toBe('');
  expect(params(HLG, { contentLight: HDR.contentLight })).toBe(':max-cll=1000,400');
  expect(params(REQUEST.colour)).toBe('');
});

test('AV1 says what is known of the light', () => {
  const args = av1.encodeArgs({ ...REQUEST, colour: PQ, hdr: HDR, preset: '6', crf: 35 }).join(' ');
  expect(args).toContain(
    '-svtav1-params lp=1:pin=0:irefresh-type=2:scd=0:' +
      'mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)R(0.68000,0.32000)WP(0.31270,0.32900)L(1000.0000,0.0001):' +
      'content-light=1000,400 -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc',
  );
});

test('the arguments of VP9, word for word', () => {
  expect(vp9.encodeArgs({ ...REQUEST, preset: '2', crf: 35 }).join(' ')).toBe(
    '-c:v libvpx-vp9 -deadline good -cpu-used 2 -crf 35 -b:v 0 -threads 1 -row-mt 0 -tile-columns 0 ' +
      `-frame-parallel 0 -auto-alt-ref 1 -lag-in-frames 25 -g 95 -keyint_min 95 ${COLOUR} ` +
      '-chroma_sample_location left',
  );
});

test.each(CODECS)(
  '%s: its name, its default preset, and whole steps over the range of its quality',
  (codec) => {
    const { codec: name, presets, defaultPreset, crf } = profileOf(codec);
    expect(name).toBe(codec);
    expect(presets).toContain(defaultPreset);
    expect(Number.isInteger((crf.max - crf.min) / crf.step)).toBe(true);
  },
);

test('10 bits stay 10 bits, but for H.264', () => {
  const formats = CODECS.map((codec) => [8, 10].map((depth) => profileOf(codec).pixelFormat(depth)));
  const both = ['yuv420p', 'yuv420p10le'];
  expect(formats).toEqual([['yuv420p', 'yuv420p'], both, both, both]);
});

const params = (codec: Codec): EncodeParams => ({
  source: {
    blob: { sha256: '', bytes: 0 },
    demuxer: 'mov',
    videoStream: 0,
    skipFrames: 0,
    frames: 9,
    fps: FPS,
  },
  reference: { ...RESOLUTION, pixelFormat: 'yuv420p' },
  colour: { ...REQUEST.colour, range: 'tv' },
  ...{ bitDepth: 8, codec, preset: profileOf(codec).defaultPreset, resolution: RESOLUTION, crf: 35 },
  ...{ gopFrames: 9, model: 'vmaf_v0.6.1', subsample: 1 },
});
const source = { path: '/m.mov', demuxer: 'mov', frames: 9, fps: FPS };

test('VP9 takes two passes over the same frames, the others one', () => {
  const args = (codec: Codec): string[] =>
    passesOf(codec, '/s/notes').map((pass) => chunkArgs(params(codec), source, '/s/o.mp4', pass).join(' '));
  const bitexact =
    '-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 -map_chapters -1';
  const [first = '', second = '', ...more] = args('vp9');
  expect(more).toEqual([]);
  const encoder = first.slice(0, first.indexOf(' -pass '));
  expect(encoder).toContain('-i file:/m.mov');
  expect(encoder.endsWith(`${COLOUR} -chroma_sample_location left`)).toBe(true);
  expect(first).toBe(`${encoder} -pass 1 -passlogfile /s/notes ${bitexact} -f null -`);
  expect(second).toBe(
    `${encoder} -pass 2 -passlogfile /s/notes ${bitexact} ` +
      '-video_track_timescale 24000 -movie_timescale 24000 -f mp4 file:/s/o.mp4',
  );
  for (const codec of ['h264', 'hevc', 'av1'] as const) {
    expect(args(codec)).toEqual([expect.stringMatching(/ -f mp4 file:\/s\/o\.mp4$/)]);
    expect(args(codec)[0]).not.toContain('-pass');
  }
});

test('pixels are marked as square only where the size asks for it', () => {
  const filters = (of: EncodeParams): string | undefined =>
    /fps=24\/1,(.*?)\[v\]/.exec(chunkArgs(of, source, '/s/o.mp4').join(' '))?.[1];
  const scaled = { ...params('h264'), resolution: { width: 640, height: 360 } };
  const scale = 'scale=640:360:flags=bicubic+accurate_rnd+bitexact';
  expect(filters(params('h264'))).toBe('format=yuv420p');
  expect(filters(scaled)).toBe(`${scale},format=yuv420p`);
  expect(filters({ ...scaled, squarePixels: true })).toBe(`${scale},setsar=1,format=yuv420p`);
});
