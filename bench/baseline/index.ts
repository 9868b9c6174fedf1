export * from './apple.js';
export * from './fixed-ladder.js';
export * from './two-pass.js';
