import type { Chromaticity, HdrMetadata, MasteringDisplay } from '../../ingest/index.js';

/** Steps of ST 2086 in one unit of chromaticity and in one cd/m². */
const CHROMATICITY_STEPS = 50_000;
const LUMINANCE_STEPS = 10_000;

function display(
  { red, green, blue, white, minLuminance, maxLuminance }: MasteringDisplay,
  point: (chromaticity: Chromaticity) => string,
  luminance: (steps: number) => string,
): string {
  const [peak, black] = [luminance(maxLuminance), luminance(minLuminance)];
  return `G(${point(green)})B(${point(blue)})R(${point(red)})WP(${point(white)})L(${peak},${black})`;
}

/** x265's parameters for static metadata: chromaticities and luminances in steps. */
export function x265Hdr({ masteringDisplay, contentLight }: HdrMetadata): string[] {
  const steps = (chromaticity: Chromaticity): string => chromaticity.join();
  return [
    ...(masteringDisplay ? [`master-display=${display(masteringDisplay, steps, String)}`] : []),
    ...(contentLight ? [`max-cll=${contentLight.maxCll},${contentLight.maxFall}`] : []),
  ];
}

/** SVT-AV1's parameters for static metadata: chromaticities of 1 and cd/m². Five decimals hold a step exactly. */
export function svtHdr({ masteringDisplay, contentLight }: HdrMetadata): string[] {
  const point = (xy: Chromaticity): string => xy.map((v) => (v / CHROMATICITY_STEPS).toFixed(5)).join();
  const luminance = (steps: number): string => (steps / LUMINANCE_STEPS).toFixed(4);
  return [
    ...(masteringDisplay ? [`mastering-display=${display(masteringDisplay, point, luminance)}`] : []),
    ...(contentLight ? [`content-light=${contentLight.maxCll},${contentLight.maxFall}`] : []),
  ];
}
