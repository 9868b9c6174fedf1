export { type EncodedTitle, type TitleSetting, encodeTitle, planMaster } from './encode-title.js';
export { type TitleRequest, type TitleResult, titleFlow } from './flow.js';
export type { CodecChoice, TitleOptions } from './options.js';
export type { LadderPlan, TitlePlan } from './plan.js';
export { DEVICE_NAMES, type DeviceName, deviceClass } from './devices.js';
export { parseLevels } from './levels.js';
export { candidateResolutions } from './resolutions.js';
export { type RungSpec, checkRungs, parseRungs } from './rungs.js';
export { STAGES } from './stages.js';
