import { clusterBench } from './cluster.js';
import { codecsBench } from './codecs.js';
import { memoryBench } from './memory/index.js';
import { optimizerBench } from './optimizer.js';
import { overheadBench } from './overhead.js';
import { packagingBench } from './packaging.js';
import { planningBench } from './planning.js';
import { queueBench } from './queue/index.js';
import { scoreBench } from './score-every.js';
import { uploadsBench } from './uploads.js';
import { verifyBench } from './verify.js';
import { watermarkBench } from './watermark.js';
import { workersBench } from './workers.js';

/** Benchmarks by name; each can be run alone: `npm run bench -- <name>`. */
export const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  optimizer: optimizerBench,
  codecs: codecsBench,
  score: scoreBench,
  overhead: overheadBench,
  packaging: packagingBench,
  planning: planningBench,
  uploads: uploadsBench,
  queue: queueBench,
  workers: workersBench,
  watermark: watermarkBench,
  cluster: clusterBench,
  verify: verifyBench,
  memory: memoryBench,
};
