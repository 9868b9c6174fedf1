export { LUMA_HEIGHT, LUMA_WIDTH } from './luma.js';
export { LumaReader as FrameReader } from './luma-reader.js';
export { chunkStage } from './stage.js';
export { SDR_COLOUR, SDR_FORMAT, TABLE as TONE_MAP_TABLE, scaleMatrix } from './tone-map/args.js';
export type { ToneMapping } from './tone-map/lut.js';
export { toneMappingOf } from './tone-map/mapping.js';
export {
  type ToneMapParams,
  type ToneMapped,
  tableOf as toneMapTable,
  toneMapStage,
} from './tone-map/stage.js';
export type * from './types.js';
