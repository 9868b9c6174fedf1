export * from './ffmpeg.js';
export * from './ffprobe.js';
export type { FfmpegProgress } from './progress.js';
export * from './rational.js';
export * from './run.js';
export * from './source.js';
export * from './tools.js';
export type { Usage } from './usage.js';
export { parseProcStat } from './usage.js';
