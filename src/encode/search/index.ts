export { properLadder } from './proper.js';
export { crfUnit, priorOf } from './prior.js';
export { missesOf, repairOf, withRepairs, type Miss } from './repair.js';
export { chooseLadder, plan, wantedIn, type FoundRung } from './search.js';
export type * from './types.js';
