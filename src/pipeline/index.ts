export type * from './events.js';
export type * from './stage.js';
