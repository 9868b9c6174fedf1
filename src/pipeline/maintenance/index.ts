export type { FsckFinding, FsckOptions, Problem } from './findings.js';
export { checkStore } from './fsck.js';
export { type Garbage, type GcOptions, type GcPlan, collectGarbage, planGc } from './gc.js';
export type { GcPolicy } from './gc-policy.js';
export { type PublishedFile, type TitleRefs, refsKey, writeRefs } from './refs.js';
