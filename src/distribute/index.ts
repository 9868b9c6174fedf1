export { type OriginFile, originPrefix, publishToOrigin, removeFromOrigin } from './origin.js';
export { type PublishFile, checkOutput, publishFolder } from './publish.js';
