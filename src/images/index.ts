export { imageEncoder } from './encoder.js';
export { imagesStage } from './stage.js';
export type * from './types.js';
