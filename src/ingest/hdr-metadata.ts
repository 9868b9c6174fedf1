import { parseRational } from '../media/index.js';
import type { SideData } from './probe-json.js';
import type { Chromaticity, ContentLight, HdrMetadata, MasteringDisplay } from './types.js';

/** Units of ST 2086 as HEVC, AV1 and MP4 have them: chromaticities of 1/50000, luminances of 0.0001 cd/m². */
const CHROMATICITY_UNITS = 50_000;
const LUMINANCE_UNITS = 10_000;

/** The most that PQ can say, cd/m². */
const PQ_PEAK = 10_000;

/** Least area of the triangle of primaries, in units of x × y: that of BT.709 is 0.11. */
const LEAST_GAMUT = 0.02;

/** What the container and the decoder say of a picture's light. */
export interface HdrFacts {
  /** Undefined where nothing valid is said. */
  metadata: HdrMetadata | undefined;
  /** Why metadata that is there is not used. */
  faults: string[];
  /** Kinds of metadata that change from scene to scene, e.g. `HDR10+`. */
  dynamic: string[];
}

const inUnits = (text: string | undefined, units: number): number | undefined => {
  const value = parseRational(text);
  return value ? Math.round((value.num / value.den) * units) : undefined;
};

function point(x: string | undefined, y: string | undefined): Chromaticity | undefined {
  const [inX, inY] = [inUnits(x, CHROMATICITY_UNITS), inUnits(y, CHROMATICITY_UNITS)];
  return inX === undefined || inY === undefined ? undefined : [inX, inY];
}

/** Twice the signed area of a triangle, in units of x × y; positive where it is run through counter-clockwise. */
function turn([ax, ay]: Chromaticity, [bx, by]: Chromaticity, [cx, cy]: Chromaticity): number {
  return ((bx - ax) * (cy - ay) - (by - ay) * (cx - ax)) / CHROMATICITY_UNITS ** 2;
}

const isColour = ([x, y]: Chromaticity): boolean => x > 0 && y > 0 && x + y <= CHROMATICITY_UNITS;

/**
 * What is wrong with a mastering display, in words; undefined where nothing is. Ranges are those of H.265 D.3.28, but
 * that a least luminance of 0 is taken for "not known", as it is used. Red, green and blue lie counter-clockwise in every
 * display: another order is that of a writer who took them for each other.
 */
export function masteringDisplayFault(display: MasteringDisplay): string | undefined {
  const { red, green, blue, white, minLuminance, maxLuminance } = display;
  if (![red, green, blue, white].every(isColour)) return 'a primary or the white point is no colour';
  if (turn(red, green, blue) < 2 * LEAST_GAMUT) return 'the primaries span no gamut, or are in another order';
  const inside = [turn(red, green, white), turn(green, blue, white), turn(blue, red, white)];
  if (inside.some((side) => side <= 0)) return 'the white point lies outside the primaries';
  if (maxLuminance < 5 * LUMINANCE_UNITS || maxLuminance > PQ_PEAK * LUMINANCE_UNITS) {
    return `a peak of ${maxLuminance / LUMINANCE_UNITS} cd/m² is outside 5..${PQ_PEAK}`;
  }
  if (minLuminance > 5 * LUMINANCE_UNITS || minLuminance >= maxLuminance) {
    return `a black level of ${minLuminance / LUMINANCE_UNITS} cd/m² is none`;
  }
  return undefined;
}

/** What is wrong with a content light level (CTA-861.3, cd/m²; 0 is "not known"), in words. */
export function contentLightFault({ maxCll, maxFall }: ContentLight): string | undefined {
  if (maxCll > PQ_PEAK) return `a MaxCLL of ${maxCll} cd/m² is above ${PQ_PEAK}`;
  if (maxFall > maxCll) return `a MaxFALL of ${maxFall} cd/m² is above the MaxCLL of ${maxCll}`;
  return undefined;
}

const isMastering = (data: SideData): boolean => data.side_data_type === 'Mastering display metadata';
const isContentLight = (data: SideData): boolean => data.side_data_type === 'Content light level metadata';

