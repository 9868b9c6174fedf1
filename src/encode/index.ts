export { type AssembleParams, type Assembled, assembleStage } from './assemble-stage.js';
export { scaleFilter } from './chunk-args.js';
export * from './curve/index.js';
export { encodeStage, probeStage } from './encode-stage.js';
export { gopFramesFor, gopStarts, segmentStartsOf } from './gop.js';
export { type PacketContext, groupsOf, readPackets } from './packets.js';
export { type CodecProfile, profileOf } from './profile/index.js';
export * from './search/index.js';
export type * from './types.js';
