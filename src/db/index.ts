export { IN_MEMORY, type OpenOptions, openDatabase } from './open.js';
export * from './types.js';
