import { InvalidArgumentError } from 'commander';
import { badUsage } from '../../errors.js';
import { type Submit, submitSchema } from '../../services/contract/index.js';
import { parseObjectUri } from '../../storage/index.js';
import type { Flags } from '../context.js';

/** `--priority`. */
export function readPriority(text: string): number {
  if (!/^\d$/.test(text)) throw new InvalidArgumentError('Allowed is a whole number from 0 to 9.');
  return Number(text);
}

/** `--meta k=v`, once for each. */
export function readMeta(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Allowed is key=value.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** `--idempotency-key`. */
export function readKey(text: string): string {
  if (!/^[\x21-\x7e]{1,255}$/.test(text)) {
    throw new InvalidArgumentError('Allowed are 1 to 255 printable ASCII characters without spaces.');
  }
  return text;
}

export function isS3(master: string): boolean {
  return /^s3:/i.test(master);
}

/** Options as people write them, by the names of the request's fields. */
const OPTION: Readonly<Record<string, string>> = {
  source: 'the master',
  name: '--name',
  profile: '--profile',
  priority: '--priority',
  externalId: '--external-id',
  metadata: '--meta',
  callbackUrl: '--callback-url',
};

/**
 * The request that flags describe, of a master on S3 or of an upload (whose id may be made up, to have the rest looked
 * at before anything is uploaded). Throws SUBMIT_INVALID.
 */
export function submitRequest(source: Submit['source'], flags: Flags): Submit {
  const given = {
    name: flags['name'],
    profile: flags['profile'],
    priority: flags['priority'],
    externalId: flags['externalId'],
    metadata: flags['meta'],
    callbackUrl: flags['callbackUrl'],
  };
  const request = {
    source,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const parsed = submitSchema.safeParse(request);
  if (parsed.success) {
    // As it was given: defaults are the server's.
    return request;
  }
  const complaints = parsed.error.issues.map(
    ({ path, message }) => `${OPTION[String(path[0])] ?? path.join('.')}: ${message}`,
  );
  throw badUsage('SUBMIT_INVALID', complaints.join('\n  '), 'See: hullcast submit --help.');
}

/** A master on S3 as a source. Throws OBJECT_URI. */
export function s3Source(master: string): Submit['source'] {
  parseObjectUri(master);
  return { s3: master };
}
