import type { Resolution } from '../../src/encode/index.js';
import { even } from '../../src/media/index.js';

/** One rung of a ladder that is the same for every title. */
export interface FixedRung {
  /** Size of the picture. In a table: for 16:9, the box that other shapes are fitted into. */
  resolution: Resolution;
  /** Average bit rate that the encoder is told, bit/s. */
  bitrate: number;
}

function ladder(rows: readonly (readonly [width: number, height: number, kbits: number])[]): FixedRung[] {
  return rows.map(([width, height, kbits]) => ({ resolution: { width, height }, bitrate: kbits * 1000 }));
}

/** H.264 up to 30 fps; HLS Authoring Specification for Apple Devices, video average bit rates, 16:9. */
export const APPLE_H264: readonly FixedRung[] = ladder([
  [416, 234, 145],
  [640, 360, 365],
  [768, 432, 730],
  [768, 432, 1100],
  [960, 540, 2000],
  [1280, 720, 3000],
  [1280, 720, 4500],
  [1920, 1080, 6000],
  [1920, 1080, 7800],
]);

/**
 * HEVC at 30 fps, SDR; same source. Its note that other frame rates need other bit rates (about a fifth less at
 * 24 fps) is not applied here.
 */
export const APPLE_HEVC: readonly FixedRung[] = ladder([
  [640, 360, 145],
  [768, 432, 300],
  [960, 540, 600],
  [960, 540, 900],
  [960, 540, 1600],
  [1280, 720, 2400],
  [1280, 720, 3400],
  [1920, 1080, 4500],
  [1920, 1080, 5800],
  [2560, 1440, 8100],
  [3840, 2160, 11_600],
  [3840, 2160, 16_800],
]);

/** A source this little smaller than a box (a cropped 1080p, say) is encoded at its own size, not one rung lower. */
const NEARLY = 1.05;

/** The largest even size of the source's shape in `box`; undefined where that would enlarge the source. */
function fit(source: Resolution, box: Resolution): Resolution | undefined {
  const scale = Math.min(box.width / source.width, box.height / source.height);
  if (scale > NEARLY) return undefined;
  if (scale >= 1) return source;
  return { width: even(source.width * scale), height: even(source.height * scale) };
}

/**
 * The rungs of a table that a source of this size gets: its shape is kept (even width and height), nothing is
 * enlarged, and boxes are turned for a source that is taller than wide. Empty for a source smaller than the least box.
 */
export function rungsFor(table: readonly FixedRung[], source: Resolution): FixedRung[] {
  const tall = source.height > source.width;
  return table.flatMap(({ resolution: { width, height }, bitrate }) => {
    const resolution = fit(source, tall ? { width: height, height: width } : { width, height });
    return resolution ? [{ resolution, bitrate }] : [];
  });
}