function masteringDisplayOf(data: SideData): MasteringDisplay | string {
  const [red, green] = [point(data.red_x, data.red_y), point(data.green_x, data.green_y)];
  const [blue, white] = [point(data.blue_x, data.blue_y), point(data.white_point_x, data.white_point_y)];
  const minLuminance = inUnits(data.min_luminance, LUMINANCE_UNITS);
  const maxLuminance = inUnits(data.max_luminance, LUMINANCE_UNITS);
  if (!red || !green || !blue || !white || minLuminance === undefined || maxLuminance === undefined) {
    return 'primaries or luminances are missing';
  }
  const display = { red, green, blue, white, minLuminance, maxLuminance };
  return masteringDisplayFault(display) ?? display;
}

/** `undefined` where both levels are 0: that says that they are not known. */
function contentLightOf({ max_content, max_average }: SideData): ContentLight | string | undefined {
  if (max_content === undefined || max_average === undefined) return 'a level is missing';
  if (max_content === 0 && max_average === 0) return undefined;
  const light = { maxCll: max_content, maxFall: max_average };
  return contentLightFault(light) ?? light;
}

/** Kinds of dynamic metadata by how libavutil names their side data. */
const DYNAMIC: readonly (readonly [RegExp, string])[] = [
  [/2094-40|HDR10\+/, 'HDR10+'],
  [/DOVI|Dolby Vision/, 'Dolby Vision'],
  [/CUVA|Vivid/, 'HDR Vivid'],
];

/**
 * Reads side data, the container's before the decoder's: of each kind the first that is sound counts. A frame is asked
 * only at the title's beginning; values that change on the way are not seen.
 */
export function hdrFacts(sideData: readonly SideData[]): HdrFacts {
  const faults: string[] = [];
  const pick = <T extends object>(what: string, found: (T | string | undefined)[]): T | undefined => {
    const sound = found.find((each) => typeof each === 'object');
    const fault = found.find((each) => typeof each === 'string');
    if (!sound && fault !== undefined) faults.push(`${what}: ${fault}`);
    return sound;
  };
  const masteringDisplay = pick(
    'mastering display',
    sideData.filter(isMastering).map((data) => masteringDisplayOf(data)),
  );
  const contentLight = pick(
    'content light level',
    sideData.filter(isContentLight).map((data) => contentLightOf(data)),
  );
  const names = sideData.map((data) => data.side_data_type ?? '');
  return {
    metadata:
      masteringDisplay || contentLight
        ? { ...(masteringDisplay && { masteringDisplay }), ...(contentLight && { contentLight }) }
        : undefined,
    faults,
    dynamic: DYNAMIC.filter(([pattern]) => names.some((name) => pattern.test(name))).map(([, kind]) => kind),
  };
}

/**
 * True for Dolby Vision whose base layer is in a colour space of its own (profile 5, and 10 or 20 without a compatible
 * layer): decoded without its metadata, it is green and purple.
 */
export function needsDolbyVision(sideData: readonly SideData[]): boolean {
  return sideData.some(
    ({ dv_profile: profile, dv_bl_signal_compatibility_id: compatible }) =>
      profile === 5 || (profile !== undefined && profile >= 10 && compatible === 0),
  );
}

/** Metadata in words, e.g. `mastered at 0.0001..1000 cd/m², MaxCLL 1000, MaxFALL 400 cd/m²`. */
export function describeHdrMetadata(metadata: HdrMetadata | undefined): string {
  const { masteringDisplay: display, contentLight: light } = metadata ?? {};
  const range = (units: number): number => units / LUMINANCE_UNITS;
  const parts = [
    ...(display ? [`mastered at ${range(display.minLuminance)}..${range(display.maxLuminance)} cd/m²`] : []),
    ...(light ? [`MaxCLL ${light.maxCll}, MaxFALL ${light.maxFall} cd/m²`] : []),
  ];
  return parts.length > 0 ? parts.join(', ') : 'no static metadata';
}
