import { runWorker } from './run-worker.js';

/** A worker of all stages: `node dist/workers/all.js`, with the environment of `hullcast worker`. */
await runWorker(undefined);
