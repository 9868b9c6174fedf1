export { type EncodedTitle, type TitleSetting, encodeTitle, planMaster } from './encode-title.js';
export { type TitleRequest, type TitleResult, titleFlow } from './flow.js';
export type { TitleOptions } from './options.js';
export type { TitlePlan } from './plan.js';
export { candidateResolutions } from './resolutions.js';
export { STAGES } from './stages.js';
