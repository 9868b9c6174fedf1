import { type HullcastError, badUsage } from '../../errors.js';

/** What a Redis says of itself, as far as a queue depends on it. */
export interface RedisFacts {
  /** Of Redis, or of Redis whose commands it speaks. */
  version: string;
  /** What it does when its memory is full. */
  policy: string;
  /** Whether it keeps an append-only file. */
  appendOnly: boolean;
  cluster: boolean;
}

/** Reads the answer to INFO. */
export function readInfo(info: string): RedisFacts {
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  return {
    version: field('redis_version'),
    policy: field('maxmemory_policy'),
    appendOnly: field('aof_enabled') === '1',
    cluster: field('cluster_enabled') === '1',
  };
}

/** Redis of which BullMQ's scripts are known to work. */
const MIN_VERSION = [6, 2] as const;

function tooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < MIN_VERSION[0] || (major === MIN_VERSION[0] && minor < MIN_VERSION[1]);
}

/** Throws QUEUE_VERSION, QUEUE_EVICTION or QUEUE_CLUSTER where a server cannot keep a queue. */
export function checkServer({ version, policy, cluster }: RedisFacts, where: string): void {
  if (tooOld(version)) {
    throw badUsage(
      'QUEUE_VERSION',
      `${where} runs Redis ${version || 'of an unknown version'}; the queue needs ${MIN_VERSION.join('.')} or newer`,
      'Use a newer Redis.',
    );
  }
  if (policy !== 'noeviction') {
    throw badUsage(
      'QUEUE_EVICTION',
      `${where} would delete jobs when its memory is full: its maxmemory-policy is ${policy || 'unknown'}`,
      'Set maxmemory-policy noeviction in its configuration, or `CONFIG SET maxmemory-policy noeviction`.',
    );
  }
  if (cluster) {
    throw badUsage(
      'QUEUE_CLUSTER',
      `${where} is a Redis Cluster, which cannot keep the jobs of a title together`,
      'Use a single Redis, with a replica where it must not fail.',
    );
  }
}

/** The error behind a connection that will not come by waiting: QUEUE_DENIED; undefined for every other. */
export function denial(error: Error & { code?: string }, where: string): HullcastError | undefined {
  if (/^(WRONGPASS|NOAUTH|NOPERM)|^ERR AUTH|invalid password/.test(error.message)) {
    return badUsage(
      'QUEUE_DENIED',
      `${where} does not let us in: ${error.message.split('\n')[0]}`,
      'Check user and password in HULLCAST_QUEUE, and that the user may run every command on keys hullcast:*.',
    );
  }
  if (/CERT|SELF_SIGNED|ERR_TLS|UNABLE_TO_VERIFY/.test(error.code ?? '')) {
    return badUsage(
      'QUEUE_DENIED',
      `the certificate of ${where} is not trusted: ${error.message}`,
      'Name the file of your own authority in NODE_EXTRA_CA_CERTS.',
    );
  }
  return undefined;
}

/** A Redis URL without what is secret, for people. */
export function redisName(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
