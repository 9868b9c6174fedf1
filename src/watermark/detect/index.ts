export type { DetectContext } from './context.js';
export { type DetectRequest, type Detection, detect } from './detect.js';
export { MOST_DOUBT, type Verdict, decide } from './decide.js';
export type { Evidence } from './evidence.js';
