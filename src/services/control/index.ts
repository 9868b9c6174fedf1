export { type Control, type ControlOptions, startControl } from './control.js';
export { titleMaking } from './making.js';
export { type ControlPlane, type ServeOptions, startControlPlane } from './serve.js';
export type { TitleMaking } from './title-runs.js';
