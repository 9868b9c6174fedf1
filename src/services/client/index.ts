export { type Client, createClient } from './client.js';
export { type FollowOptions, hasEnded } from './follow.js';
export type { Connection } from './http.js';
export { titleFailure } from './problem.js';
export { type SseParser, type SseMessage, createSseParser } from './sse.js';
export type { Submitted, TitlePage, TitleQuery } from './titles.js';
export type { UploadEvent, UploadOptions, Uploaded } from './upload/upload.js';
