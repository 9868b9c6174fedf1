export { type UploadBytes, uploadKey } from './bytes.js';
export { diskUploads } from './disk.js';
export { uploadRoutes } from './routes.js';
export { startUploadSweep } from './sweep.js';
export { type Tus, createTus } from './tus.js';
