export { IN_MEMORY, type OpenOptions, databaseFolder, openDatabase } from './open.js';
export * from './types.js';
