export {
  SESSION_BITS,
  type SequenceCode,
  type SessionBits,
  checkSession,
  variantSequence,
} from './code/index.js';
export * from './detect/index.js';
export { KEY_VARIABLE, otherKey, readWatermarkKey } from './key-file.js';
export {
  type EmbedFilter,
  VARIANTS,
  type Variant,
  type WatermarkKeys,
  deriveKeys,
  embedFilter,
  keyIdOf,
  patternArgs,
  patternFrames,
} from './mark/index.js';
export {
  type MarkedRendition,
  WATERMARK_FILE,
  WatermarkRecord,
  codeOf,
  keysFor,
  parseRecord,
  readRecord,
  segmentPath,
} from './record.js';
export { type SessionFile, sessionFiles } from './session-files.js';
