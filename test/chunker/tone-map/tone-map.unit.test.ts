import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASTERING } from '../../../fixtures/hdr.js';
import type { HdrMetadata, MasteringDisplay } from '../../../src/ingest/index.js';
import { scaleMatrix, toneMapArgs } from '../../../src/chunker/tone-map/args.js';
import { REFERENCE_WHITE, eetf, toneMap } from '../../../src/chunker/tone-map/curve.js';
import {
  type HdrPrimaries,
  type Rgb,
  hlgToScene,
  lightToPq,
  luminance,
  pqToLight,
  sceneToLight,
  toBt709,
} from '../../../src/chunker/tone-map/light.js';
import { LUT_SIZE, cubeFile } from '../../../src/chunker/tone-map/lut.js';
import { toneMappingOf } from '../../../src/chunker/tone-map/mapping.js';

const light = fc.double({ min: 0, max: 10_000, noNaN: true });
const PRIMARIES: HdrPrimaries[] = ['bt2020', 'smpte432', 'bt709'];

describe('curves of HDR', () => {
  it.each([
    [0, 0],
    [100, 0.508_078],
    [203, 0.580_689],
    [1000, 0.751_827],
    [4000, 0.902_572],
    [10_000, 1],
  ])('%i cd/m² is the PQ signal %f', (cdm2, signal) => {
    expect(lightToPq(cdm2)).toBeCloseTo(signal, 5);
    expect(pqToLight(lightToPq(cdm2))).toBeCloseTo(cdm2, 6);
  });

  it('HLG says white paper with 75%, and full light with 100% (ITU-R BT.2408)', () => {
    const grey = (signal: number): Rgb =>
      sceneToLight([hlgToScene(signal), hlgToScene(signal), hlgToScene(signal)]);
    expect(grey(0.75)[1]).toBeCloseTo(203, 0);
    expect(grey(1)[1]).toBeCloseTo(1000, 1);
    expect(grey(0.5)[1]).toBeCloseTo(1000 * (1 / 12) ** 1.2, 6);
    expect(grey(0)).toEqual([0, 0, 0]);
  });
});

describe('light in BT.709', () => {
  it('is white where it was, and never negative, and as bright', () => {
    for (const primaries of PRIMARIES) {
      for (const value of toBt709([1, 1, 1], primaries)) expect(value).toBeCloseTo(1, 3);
      fc.assert(
        fc.property(light, light, light, (red, green, blue) => {
          const inside = toBt709([red, green, blue], primaries);
          expect(Math.min(...inside)).toBeGreaterThanOrEqual(0);
          // Luminance by the original primaries' own weights (BT.2020; P3; BT.709).
          const weights = {
            bt2020: [0.2627, 0.678, 0.0593],
            smpte432: [0.229, 0.6917, 0.0793],
            bt709: [0.2126, 0.7152, 0.0722],
          };
          const [r = 0, g = 0, b = 0] = weights[primaries];
          const before = r * red + g * green + b * blue;
          expect(Math.abs(luminance(inside) - before)).toBeLessThan(0.002 * (red + green + blue) + 1e-9);
        }),
      );
    }
  });
});

describe('the curve', () => {
  it('ends at white, rises throughout and is straight below its knee', () => {
    fc.assert(
      fc.property(fc.integer({ min: 204, max: 10_000 }), light, light, (peak, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((cdm2) => eetf(lightToPq(cdm2), peak, 203));
        expect(low!).toBeLessThanOrEqual(high! + 1e-12);
        expect(high!).toBeLessThanOrEqual(lightToPq(203) + 1e-12);
        expect(eetf(lightToPq(peak), peak, 203)).toBeCloseTo(lightToPq(203), 9);
        const knee = 1.5 * lightToPq(203) - 0.5 * lightToPq(peak);
        expect(eetf(knee * 0.99, peak, 203)).toBe(knee * 0.99);
      }),
    );
  });

  it('leaves a picture alone that is no brighter than SDR', () => {
    for (const cdm2 of [0.1, 10, 36, 100, 203]) {
      const grey = toneMap([cdm2, cdm2, cdm2], REFERENCE_WHITE, 'bt709');
      for (const value of grey) expect(value).toBeCloseTo((cdm2 / 203) ** (1 / 2.4), 9);
    }
  });

  it('keeps midtones, puts white paper below white and the peak at white', () => {
    const grey = (cdm2: number): number => toneMap([cdm2, cdm2, cdm2], 1000, 'bt709')[1];
    expect(grey(36)).toBeCloseTo((36 / 203) ** (1 / 2.4), 9);
    expect(grey(203)).toBeGreaterThan(0.88);
    expect(grey(203)).toBeLessThan(0.94);
    expect(grey(1000)).toBeCloseTo(1, 9);
    expect(grey(4000)).toBe(1);
    expect(grey(0)).toBe(0);
  });

  it('keeps the ratios of a bright colour', () => {
    const [red, green, blue] = toneMap([900, 450, 90], 1000, 'bt709').map((value) => value ** 2.4);
    expect(red! / green!).toBeCloseTo(2, 6);
    expect(red! / blue!).toBeCloseTo(10, 6);
  });
});

