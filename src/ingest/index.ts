export type * from './types.js';
export { DEFAULT_LIMITS } from './accept.js';
export { isHdr, videoRangeOf } from './colour.js';
export { type Container, type Demuxer, sniffContainer } from './container.js';
export { FINDINGS, type FindingCode } from './findings.js';
export { inspectStage } from './inspect/stage.js';
export { examineFile } from './master-file.js';
export { type Probe, type ProbeOptions, probe } from './probe.js';
export { ingestStage } from './stage.js';
