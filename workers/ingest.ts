import { runWorker } from './run-worker.js';

/** A worker of one stage: `node dist/workers/ingest.js`, with the environment of `hullcast worker`. */
await runWorker(['ingest']);
