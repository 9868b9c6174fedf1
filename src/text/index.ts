export type * from './types.js';
export { isEncoding } from './encoding.js';
export { TEXT_FINDINGS, type TextFindingCode } from './findings.js';
export { checkTextFile } from './read/check.js';
export { textStage } from './stage.js';
export { streamKind } from './stream/codecs.js';
export { cueParts, formatCues, parseCues } from './webvtt-file.js';
