export { toX264 } from './prior.js';
export { properLadder } from './proper.js';
export type { FoundRung } from './found.js';
export { isHeldByPeak, missesOf, repairOf, repairsOf, withRepairs, type Miss } from './repair.js';
export { chooseLadder, plan, wantedIn } from './search.js';
export { meetsTarget } from './targets.js';
export type * from './types.js';
