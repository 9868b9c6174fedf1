export { audioPlan, type PlannedAudio } from './audio/plan.js';
export { languageTag } from './audio/language.js';
export { audioStage } from './audio/stage.js';
export { type MadeText, type TextLabels, textTracks } from './text/plan.js';
export { packageStage } from './packager/stage.js';
export type * from './types.js';
export { FINDING_CODES, type FindingCode } from './verify/findings.js';
export { verifyStage } from './verify/stage.js';
