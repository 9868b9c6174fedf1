export * from './embed.js';
export * from './keys.js';
export * from './pattern.js';
