import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import { type RungSpec, checkRungs, parseRungs, rungText } from '../../src/title/rungs.js';

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(HullcastError);
    expect(error).toMatchObject({ code: 'RUNGS_INVALID', exitCode: 2 });
    expect((error as HullcastError).hint).toContain('1080p@vmaf=95');
    return (error as HullcastError).message;
  }
  throw new Error('was not refused');
}

describe('parseRungs', () => {
  it('reads heights, VMAF and bit rates', () => {
    expect(parseRungs(['1080p@vmaf=95', '720p@2500k', '@vmaf=60.5', '480p@1.2M', '@800k'])).toEqual([
      { height: 1080, vmaf: 95 },
      { height: 720, bitrate: 2_500_000 },
      { vmaf: 60.5 },
      { height: 480, bitrate: 1_200_000 },
      { bitrate: 800_000 },
    ]);
  });

  it('reads what rungText writes', () => {
    const spec: fc.Arbitrary<RungSpec> = fc
      .tuple(
        fc.option(fc.integer({ min: 32, max: 2160 }), { nil: undefined }),
        fc.oneof(
          fc.record({ vmaf: fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10) }),
          fc.record({ bitrate: fc.integer({ min: 10, max: 900_000 }).map((kbits) => kbits * 1000) }),
        ),
      )
      .map(([half, goal]) => (half === undefined ? goal : { height: 2 * half, ...goal }));
    fc.assert(
      fc.property(spec, (rung) => {
        expect(parseRungs([rungText(rung)])).toEqual([rung]);
      }),
    );
  });

  it.each([
    ['1080p', '`1080p` has no @'],
    ['', '`` has no @'],
    ['1080p@', '`1080p@` has neither a VMAF nor a bit rate after the @'],
    ['1080@vmaf=95', '`1080@vmaf=95`: `1080` is no height, which is pixels and a p'],
    ['1920x1080@2M', '`1920x1080@2M`: `1920x1080` is no height, which is pixels and a p'],
    ['62p@2M', '`62p@2M`: a height is an even number from 64 to 4320'],
    ['721p@2M', '`721p@2M`: a height is an even number from 64 to 4320'],
    ['4322p@2M', '`4322p@2M`: a height is an even number from 64 to 4320'],
    ['720p@vmaf=101', '`720p@vmaf=101`: VMAF goes from 0 to 100'],
    ['720p@vmaf95', '`720p@vmaf95`: `vmaf95` is not vmaf= and a number'],
    ['720p@vmaf=', '`720p@vmaf=`: `vmaf=` is not vmaf= and a number'],
    ['720p@2500', '`720p@2500`: a bit rate ends with k or M (kbit/s, Mbit/s)'],
    ['720p@2500kbps', '`720p@2500kbps`: a bit rate ends with k or M (kbit/s, Mbit/s), not with kbps'],
    ['720p@2m', '`720p@2m`: a bit rate ends with k or M (kbit/s, Mbit/s), not with m'],
    ['720p@-5k', '`720p@-5k`: `-5k` is neither a VMAF nor a bit rate'],
    ['720p@5k', '`720p@5k`: a bit rate is from 10k to 1000M'],
    ['720p@2M@3M', '`720p@2M@3M` has more than one @'],
  ])('refuses %j with the entry, what is wrong and the form', (entry, message) => {
    expect(refusal(() => parseRungs(['@vmaf=60', entry]))).toBe(`encode.rungs: ${message}`);
  });

  it('refuses the same rung twice, however it is written', () => {
    expect(refusal(() => parseRungs(['@vmaf=60', '720p@2M', '@vmaf=60']))).toBe(
      'encode.rungs: `@vmaf=60` is there twice',
    );
    expect(refusal(() => parseRungs(['720p@2M', '720p@2000k']))).toBe(
      'encode.rungs: `720p@2000k` is there twice (as `720p@2M`)',
    );
  });

  it('never fails in another way', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (entries) => {
        try {
          parseRungs(entries);
        } catch (error) {
          expect(error).toMatchObject({ code: 'RUNGS_INVALID' });
        }
      }),
    );
  });
});

describe('checkRungs', () => {
  const rungs = parseRungs(['1080p@vmaf=95', '720p@2500k', '@vmaf=60']);

  it('takes what lies within the limits', () => {
    checkRungs(rungs, {});
    checkRungs(rungs, { maxHeight: 1080, maxBitrate: 2_500_000, resolutions: [1080, 720] });
  });

  it.each([
    [
      { maxHeight: 720 },
      '`1080p@vmaf=95` is higher than the 720 pixels that encode.maxHeight or the device allows',
    ],
    [{ resolutions: [1080, 480] }, '`720p@2500k` is none of encode.resolutions (1080, 480)'],
    [
      { maxBitrate: 2_000_000 },
      '`720p@2500k` is above the 2000000 bit/s that encode.maxBitrate or the device allows',
    ],
  ])('refuses what does not: %j', (caps, message) => {
    expect(refusal(() => checkRungs(rungs, caps))).toBe(`encode.rungs: ${message}`);
  });
});
