export { WorkerNode } from './node.js';
