export { LUMA_HEIGHT, LUMA_WIDTH } from './luma.js';
export { chunkStage } from './stage.js';
export type * from './types.js';
