import { readFileSync } from 'node:fs';
import pino from 'pino';
import { homeFolder, openHome, ArtifactStore, performStage } from '../src/pipeline/index.js';
import { badUsage, HullcastError } from '../src/errors.js';
import { createRunner, findTools } from '../src/media/index.js';
import { STAGES } from '../src/title/index.js';

function readParams(): unknown {
  try {
    return JSON.parse(readFileSync(0, 'utf8'));
  } catch (cause) {
    const hint = 'Give them on standard input, as the log of the failed job has them.';
    throw badUsage('STAGE_PARAMS', `the parameters are no JSON: ${(cause as Error).message}`, hint);
  }
}

/**
 * Does one job by hand: `node dist/workers/run-stage.js <stage> < params.json`, in HULLCAST_HOME. Prints the artifact as
 * JSON. For looking into a job that failed: its parameters are in the log, and its inputs in the store.
 */
async function main(): Promise<void> {
  const name = process.argv[2];
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (!stage) {
    const names = STAGES.map((candidate) => candidate.name).join(', ');
    throw badUsage('STAGE_NAME', `there is no stage ${name ?? ''}`, `Name one of: ${names}.`);
  }
  const params = readParams();
  const log = pino({ level: 'debug' }, pino.destination(2));
  const home = await openHome(homeFolder());
  try {
    const artifacts = new ArtifactStore(home.store, log);
    const tools = await findTools(createRunner({ log }));
    const performed = await performStage(stage, params, { artifacts, tools, scratch: home.scratch, log });
    process.stdout.write(`${JSON.stringify(performed, undefined, 2)}\n`);
  } finally {
    await home.release();
  }
}

await main().catch((error: unknown) => {
  const known = error instanceof HullcastError;
  const hint = known && error.hint !== undefined ? `\nhint: ${error.hint}` : '';
  process.stderr.write(`${known ? `error ${error.code}: ${error.message}${hint}` : String(error)}\n`);
  process.exitCode = known ? error.exitCode : 1;
});
