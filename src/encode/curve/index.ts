export * from './allocate.js';
export * from './bd-rate.js';
export * from './hull.js';
export { type Interpolant, pchip } from './interpolate.js';
