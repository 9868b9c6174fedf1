export { createApi } from './app.js';
export { type CrossOriginHeaders, crossOrigin } from './cors.js';
export {
  type AdminPages,
  type Api,
  type ApiDeps,
  type ApiLimits,
  DEFAULT_LIMITS,
  type Masters,
} from './deps.js';
export type { Director } from './director.js';
export { refuseExceeded } from './gate.js';
export { routeNotFound, sendProblem } from './problem-handlers.js';
export { deliveredEvent } from './present.js';
export * from '../contract/index.js';
export { type RedisLockOptions, type UploadBytes, openUploads, redisLocks } from './uploads/index.js';
