import type { Command } from 'commander';
import { badUsage } from '../../errors.js';
import { type Client, createClient } from '../../services/client/index.js';
import type { CommandContext, Flags } from '../context.js';
import { readToken } from './token.js';

export const DEFAULT_SERVER = 'http://127.0.0.1:8080';

/** A server, and how to say in a command that it is meant. */
export interface Remote {
  client: Client;
  server: string;
  /** Arguments that a further command needs to reach the same server. */
  serverArgs: string[];
}

/** Adds the options that name the server and the token. */
export function addServerOptions(command: Command): Command {
  return command
    .option(
      '--server <url>',
      `address of the control plane; HULLCAST_SERVER unless given (default: ${DEFAULT_SERVER})`,
    )
    .option(
      '--token-file <path>',
      'file with the token, readable by its owner alone; HULLCAST_TOKEN unless given (a token is never an argument)',
    );
}

/** Origin and path of a server, without a slash at the end. Throws SERVER_URL. */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const extras = url ? [url.username, url.password, url.search, url.hash] : [];
  if (url && extras.join('') === '' && ['http:', 'https:'].includes(url.protocol)) {
    return (url.origin + url.pathname).replace(/\/+$/, '');
  }
  // The text itself is not repeated: it may hold a password.
  throw badUsage(
    'SERVER_URL',
    'the address of the server is no http or https URL, or has a user, a query or a fragment',
    'Give it as https://host:port, with --server or HULLCAST_SERVER; tokens go into HULLCAST_TOKEN.',
  );
}

/** True where what is sent to this server leaves the computer readable by anybody in between. */
function isOpen(server: string): boolean {
  const { protocol, hostname } = new URL(server);
  return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** The client of a command. Throws SERVER_URL and what is wrong with the token. */
export async function connect(context: CommandContext, flags: Flags): Promise<Remote> {
  const { env, signal, log } = context;
  const flag = flags['server'] as string | undefined;
  const server = serverUrl(flag ?? (env['HULLCAST_SERVER'] || DEFAULT_SERVER));
  const token = await readToken(context, flags['tokenFile'] as string | undefined);
  if (token !== undefined && isOpen(server)) log.warn(`the token goes to ${server} unencrypted`);
  const client = createClient({
    ...{ server, token, signal },
    onRetry: ({ code, message }, pauseMs) => log.debug({ code, pauseMs }, `trying again: ${message}`),
  });
  return { client, server, serverArgs: flag === undefined ? [] : ['--server', server] };
}
