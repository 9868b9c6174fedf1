import { type Colour, type HdrMetadata, videoRangeOf } from '../../ingest/index.js';
import { REFERENCE_WHITE } from './curve.js';
import { HLG_PEAK, type HdrPrimaries } from './light.js';
import type { ToneMapping } from './lut.js';

/** What a PQ picture is taken to be graded for where it does not say, cd/m²: most displays for grading have that peak. */
const USUAL_PEAK = 1000;

/**
 * Brightest light of a PQ picture that must keep detail, cd/m²: its brightest pixel (MaxCLL), or the most that its grading
 * display could show, whichever is less. Light above that is cut off.
 */
function pqPeak({ masteringDisplay, contentLight }: HdrMetadata): number {
  const said = [
    ...(contentLight && contentLight.maxCll > 0 ? [contentLight.maxCll] : []),
    ...(masteringDisplay ? [Math.round(masteringDisplay.maxLuminance / 10_000)] : []),
  ];
  return Math.max(REFERENCE_WHITE, said.length > 0 ? Math.min(...said) : USUAL_PEAK);
}

/** How a picture becomes SDR; undefined where it is SDR. HLG is looked at on BT.2100's display, whatever it was graded on. */
export function toneMappingOf(picture: {
  colour: Required<Colour>;
  hdr?: HdrMetadata;
}): ToneMapping | undefined {
  const range = videoRangeOf(picture.colour.transfer);
  if (range === 'SDR') return undefined;
  const { primaries: tagged } = picture.colour;
  const primaries: HdrPrimaries = tagged === 'smpte432' || tagged === 'bt709' ? tagged : 'bt2020';
  return { range, primaries, peak: range === 'HLG' ? HLG_PEAK : pqPeak(picture.hdr ?? {}) };
}
