export { type UploadBytes, uploadKey } from './bytes.js';
export { openUploads } from './open.js';
export { type RedisLockOptions, redisLocks } from './redis-locks.js';
export { uploadRoutes } from './routes.js';
export { startUploadSweep } from './sweep.js';
export { type Tus, createTus } from './tus.js';
