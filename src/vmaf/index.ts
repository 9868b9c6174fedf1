export { type InProcessRequest, scoreInProcess } from './in-process.js';
export { modelFor } from './model.js';
export { pool } from './pool.js';
export type { FrameSize, ScoreContext, ScoreRequest, ScoreSettings } from './request.js';
export { type ScoreOptions, score, scoreFiles } from './score-files.js';
export { type Subsample, factorFor } from './subsample.js';
export type * from './types.js';
