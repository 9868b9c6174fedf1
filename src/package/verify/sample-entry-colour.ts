import type { HdrMetadata } from '../../ingest/index.js';
import type { CodePoints } from '../cicp.js';

/** What mp4box makes of boxes inside a sample entry; it types none of them there. */
interface ColourBox {
  type: string;
  colour_type: string;
  colour_primaries: number;
  transfer_characteristics: number;
  matrix_coefficients: number;
}
interface Point {
  x: number;
  y: number;
}
interface MasteringBox {
  type: string;
  display_primaries: [green: Point, blue: Point, red: Point];
  white_point: Point;
  max_display_mastering_luminance: number;
  min_display_mastering_luminance: number;
}
interface LightBox {
  type: string;
  max_content_light_level: number;
  max_pic_average_light_level: number;
}

interface Entry {
  boxes?: { type: string }[] | undefined;
}

function boxOf<T>(entry: Entry | undefined, type: string): T | undefined {
  return entry?.boxes?.find((box) => box.type === type) as T | undefined;
}

/** The `colr` box of a sample entry, where it has one that says code points. */
export function colourOf(entry: Entry | undefined): CodePoints | undefined {
  const box = boxOf<ColourBox>(entry, 'colr');
  if (box?.colour_type !== 'nclx') return undefined;
  return {
    primaries: box.colour_primaries,
    transfer: box.transfer_characteristics,
    matrix: box.matrix_coefficients,
  };
}

/** The `mdcv` and `clli` boxes of a sample entry. */
export function lightOf(entry: Entry | undefined): HdrMetadata {
  const display = boxOf<MasteringBox>(entry, 'mdcv');
  const light = boxOf<LightBox>(entry, 'clli');
  const metadata: HdrMetadata = {};
  if (display) {
    const [green, blue, red] = display.display_primaries;
    metadata.masteringDisplay = {
      red: [red.x, red.y],
      green: [green.x, green.y],
      blue: [blue.x, blue.y],
      white: [display.white_point.x, display.white_point.y],
      minLuminance: display.min_display_mastering_luminance,
      maxLuminance: display.max_display_mastering_luminance,
    };
  }
  if (light) {
    metadata.contentLight = {
      maxCll: light.max_content_light_level,
      maxFall: light.max_pic_average_light_level,
    };
  }
  return metadata;
}
