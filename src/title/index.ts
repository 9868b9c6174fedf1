export { type DrmOptions, contentIdOf } from './encryption.js';
export {
  type EncodedTitle,
  type TextFile,
  type TitleFiles,
  type TitleSetting,
  encodeTitle,
  planMaster,
} from './encode-title.js';
export { type TitleRequest, type TitleResult, titleFlow } from './flow.js';
export { type EncodeFacts, type JobFacts, encodeMeasure, jobFacts } from './job-facts.js';
export type { CodecChoice, TitleOptions } from './options.js';
export type { LadderPlan, TextPlan, TitlePlan } from './plan.js';
export { type DeliveryOptions, type TitleDelivery, shippedFiles } from './delivery.js';
export { DEVICE_CLASSES } from './device-classes.js';
export { DEVICE_NAMES, type DeviceName, deviceClass } from './devices.js';
export { parseLevels } from './levels.js';
export { candidateResolutions } from './resolutions.js';
export { type RungSpec, checkRungs, parseRungs } from './rungs.js';
export { buildReport } from './report.js';
export { reportPictures } from './report-pictures.js';
export { STAGES } from './stages.js';
export type { TextInput } from './texts.js';
export { type SubmittedTitle, submittedFlow } from './submitted.js';
