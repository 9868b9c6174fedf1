import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, profileOf } from '../../src/encode/index.js';
import { type Candidates, candidatesFor } from '../../src/title/candidates.js';
import { DEVICES } from '../../src/title/devices.js';
import type { TitleOptions } from '../../src/title/options.js';
import { parseRungs } from '../../src/title/rungs.js';

const PICTURE = { width: 1920, height: 1080, fps: { num: 24, den: 1 } };

type Limits = Pick<TitleOptions, 'maxHeight' | 'resolutions' | 'rungs' | 'maxLevel'>;

function candidates(limits: Limits, picture = PICTURE, codec: Codec = 'h264'): Candidates {
  return candidatesFor(codec, picture, limits as TitleOptions);
}

const sizes = ({ resolutions }: Candidates): string[] =>
  resolutions.map(({ width, height }) => `${width}x${height}`);

describe('the resolutions of a ladder', () => {
  it('are the classes within the picture unless something else is asked for', () => {
    expect(sizes(candidates({}))).toEqual([
      ...['1920x1080', '1280x720', '960x540', '768x432', '640x360', '416x234'],
    ]);
    expect(candidates({})).not.toHaveProperty('rungs');
    expect(candidates({})).not.toHaveProperty('peakCaps');
  });

  it('are only those that are named, largest first, in the shape of the picture', () => {
    expect(sizes(candidates({ resolutions: [480, 1080, 720] }))).toEqual([
      '1920x1080',
      '1280x720',
      '854x480',
    ]);
    const portrait = { ...PICTURE, width: 1080, height: 1920 };
    expect(sizes(candidates({ resolutions: [720, 540] }, portrait))).toEqual(['720x1280', '540x960']);
    expect(sizes(candidates({ resolutions: [804, 536] }, { ...PICTURE, height: 804 }))).toEqual([
      ...['1920x804', '1280x536'],
    ]);
  });

  it('leave out what is larger than the master, and say so', () => {
    const found = candidates({ resolutions: [2160, 1080] });
    expect(sizes(found)).toEqual(['1920x1080']);
    expect(found.findings).toEqual([
      {
        code: 'resolution-left-out',
        severity: 'info',
        message: '3840x2160 is left out: the master has 1920x1080',
      },
    ]);
    expect(candidates({ resolutions: [1080, 720], maxHeight: 720 }).findings[0]!.message).toBe(
      '1920x1080 is left out: the largest height allowed is 720',
    );
  });

  it('are never none', () => {
    expect(() => candidates({ resolutions: [2160] })).toThrow(
      expect.objectContaining({
        code: 'NO_RESOLUTION',
        exitCode: 2,
        message: expect.stringContaining('the master has 1920x1080') as string,
      }),
    );
    expect(() => candidates({ maxLevel: { h264: '2.1' } })).toThrow(
      expect.objectContaining({ code: 'NO_RESOLUTION' }),
    );
  });

  it('are those of the rungs where all rungs have one, else the classes too', () => {
    const sized = candidates({ rungs: parseRungs(['480p@vmaf=60', '1080p@vmaf=95']) });
    expect(sizes(sized)).toEqual(['1920x1080', '854x480']);
    expect(sized.rungs).toEqual([
      { resolution: { width: 854, height: 480 }, vmaf: 60 },
      { resolution: { width: 1920, height: 1080 }, vmaf: 95 },
    ]);
    expect(
      sizes(candidates({ rungs: parseRungs(['480p@vmaf=60', '@2M']), resolutions: [720, 480] })),
    ).toEqual([...['1280x720', '854x480']]);
    expect(sizes(candidates({ rungs: parseRungs(['1000p@vmaf=60', '@2M']) })).slice(0, 3)).toEqual([
      ...['1920x1080', '1778x1000', '1280x720'],
    ]);
  });

  it('refuse a rung larger than the master, with its size', () => {
    expect(() => candidates({ rungs: parseRungs(['1080p@2M', '1440p@vmaf=95']) })).toThrow(
      expect.objectContaining({
        code: 'RUNG_TOO_LARGE',
        exitCode: 2,
        message: 'rung `1440p@vmaf=95` is larger than the master, which has 1920x1080',
      }),
    );
  });
});

