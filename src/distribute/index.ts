export { type PublishFile, checkOutput, publishFolder } from './publish.js';
