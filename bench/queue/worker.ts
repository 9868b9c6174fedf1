import pino from 'pino';
import { Gate, redisQueue } from '../../src/pipeline/index.js';
import { FILM_STAGES } from './graph.js';

/** A worker process of the benchmark: takes the jobs of every stage, and does nothing in them. */
const PLACES = 8;

const log = pino({ level: 'warn' }, process.stderr);
const backend = redisQueue(process.env['HULLCAST_QUEUE'] ?? '', log);
await backend.start();
const gate = new Gate({ size: PLACES, order: FILM_STAGES });
let first = true;
const workers = FILM_STAGES.map((stage) => {
  const worker = backend.worker<{ job: string }, object>(
    stage,
    (job) => {
      if (first) process.send?.('first');
      first = false;
      return Promise.resolve({ key: job.id, cached: false, spent: 0 });
    },
    { gate },
  );
  worker.on('error', (error) => log.error({ stage, error: String(error) }, 'queue worker'));
  return worker;
});
await Promise.all(workers.map((worker) => worker.waitUntilReady()));
process.send?.('ready');
process.once('message', () => {
  void Promise.all(workers.map((worker) => worker.close()))
    .then(() => backend.stop())
    .then(() => process.disconnect());
});
