export { type FsckFinding, type FsckOptions, type Problem, checkStore } from './fsck.js';
export { type Garbage, type GcOptions, type GcPlan, collectGarbage, planGc } from './gc.js';
export type { GcPolicy } from './gc-policy.js';
export { type TitleRefs, refsKey, writeRefs } from './refs.js';
