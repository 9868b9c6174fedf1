export { audioPlan, type PlannedAudio } from './audio/plan.js';
export { audioStage } from './audio/stage.js';
export { protectionConflict } from './drm/check.js';
export { titleKeys } from './drm/labels.js';
export { noKeyService } from './drm/protection.js';
export { packageStage } from './packager/stage.js';
export type * from './types.js';
export { FINDING_CODES, type FindingCode } from './verify/findings.js';
export { verifyStage } from './verify/stage.js';
