import { createHash } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from 'pino';
import { s3Config, s3Limits } from '../s3-config.js';
import { reasonOf } from './errors.js';
import { DEFAULT_TIMING, type OnRetry, Patience, type Timing } from './patience.js';

export interface S3Options {
  /** AWS_… variables; the process's own unless given. */
  env?: NodeJS.ProcessEnv | undefined;
  timing?: Partial<Timing> | undefined;
  log?: Logger | undefined;
  /** Told of every request that is sent again. */
  onRetry?: OnRetry | undefined;
}

/** A connection to S3 with the patience that goes with it. */
export interface S3Access {
  client: S3Client;
  patience: Patience;
}

/** At most one line of the log in this time about requests that are sent again. */
const LOG_EVERY_MS = 10_000;

/**
 * A client for the endpoint of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, addressed in path style, or for AWS itself.
 * Credentials come from the environment or else the SDK's chain. Throws STORE_SPEC.
 */
export function openS3({ env = process.env, timing, log, onRetry }: S3Options = {}): S3Access {
  const all = { ...DEFAULT_TIMING, ...timing };
  const patience = new Patience(all, reporting(log, onRetry));
  // Which Node hullcast needs is said by package.json; the SDK would tell every user of what concerns its next major.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  const client = new S3Client({
    ...s3Config(env),
    retryStrategy: patience.strategy(),
    // Bodies carry a Content-MD5, which every server checks, instead of the newer checksums, which many do not know.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: s3Limits(all),
  });
  addDigests(client);
  return { client, patience };
}

function addDigests(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const { body, headers } = args.request as { body?: unknown; headers: Record<string, string> };
      if (body instanceof Uint8Array)
        headers['content-md5'] = createHash('md5').update(body).digest('base64');
      return next(args);
    },
    { step: 'build', name: 'contentMd5' },
  );
}

function reporting(log: Logger | undefined, onRetry: OnRetry | undefined): OnRetry {
  let nextMs = -Infinity;
  return (error, pauseMs) => {
    onRetry?.(error, pauseMs);
    const now = performance.now();
    if (now < nextMs) return;
    nextMs = now + LOG_EVERY_MS;
    log?.warn({ reason: reasonOf(error) }, 'the object store does not answer: trying again');
  };
}
