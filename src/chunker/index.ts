export { LUMA_HEIGHT, LUMA_WIDTH } from './luma.js';
export { chunkStage } from './stage.js';
export { SDR_COLOUR, SDR_FORMAT } from './tone-map/args.js';
export type { ToneMapping } from './tone-map/lut.js';
export { toneMappingOf } from './tone-map/mapping.js';
export { type ToneMapParams, type ToneMapped, toneMapStage } from './tone-map/stage.js';
export type * from './types.js';
