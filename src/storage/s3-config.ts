import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { badUsage } from '../errors.js';
import { DEFAULT_TIMING, type Timing } from './s3/patience.js';

/** Requests at a time to one server; more wait for their turn. */
const MAX_SOCKETS = 64;

/**
 * Which server the AWS_… variables name, and who we are there: the endpoint of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL,
 * addressed in path style, or AWS itself. Without credentials among them the SDK's chain finds some. Throws STORE_SPEC.
 */
export function s3Config(env: NodeJS.ProcessEnv = process.env): S3ClientConfig {
  return { ...placeOf(env), ...credentialsOf(env) };
}

/** How a client deals with a server that does not answer: without limits, it waits for ever. */
export function s3Limits(timing: Partial<Timing> = {}): NonNullable<S3ClientConfig['requestHandler']> {
  const { connectMs, idleMs } = { ...DEFAULT_TIMING, ...timing };
  return {
    connectionTimeout: connectMs,
    socketTimeout: idleMs,
    httpAgent: { maxSockets: MAX_SOCKETS },
    httpsAgent: { maxSockets: MAX_SOCKETS },
  };
}

function placeOf(env: NodeJS.ProcessEnv): S3ClientConfig {
  const endpoint = env['AWS_ENDPOINT_URL_S3'] || env['AWS_ENDPOINT_URL'];
  const region = env['AWS_REGION'] || env['AWS_DEFAULT_REGION'];
  if (!endpoint) return region ? { region, followRegionRedirects: true } : { followRegionRedirects: true };
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    throw badUsage(
      'STORE_SPEC',
      `AWS_ENDPOINT_URL_S3 is no URL of a server: ${JSON.stringify(endpoint)}`,
      'Use something like https://s3.example.com or http://127.0.0.1:9000.',
    );
  }
  // Servers of one's own rarely have a name for each bucket, and mostly take any region.
  return { endpoint, region: region || 'us-east-1', forcePathStyle: true };
}

function credentialsOf(env: NodeJS.ProcessEnv): S3ClientConfig {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = env['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) return {};
  return { credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) } };
}
