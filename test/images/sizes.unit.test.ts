import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toRgb } from '../../src/images/pixels.js';
import { fittedEven, posterSizes, sheetGrid, tileSize } from '../../src/images/sizes.js';

describe('sizes', () => {
  it.each([
    ['wide', 1920, 1080, [320, 180], [640, 360]],
    ['scope', 1920, 804, [320, 134], [640, 268]],
    ['upright', 1080, 1920, [180, 320], [360, 640]],
    ['small', 200, 150, [200, 150], [200, 150]],
  ])('of %s pictures', (_, width, height, tile, clip) => {
    expect(Object.values(tileSize({ width, height }))).toEqual(tile);
    expect(Object.values(fittedEven({ width, height }, 640))).toEqual(clip);
  });

  it('of posters are three, and fewer and never larger for small pictures', () => {
    const widths = (width: number, height: number): number[] =>
      posterSizes({ width, height }).map((size) => size.width);
    expect(widths(3840, 2160)).toEqual([1280, 640, 320]);
    expect(widths(1280, 720)).toEqual([1280, 640, 320]);
    expect(widths(854, 480)).toEqual([854, 640, 320]);
    expect(widths(640, 360)).toEqual([640, 320]);
    expect(widths(96, 54)).toEqual([96]);
    expect(posterSizes({ width: 1080, height: 1920 })[0]).toEqual({ width: 720, height: 1280 });
  });

  it('keep the aspect within a pixel', () => {
    const side = fc.integer({ min: 64, max: 8000 });
    fc.assert(
      fc.property(side, side, (width, height) => {
        for (const size of posterSizes({ width, height })) {
          const factor = Math.max(size.width, size.height) / Math.max(width, height);
          expect(Math.abs(size.width - width * factor)).toBeLessThanOrEqual(1);
          expect(Math.abs(size.height - height * factor)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('of sheets are ten by ten, or what few thumbnails fill', () => {
    const grids = [1, 6, 10, 11, 100, 101, 1440].map((count) => Object.values(sheetGrid(count)).join('x'));
    expect(grids).toEqual(['1x1', '6x1', '10x1', '10x2', '10x10', '10x10', '10x10']);
  });
});

describe('pixels', () => {
  const colour = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt470bg', range: 'tv' } as const;
  const exact = 'accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';

  it('are scaled and turned into RGB in one step, by the matrix of the picture', () => {
    expect(toRgb({ colour }, { width: 320, height: 180 })).toBe(
      `scale=320:180:flags=area+${exact}:in_range=limited:in_color_matrix=bt470:out_range=full,format=rgb24`,
    );
  });

  it('of HDR go through the table of tone mapping at the small size', () => {
    const hdr = { ...colour, transfer: 'smpte2084', matrix: 'bt2020nc' };
    const mapping = { range: 'PQ', primaries: 'bt2020', peak: 1000 } as const;
    expect(toRgb({ colour: hdr, mapping }, { width: 320, height: 180 })).toBe(
      `scale=320:180:flags=area+${exact}:in_range=limited:in_color_matrix=bt2020:out_range=full,format=gbrp16le,` +
        `lut3d=file=tone-map.cube:interp=tetrahedral,scale=flags=${exact},format=rgb24`,
    );
  });
});
