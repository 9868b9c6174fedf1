export { keyIdOf } from './key-id.js';
export { SecretKey } from './secret-key.js';
export type * from './types.js';
