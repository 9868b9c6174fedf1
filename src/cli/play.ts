import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { openKeyService } from '../keys/index.js';
import { addConfigOptions, loadConfig } from './config.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';
import { servePlayer } from './play-server.js';
import { withStore } from './store/open.js';

const DEFAULT_PORT = 8080;

function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(port >= 0 && port <= 65_535)) {
    throw new InvalidArgumentError('Allowed is a whole number from 0 to 65535.');
  }
  return port;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

async function play(context: CommandContext, [folder = '']: readonly string[], flags: Flags): Promise<void> {
  const { out, json, signal, cwd, env } = context;
  const { home } = await loadConfig(context, flags);
  const server = await servePlayer(resolve(cwd, folder), {
    port: flags['port'] as number,
    keys: () =>
      withStore(context, home, Infinity, (store) => Promise.resolve(openKeyService(env, { store, home }))),
  });
  try {
    if (json) out.json({ type: 'serving', url: server.url });
    else {
      out.result(server.url);
      out.note('Serving until Ctrl-C.');
    }
    await untilAborted(signal);
  } finally {
    await server.close();
  }
}

export const registerPlay: Register = (program, host) => {
  const command = program
    .command('play')
    .summary('watch a title in a browser')
    .description(
      'Serves a finished title, with a player page, to browsers on this computer, and prints the address. Stays until ' +
        'it is stopped with Ctrl-C, which is its regular end.',
    )
    .argument('<folder>', 'what hullcast encode wrote with --out')
    .option('--port <n>', 'TCP port, 0 for any that is free', readPort, DEFAULT_PORT)
    .action(host.action(play));
  addConfigOptions(command, ['home']);
  teach(
    command,
    [
      { command: 'hullcast play title', does: `http://127.0.0.1:${DEFAULT_PORT}/` },
      { command: 'hullcast play title --port 0', does: 'any free port' },
    ],
    [0, 1, 2],
  );
};
