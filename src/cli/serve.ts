import { InvalidArgumentError } from 'commander';
import { findTools } from '../media/index.js';
import { engineSettings } from '../services/engines/index.js';
import { parseListen } from '../services/health/index.js';
import { PROFILE_FLAGS, addConfigOptions, loadConfig, memoryOf, slotsOf } from './config.js';
import type { Register } from './context.js';
import { teach } from './help.js';
import { readProfiles } from './service/profiles.js';
import { runService } from './service/service.js';
import { HULLCAST_VERSION } from './version.js';

const LISTEN = 'HULLCAST_LISTEN';
const DEFAULT_LISTEN = '127.0.0.1:8080';
const DRAIN_SECONDS = 30;

/** Reads --drain-seconds. */
export function readSeconds(text: string): number {
  const seconds = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (!(seconds <= 86_400)) throw new InvalidArgumentError('Allowed is a whole number from 0 to 86400.');
  return seconds;
}

export const registerServe: Register = (program, host) => {
  const command = program
    .command('serve')
    .summary('serve the API and the dashboard, and make the titles that are submitted')
    .description(
      'Runs a control plane: the API with its uploads, webhooks and events, the dashboard at /, and the flows of all ' +
        'titles. By itself it does everything in this one process. With HULLCAST_QUEUE (redis://…), HULLCAST_STORE ' +
        '(s3://bucket/prefix) and HULLCAST_DB (postgres://…) it drives a fleet of `hullcast worker`, and may run any ' +
        `number of times. Listens on ${DEFAULT_LISTEN} unless ${LISTEN} or --listen says otherwise. See docs/cluster.md.`,
    )
    .option('--listen <address>', 'host:port, or a port of this machine alone')
    .option(
      '--profiles <folder>',
      'folder of profiles: each <name>.yaml is a configuration that titles may name',
    )
    .option(
      '--drain-seconds <n>',
      'when it is stopped: how long jobs of this process may take to finish',
      readSeconds,
      DRAIN_SECONDS,
    )
    .action(
      host.action(async (context, _args, flags) => {
        const { env, run, signal } = context;
        const config = await loadConfig(context, flags);
        const profiles = await readProfiles(config, flags['profiles'] as string | undefined);
        const listen = parseListen(
          (flags['listen'] as string | undefined) ?? (env[LISTEN] || DEFAULT_LISTEN),
          LISTEN,
        );
        const settings = engineSettings(env, config.home);
        const tools = await findTools(run, env);
        // Not before it is needed: other commands start in half the time.
        const { startControlPlane } = await import('../services/control/index.js');
        await runService(context, 'control', async ({ log, tracing }) => {
          const plane = await startControlPlane({
            ...{ settings, tools, listen, profiles, log, tracing, signal },
            database: env['HULLCAST_DB'] || undefined,
            slots: slotsOf(config.workers),
            memory: memoryOf(config.workers),
            version: HULLCAST_VERSION,
          });
          context.out.note(`hullcast serves ${plane.url}${plane.embedded ? ', all in this process' : ''}`);
          return () => plane.stop(Number(flags['drainSeconds']) * 1000);
        });
      }),
    );
  addConfigOptions(command, PROFILE_FLAGS);
  teach(
    command,
    [
      { command: 'hullcast token create me --scopes submit,read,admin', does: 'first: a token for yourself' },
      { command: 'hullcast serve', does: 'everything in one process' },
      {
        command: 'hullcast serve --listen 0.0.0.0:8080 --profiles profiles',
        does: 'for other machines, with profiles',
      },
    ],
    [0, 1, 2, 130],
  );
};
