import { InvalidArgumentError } from 'commander';
import { badUsage } from '../errors.js';
import { findTools } from '../media/index.js';
import { bytes } from '../report/index.js';
import { engineSettings } from '../services/engines/index.js';
import { parseListen } from '../services/health/index.js';
import { addConfigOptions, loadConfig, memoryOf, slotsOf } from './config.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { readSeconds } from './serve.js';
import { runService } from './service/service.js';
import { HULLCAST_VERSION } from './version.js';

const LISTEN = 'HULLCAST_HEALTH_LISTEN';
const DEFAULT_LISTEN = '127.0.0.1:9090';
const DRAIN_SECONDS = 30;

function readStages(text: string): string[] {
  const stages = text.split(',').filter((stage) => stage !== '');
  if (stages.length === 0) throw new InvalidArgumentError('Allowed is a list of stages with commas.');
  return stages;
}

/** `probe=2,package=1` */
function readLimits(text: string): Record<string, number> {
  return Object.fromEntries(
    text.split(',').map((entry) => {
      const [, stage, limit] = /^([a-z-]+)=([1-9]\d{0,3})$/.exec(entry) ?? [];
      if (stage === undefined)
        throw new InvalidArgumentError('Allowed is a list such as package=1,verify=2.');
      return [stage, Number(limit)];
    }),
  );
}

export const registerWorker: Register = (program, host) => {
  const command = program
    .command('worker')
    .summary('do the jobs of a fleet')
    .description(
      'Takes stage jobs from the queue that HULLCAST_QUEUE (redis://…) names, and reads and writes the store that ' +
        'HULLCAST_STORE (s3://bucket/prefix) names, or the folder HULLCAST_HOME/store that workers of one machine ' +
        'share. May vanish at any moment: its jobs are done by another one. On the first SIGTERM or Ctrl-C it takes no ' +
        'more jobs, gives those under way --drain-seconds to finish, and hands back the rest; the second one ends it at ' +
        'once. Runs no more jobs at a time than fit into --memory by what each needs. ' +
        `Answers /livez, /readyz and /metrics on ${DEFAULT_LISTEN} unless ${LISTEN} says otherwise.`,
    )
    .option('--stages <list>', 'only these stages, with commas between them; all unless given', readStages)
    .option('--limits <list>', 'most jobs of a stage at a time, such as package=1,verify=2', readLimits)
    .option(
      '--drain-seconds <n>',
      'how long jobs may take to finish when it is stopped',
      readSeconds,
      DRAIN_SECONDS,
    )
    .action(
      host.action(async (context, _args, flags) => {
        const { env, run, signal } = context;
        const config = await loadConfig(context, flags);
        const settings = engineSettings(env, config.home);
        if (settings.queue === undefined) {
          throw badUsage(
            'WORKER_QUEUE',
            'a worker needs a queue that processes can share',
            'Set HULLCAST_QUEUE=redis://host:6379; without one `hullcast serve` does the jobs itself.',
          );
        }
        const listen = parseListen(env[LISTEN] || DEFAULT_LISTEN, LISTEN);
        const tools = await findTools(run, env);
        // Not before it is needed: other commands start in half the time.
        const { startWorker } = await import('../services/worker/index.js');
        await runService(context, 'worker', async ({ log, tracing }) => {
          const worker = await startWorker({
            ...{ settings, tools, listen, log, tracing, signal },
            stages: flags['stages'] as string[] | undefined,
            slots: slotsOf(config.workers),
            memory: memoryOf(config.workers),
            limits: flags['limits'] as Record<string, number> | undefined,
            version: HULLCAST_VERSION,
          });
          context.out.note(
            `a worker with ${worker.slots} slots and ${bytes(worker.memory)} of memory for ${worker.stages.join(', ')}; ` +
              `health at ${worker.url}`,
          );
          return () => worker.stop(Number(flags['drainSeconds']) * 1000);
        });
      }),
    );
  addConfigOptions(command, ['home', 'workers.concurrency', 'workers.memory']);
  teach(
    command,
    [
      { command: 'hullcast worker', does: 'all stages, as many jobs at a time as there are cores' },
      {
        command: 'hullcast worker --stages probe,encode --concurrency 8',
        does: 'only encodes, eight at a time',
      },
    ],
    [0, 1, 2, 130],
  );
};
