import { Resolver, lookup } from 'node:dns/promises';
import { HullcastError, badUsage } from '../../errors.js';
import { type Network, inNetworks, parseAddress, parseNetwork, specialRange } from './address.js';

/** Gives every address of a host name; rejects where it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** A URL that may be called, and the addresses (at least one, all checked) that may be connected to. */
export interface Target {
  url: URL;
  addresses: readonly { address: string; family: 4 | 6 }[];
}

export interface CallbackPolicy {
  /** Resolves the URL's host and checks every address it has now. Throws CALLBACK_REFUSED. */
  check(url: string): Promise<Target>;
}

/** What may be called although it is not in the Internet. */
export interface Allowed {
  networks: readonly Network[];
  /** Names, lower case; their addresses are not looked at. */
  hosts: ReadonlySet<string>;
}

const HOST = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const RESOLVE_MS = 5000;

/**
 * Reads HULLCAST_CALLBACK_ALLOW: networks (`10.0.0.0/8`), addresses and host names, with commas between them. Throws
 * CALLBACK_ALLOW.
 */
export function allowedCallbacks(text: string | undefined): Allowed {
  const networks: Network[] = [];
  const hosts = new Set<string>();
  for (const entry of (text ?? '').split(',').map((part) => part.trim().toLowerCase())) {
    const network = parseNetwork(entry);
    if (network) networks.push(network);
    else if (HOST.test(entry) && !/^[\d.]+$/.test(entry)) hosts.add(entry);
    else if (entry !== '') {
      throw badUsage(
        'CALLBACK_ALLOW',
        `not a network, address or host name: ${JSON.stringify(entry)}`,
        'Write HULLCAST_CALLBACK_ALLOW like `10.0.0.0/8,hooks.internal`.',
      );
    }
  }
  return { networks, hosts };
}

function refused(what: string): HullcastError {
  return new HullcastError('CALLBACK_REFUSED', `the callback URL is refused: ${what}`, {
    hint: 'Use an http or https URL in the Internet; who runs the server can allow others with HULLCAST_CALLBACK_ALLOW.',
  });
}

function parseUrl(text: string): URL {
  if (!URL.canParse(text)) throw refused('it is no URL');
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused(`${url.protocol} is not http`);
  if (url.username !== '' || url.password !== '') throw refused('it has a user name or password in it');
  return url;
}

/** Names by DNS, without the thread pool that files need too: a slow name server must not stop the server. */
async function resolvePublic(host: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: RESOLVE_MS / 2, tries: 2 });
  const found = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  return found.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}

/** Names that are allowed by configuration, as the system knows them (hosts file, search domains). */
async function resolveTrusted(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

/**
 * Says which callback URLs may be called. It asks the resolver again at every check, so it is to be asked at submission
 * and again for each connection, which must go to the addresses that it gave: a name may point elsewhere by then.
 */
export function callbackPolicy(allowed: Allowed, resolve?: Resolve): CallbackPolicy {
  return {
    async check(text) {
      const url = parseUrl(text);
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const trusted = allowed.hosts.has(host.replace(/\.$/, ''));
      const literal = parseAddress(host);
      const names = literal
        ? [literal.toString()]
        : await (resolve ?? (trusted ? resolveTrusted : resolvePublic))(host).catch(() => []);
      if (names.length === 0) throw refused(`${host} has no address`);
      const addresses = names.map((name) => {
        const address = parseAddress(name);
        if (address === undefined) throw refused(`${host} has the address ${name}`);
        const range = specialRange(address);
        if (range !== undefined && !trusted && !inNetworks(address, allowed.networks))
          throw refused(`${host} is ${name}, which is no address in the Internet (${range})`);
        const family = address.kind() === 'ipv4' ? (4 as const) : (6 as const);
        return { address: address.toString(), family };
      });
      return { url, addresses };
    },
  };
}
