export { type Bits, SESSION_BITS, type SessionBits, WORD_BITS, wordOf } from './code.js';
export { type Decoded, decodeWord } from './decode.js';
export { type SequenceCode, checkSession, sessionOf, variantSequence } from './sequence.js';