describe('levels', () => {
  it('leave out what needs a higher one at the frame rate', () => {
    const fps = { num: 60, den: 1 };
    const found = candidates({ maxLevel: { h264: '4.1' } }, { ...PICTURE, fps });
    expect(sizes(found)[0]).toBe('1280x720');
    expect(found.findings.map(({ message }) => message)).toEqual([
      '1920x1080 is left out: it needs more than h264 level 4.1 at this frame rate',
    ]);
    expect(sizes(candidates({ maxLevel: { h264: '4.1' } }))[0]).toBe('1920x1080');
    expect(sizes(candidates({ maxLevel: { hevc: '3.0' } }))[0]).toBe('1920x1080');
  });

  it('refuse a rung that needs a higher one', () => {
    expect(() => candidates({ rungs: parseRungs(['1080p@2M']), maxLevel: { h264: '3.1' } })).toThrow(
      expect.objectContaining({
        code: 'RUNG_TOO_LARGE',
        message: 'rung `1080p@2000k` needs more than h264 level 3.1 at this frame rate',
      }),
    );
  });

  it('cap segments at the rate of the level that the size needs', () => {
    const { peakCaps } = candidates({ maxLevel: { h264: '4.2' }, resolutions: [1080, 720] });
    expect(peakCaps).toEqual([
      { height: 1080, bitrate: 25_000_000 },
      { height: 720, bitrate: 17_500_000 },
    ]);
  });

  it('of every device class are kept for every codec that it plays, at usual sizes and rates', () => {
    const picture = fc.record({
      width: fc.constantFrom(3840, 1920, 1080, 640),
      height: fc.constantFrom(2160, 1920, 1080, 800),
      fps: fc.constantFrom({ num: 24, den: 1 }, { num: 30000, den: 1001 }, { num: 60, den: 1 }),
    });
    for (const { maxHeight, maxLevel } of Object.values(DEVICES)) {
      for (const [codec, level] of Object.entries(maxLevel) as [Codec, string][]) {
        fc.assert(
          fc.property(picture, (p) => {
            const { resolutions, peakCaps } = candidates({ maxHeight, maxLevel }, p, codec);
            expect(resolutions.length).toBeGreaterThan(0);
            for (const size of resolutions) {
              expect(Math.min(size.width, size.height)).toBeLessThanOrEqual(maxHeight);
              expect(Number(profileOf(codec).limits(size, p.fps).level)).toBeLessThanOrEqual(Number(level));
            }
            expect(peakCaps).toHaveLength(resolutions.length);
          }),
          { numRuns: 40 },
        );
      }
    }
  });
});

describe('device classes', () => {
  it.each([
    ['tv-4k', 'hevc', 2160, 60],
    ['tv-4k', 'av1', 2160, 60],
    ['tv-4k', 'vp9', 2160, 60],
    ['tv-hd', 'h264', 1080, 60],
    ['tv-hd', 'hevc', 1080, 60],
    ['web', 'h264', 1080, 60],
    ['mobile', 'h264', 1080, 30],
    ['mobile', 'av1', 1080, 30],
    ['legacy', 'h264', 720, 30],
  ] as const)('%s plays %s at %ip%i', (name, codec, height, rate) => {
    const picture = { width: (height * 16) / 9, height, fps: { num: rate, den: 1 } };
    const { maxHeight, maxLevel } = DEVICES[name];
    expect(candidates({ maxHeight, maxLevel }, picture, codec).resolutions[0]!.height).toBe(height);
  });

  it('grow from legacy to tv-4k', () => {
    const order = [DEVICES.legacy, DEVICES.mobile, DEVICES.web, DEVICES['tv-hd'], DEVICES['tv-4k']];
    order.slice(1).forEach((device, i) => {
      expect(device.maxBitrate).toBeGreaterThan(order[i]!.maxBitrate);
      expect(device.maxHeight).toBeGreaterThanOrEqual(order[i]!.maxHeight);
      expect(Number(device.maxLevel.h264)).toBeGreaterThanOrEqual(Number(order[i]!.maxLevel.h264));
    });
  });
});
