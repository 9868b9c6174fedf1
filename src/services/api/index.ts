export type { Director } from './director.js';
export * from './schema.js';
