export type { OpenOptions } from './connect.js';
export { IN_MEMORY, databaseFolder, openDatabase } from './open.js';
export * from './types.js';
