import { type BoxNode, boxIn, fieldsOf } from './node.js';

/** Code points of a colour description (ITU-T H.273). */
export interface CodePoints {
  primaries: number;
  transfer: number;
  matrix: number;
}

/** Static HDR metadata of a sample entry, in the units of its boxes. */
export interface Light {
  masteringDisplay?: {
    red: [x: number, y: number];
    green: [x: number, y: number];
    blue: [x: number, y: number];
    white: [x: number, y: number];
    minLuminance: number;
    maxLuminance: number;
  };
  contentLight?: { maxCll: number; maxFall: number };
}

export type Range = 'SDR' | 'PQ' | 'HLG';

/** VIDEO-RANGE of a transfer code point (draft-pantos-hls-rfc8216bis, 4.4.6.2). */
export function rangeOf({ transfer }: CodePoints): Range {
  if (transfer === 16) return 'PQ';
  return transfer === 18 ? 'HLG' : 'SDR';
}

/** The `colr` box of a sample entry, where it has one that says code points. */
export function colourOf(entry: BoxNode): CodePoints | undefined {
  const nclx = entry.children
    .map((box) => fieldsOf(box, 'colr'))
    .find((fields) => fields?.colour_type === 'nclx');
  if (!nclx) return undefined;
  const { colour_primaries, transfer_characteristics, matrix_coefficients } = nclx;
  return { primaries: colour_primaries, transfer: transfer_characteristics, matrix: matrix_coefficients };
}

/** The `mdcv` and `clli` boxes of a sample entry. */
export function lightOf(entry: BoxNode): Light {
  const display = fieldsOf(boxIn(entry.children, 'mdcv'), 'mdcv');
  const light = fieldsOf(boxIn(entry.children, 'clli'), 'clli');
  const found: Light = {};
  if (display) {
    const [green, blue, red] = display.display_primaries;
    if (green && blue && red) {
      found.masteringDisplay = {
        red: [red.x, red.y],
        green: [green.x, green.y],
        blue: [blue.x, blue.y],
        white: [display.white_point.x, display.white_point.y],
        minLuminance: display.min_display_mastering_luminance,
        maxLuminance: display.max_display_mastering_luminance,
      };
    }
  }
  if (light) {
    found.contentLight = {
      maxCll: light.max_content_light_level,
      maxFall: light.max_pic_average_light_level,
    };
  }
  return found;
}
