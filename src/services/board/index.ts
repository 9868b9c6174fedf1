export { BOARD_PATH, queueBoard } from './board.js';
