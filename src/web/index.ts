export { mimeType } from './mime.js';
export { type PlayerConfig, playerHtml } from './player.js';
export { PLAYER_SCRIPT } from './player-script.js';
export { PLAYER_STYLE } from './player-style.js';
export { type ByteRange, parseRange } from './range.js';
export { fileBelow, sendFile, sendText } from './static-files.js';
