import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Codec, type EncodeParams, encodeStage, probeStage, profileOf } from '../../src/encode/index.js';
import { encodeMemory } from '../../src/encode/memory.js';
import MEASURED from './memory.json' with { type: 'json' };

const CODECS: Codec[] = ['h264', 'hevc', 'av1', 'vp9'];
const PARAMS: EncodeParams = {
  source: {
    ...{ blob: { sha256: '', bytes: 0 }, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames: 48 },
    fps: { num: 24, den: 1 },
  },
  reference: { width: 1920, height: 1080, pixelFormat: 'yuv420p' },
  colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
  ...{ bitDepth: 8, codec: 'h264', preset: 'medium', resolution: { width: 1920, height: 1080 } },
  ...{ crf: 30, gopFrames: 48, model: 'vmaf_v0.6.1', subsample: 5 },
};
const of = (over: Partial<EncodeParams>): number => encodeMemory({ ...PARAMS, ...over });

describe.each(MEASURED)('$name', ({ params, encode, score }) => {
  const said = of({ ...params, codec: params.codec as Codec });

  it('needs no more than is said', () => {
    expect(said).toBeGreaterThan(1.02 * Math.max(encode, score));
  });

  it('is not said to need much more', () => {
    const usual = params.preset === profileOf(params.codec as Codec).defaultPreset;
    expect(said).toBeLessThan((usual ? 1.4 : 1.55) * Math.max(encode, score));
  });
});

test('what was measured covers every codec in every size, with 10 bits, and with a slow preset', () => {
  const sizes = (codec: string): unknown[] =>
    MEASURED.filter(({ params }) => params.codec === codec).map(
      ({ params: { preset, bitDepth, resolution } }) => {
        const slow = preset === profileOf(codec as Codec).defaultPreset ? '' : ' slow';
        return `${resolution.height} ${bitDepth}${slow}`;
      },
    );
  for (const codec of CODECS) {
    expect(sizes(codec)).toEqual(expect.arrayContaining(['720 8', '1080 8', '2160 8', '720 8 slow']));
    if (codec !== 'h264') expect(sizes(codec)).toContain('1080 10');
  }
});

test('probe and encode say the same', () => {
  expect(encodeStage.memory?.(PARAMS)).toBe(encodeMemory(PARAMS));
  expect(probeStage.memory?.(PARAMS)).toBe(encodeMemory(PARAMS));
});

describe('what is said', () => {
  const side = fc.integer({ min: 8, max: 4096 }).map((half) => 2 * half);
  const size = fc.record({ width: side, height: side });
  const codec = fc.constantFrom(...CODECS);
  const format = fc.constantFrom('yuv420p', 'yuv420p10le', 'yuv422p10le', 'yuv444p12le');

  it('never falls with the size of the encode or of the reference', () => {
    fc.assert(
      fc.property(codec, size, size, format, fc.nat(500), (codec, resolution, picture, pixelFormat, more) => {
        const reference = { ...picture, pixelFormat };
        const preset = profileOf(codec).defaultPreset;
        const here = { codec, preset, resolution, reference };
        const larger = { ...resolution, width: resolution.width + 2 * more };
        expect(of({ ...here, resolution: larger })).toBeGreaterThanOrEqual(of(here));
        const largerPicture = { ...reference, height: reference.height + 2 * more };
        expect(of({ ...here, reference: largerPicture })).toBeGreaterThanOrEqual(of(here));
      }),
    );
  });

  it('is more with 10 bits, and never less with a slower preset than the default', () => {
    fc.assert(
      fc.property(codec, size, (codec, resolution) => {
        const { defaultPreset, presets } = profileOf(codec);
        const reference = { ...resolution, pixelFormat: 'yuv420p' };
        const plain = { codec, preset: defaultPreset, resolution, reference };
        const deep = { ...plain, bitDepth: 10, reference: { ...resolution, pixelFormat: 'yuv420p10le' } };
        expect(of(deep)).toBeGreaterThan(of(plain));
        for (const preset of presets) expect(of({ ...plain, preset })).toBeGreaterThanOrEqual(of(plain));
      }),
    );
  });

  it('is more where a mark is added', () => {
    const watermark = { variant: 'a' as const, keyId: '', salt: '', firstSegment: 0 };
    expect(of({ watermark })).toBeGreaterThan(of({}));
  });

  it('is of the score where a small rendition of a large picture is scored', () => {
    const reference = { width: 3840, height: 2160, pixelFormat: 'yuv420p' };
    const tiny = { width: 320, height: 180 };
    expect(of({ reference, resolution: tiny })).toBe(of({ reference, resolution: tiny, preset: 'slow' }));
    expect(of({ reference, resolution: tiny })).toBeGreaterThan(600e6);
  });

  it('covers every preset of a codec that is slower than its default', () => {
    const rises = (codec: Codec, preset: string): boolean =>
      of({ codec, preset }) > of({ codec, preset: profileOf(codec).defaultPreset });
    const rising = (codec: Codec): string[] =>
      profileOf(codec).presets.filter((preset) => rises(codec, preset));
    expect(CODECS.map(rising)).toEqual([
      ['slow', 'slower', 'veryslow', 'placebo'],
      ['slow', 'slower', 'veryslow', 'placebo'],
      ['0', '1', '2', '3', '4', '5'],
      ['0', '1'],
    ]);
  });
});