describe('the table', () => {
  const lines = cubeFile({ range: 'PQ', primaries: 'bt2020', peak: 1000 }).trimEnd().split('\n');
  const row = (red: number, green: number, blue: number): number[] =>
    lines[1 + red + LUT_SIZE * (green + LUT_SIZE * blue)]!.split(' ').map(Number);

  it('has an entry for every step, red first', () => {
    expect(lines[0]).toBe(`LUT_3D_SIZE ${LUT_SIZE}`);
    expect(lines).toHaveLength(1 + LUT_SIZE ** 3);
    expect([row(0, 0, 0), row(64, 64, 64)]).toEqual([
      [0, 0, 0],
      [1, 1, 1],
    ]);
    for (const [most, entry] of [row(40, 20, 20), row(20, 40, 20), row(20, 20, 40)].entries()) {
      expect(entry.indexOf(Math.max(...entry))).toBe(most);
    }
  });

  it('says what the curve says', () => {
    for (const step of [10, 32, 40, 48]) {
      const cdm2 = pqToLight(step / 64);
      const expected = toneMap([cdm2, cdm2, cdm2], 1000, 'bt2020');
      row(step, step, step).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    }
  });
});

describe('how a picture is mapped', () => {
  const colour = { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc', range: 'tv' } as const;
  const display = (cdm2: number): MasteringDisplay => ({ ...MASTERING, maxLuminance: cdm2 * 10_000 });
  it.each<[string, HdrMetadata | undefined, number]>([
    ['nothing is known', undefined, 1000],
    ['its brightest pixel is known', { contentLight: { maxCll: 812, maxFall: 100 } }, 812],
    ['its display is known', { masteringDisplay: display(4000) }, 4000],
    [
      'its brightest pixel is below its display',
      { masteringDisplay: display(4000), contentLight: { maxCll: 1200, maxFall: 9 } },
      1200,
    ],
    [
      'its brightest pixel is above its display',
      { masteringDisplay: display(1000), contentLight: { maxCll: 9999, maxFall: 9 } },
      1000,
    ],
    ['its brightest pixel is not known', { contentLight: { maxCll: 0, maxFall: 0 } }, 1000],
    ['it is darker than white paper', { contentLight: { maxCll: 120, maxFall: 9 } }, 203],
  ])('PQ of which %s', (_, hdr, peak) => {
    expect(toneMappingOf({ colour, ...(hdr ? { hdr } : {}) })).toEqual({
      range: 'PQ',
      primaries: 'bt2020',
      peak,
    });
  });

  it('HLG by its own display, SDR not at all', () => {
    const hlg = { ...colour, transfer: 'arib-std-b67', primaries: 'smpte432' };
    const hdr = { contentLight: { maxCll: 400, maxFall: 100 } };
    expect(toneMappingOf({ colour: hlg, hdr })).toEqual({ range: 'HLG', primaries: 'smpte432', peak: 1000 });
    expect(toneMappingOf({ colour: { ...colour, transfer: 'bt709' } })).toBeUndefined();
  });

  it('by these arguments, word for word', () => {
    const source = {
      path: '/m.mov',
      demuxer: 'mov',
      videoStream: 1,
      skipFrames: 3,
      frames: 9,
      fps: { num: 24, den: 1 },
    };
    const scale = 'scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';
    expect(toneMapArgs(source, 'bt2020', '/s/o.mp4').join(' ')).toBe(
      '-cpuflags -fma3 -protocol_whitelist file -f mov -threads 1 -i file:/m.mov -filter_complex_threads 1 ' +
        '-filter_complex [0:v:1]trim=start_frame=3:end_frame=12,settb=1/24,setpts=N,fps=24/1,' +
        `${scale}:in_range=limited:in_color_matrix=bt2020:out_range=full,format=gbrp16le,` +
        'lut3d=file=tone-map.cube:interp=tetrahedral,' +
        `${scale}:in_range=full:out_range=limited:out_color_matrix=bt709,format=yuv420p[v] ` +
        '-map [v] -an -fps_mode passthrough -frames:v 9 -c:v libx264 -preset ultrafast -qp 0 -g 48 -bf 0 -threads 1 ' +
        '-color_primaries bt709 -color_trc bt709 -colorspace bt709 -color_range tv ' +
        '-fflags +bitexact -flags:v +bitexact -flags:a +bitexact -map_metadata -1 -map_chapters -1 ' +
        '-video_track_timescale 24000 -movie_timescale 24000 -f mp4 file:/s/o.mp4',
    );
    expect([scaleMatrix('bt2020nc'), scaleMatrix('ictcp'), scaleMatrix('bt2020c')]).toEqual([
      'bt2020',
      undefined,
      undefined,
    ]);
  });
});
