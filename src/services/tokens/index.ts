export { type MadeToken, digestOf, makeToken, tokenIdOf } from './secret.js';
