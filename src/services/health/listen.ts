import { badUsage } from '../../errors.js';

/** Where a server listens. */
export interface ListenAddress {
  host: string;
  /** TCP; 0 takes a free one. */
  port: number;
}

/**
 * An address as the environment gives it: `127.0.0.1:9090`, `[::1]:9090`, `localhost:9090`, or a port alone, which is of
 * the loopback interface: to be reached from elsewhere has to be asked for, with `0.0.0.0:9090`. Throws LISTEN_ADDRESS.
 */
export function parseListen(text: string, variable: string): ListenAddress {
  const match = /^(?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) {
    throw badUsage(
      'LISTEN_ADDRESS',
      `not an address to listen on in ${variable}: ${JSON.stringify(text)}`,
      'Use host:port, such as 127.0.0.1:9090, or 0.0.0.0:9090 to be reached from other machines.',
    );
  }
  return { host: match[1]?.replace(/^\[|\]$/g, '') ?? '127.0.0.1', port };
}
