// What of the report runs in a browser too: words for numbers, scales, labels and colours. Nothing here needs Node.
export { kbitTick } from './figure.js';
export { bytes, clock, crfText, duration, fpsNumber, fpsText, grouped, kilobits, plural } from './format.js';
export { type PlacedLabel, placeLabels } from './labels.js';
export {
  SEQUENTIAL_DARK,
  SEQUENTIAL_LIGHT,
  SERIES_DARK,
  SERIES_LIGHT,
  markPath,
  vmafStep,
} from './palette.js';
export { type RankedResolution, rankResolutions, resolutionKey } from './resolutions.js';
export { type Scale, linearScale, logDomain, logScale, timeStep, vmafDomain } from './scale.js';
