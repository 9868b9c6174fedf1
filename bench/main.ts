import { EXIT, HullcastError } from '../src/errors.js';
import { clusterBench } from './cluster.js';
import { codecsBench } from './codecs.js';
import { failureText } from './failure.js';
import { FLAGS_HELP } from './flags.js';
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
const BENCHES: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
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
};

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  const names = Object.keys(BENCHES).join(', ');
  process.stderr.write(
    `usage: npm run bench -- <name> [flags], with one of: ${names}\nflags of optimizer, codecs and score (of uploads: --gb <size>): ${FLAGS_HELP}\n`,
  );
  process.exit(EXIT.usage);
}
try {
  await bench(args);
  process.exit(0);
} catch (error) {
  process.stderr.write(`${failureText(error)}\n`);
  process.exit(error instanceof HullcastError ? error.exitCode : EXIT.failure);
}
