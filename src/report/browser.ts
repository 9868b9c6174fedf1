// What of the report runs in a browser too: words for numbers, scales, labels and colours. Nothing here needs Node.
export { clock, duration, fpsNumber, fpsText, grouped, kilobits, bytes, plural } from './format.js';
export { crfText, withoutCommonStart } from './format.js';
export { kbitTick } from './figure.js';
export { type PlacedLabel, placeLabels } from './labels.js';
export {
  SEQUENTIAL_DARK,
  SEQUENTIAL_LIGHT,
  SERIES_DARK,
  SERIES_LIGHT,
  markPath,
  seriesClass,
  textOn,
  vmafStep,
} from './palette.js';
export { type Scale, extent, linearScale, logDomain, logScale, timeStep, vmafDomain } from './scale.js';
