export { WorkerNode } from './node.js';
export { type RunningWorker, type WorkerOptions, startHost, startWorker } from './worker.js';
