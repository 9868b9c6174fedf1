import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { geometric } from '../../../src/services/metrics/instruments.js';
import { SIZE_CLASSES, codecLabel, encodeLabels, sizeClass } from '../../../src/services/metrics/labels.js';

describe('labels', () => {
  it('names the class that a picture fits into, whichever way it stands', () => {
    expect(sizeClass(1920, 1080)).toBe('1080p');
    expect(sizeClass(1080, 1920)).toBe('1080p');
    expect(sizeClass(1920, 800)).toBe('1080p'); // a wide picture costs what its rows are, rounded up
    expect(sizeClass(640, 360)).toBe('360p');
    expect(sizeClass(642, 361)).toBe('480p');
    expect(sizeClass(8192, 4320)).toBe('4320p');
    expect(sizeClass(9000, 5000)).toBe('larger');
  });

  it('take values of a list only, whatever comes in', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.string(), (width, height, codec) => {
        expect(SIZE_CLASSES).toContain(sizeClass(width, height));
        expect(['h264', 'hevc', 'av1', 'vp9', 'other']).toContain(codecLabel(codec));
      }),
    );
    expect(codecLabel(undefined)).toBe('other');
  });

  it('never give a smaller class to a larger picture', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), fc.nat(500), (width, height, more) => {
        const rank = (w: number, h: number): number => SIZE_CLASSES.indexOf(sizeClass(w, h));
        expect(rank(width + more, height + more)).toBeGreaterThanOrEqual(rank(width, height));
      }),
    );
  });

  it('are of encodes only', () => {
    expect(encodeLabels({ codec: 'av1', width: 1280, height: 720, frames: 9 })).toEqual({
      ...{ codec: 'av1', size: '720p' },
    });
    expect(encodeLabels({ frames: 9 })).toBeUndefined();
    expect(encodeLabels({ codec: 'h264', frames: 9 })).toBeUndefined(); // a rung that is joined
  });
});

describe('buckets', () => {
  it('grow by their ratio', () => {
    expect(geometric(0.25, 2, 6)).toEqual([0.25, 0.5, 1, 2, 4, 8]);
    expect(geometric(0.001, 4, 10).at(-1)).toBe(262);
  });
});
