export { answerTo } from './answer-to.js';
