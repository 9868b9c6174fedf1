import { runWorker } from './run-worker.js';

/** A worker of one stage: `node dist/workers/images.js`, with the environment of `hullcast worker`. */
await runWorker(['images']);
