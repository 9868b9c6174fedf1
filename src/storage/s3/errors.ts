import { EXIT, HullcastError } from '../../errors.js';
import { asDiskError, errorCode } from '../disk-error.js';
import { storeDenied } from '../object-store.js';

/** A response that ended before its last byte. */
export class Truncated extends Error {}

/** The object is not the one any more that was to be read. */
export class ObjectChanged extends Error {}

/** What the SDK says of a request that the server refused. */
interface ServiceError extends Error {
  $metadata?: { httpStatusCode?: number };
}

const NETWORK = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ERR_STREAM_PREMATURE_CLOSE', 'HPE_INVALID_CONSTANT'],
]);
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);
/** Codes of S3 that mean "again", with whatever status. */
const PASSING_NAMES = new Set([
  ...['TimeoutError', 'RequestTimeout', 'SlowDown', 'InternalError', 'ServiceUnavailable'],
  ...['OperationAborted', 'ConditionalRequestConflict'],
  // Bytes that were changed on their way.
  ...['BadDigest', 'IncompleteBody', 'XAmzContentSHA256Mismatch'],
]);
const FULL_NAMES = new Set(['XMinioStorageFull', 'QuotaExceeded', 'InsufficientStorage']);
const NO_CREDENTIALS = new Set(['CredentialsProviderError', 'ProviderError', 'TokenProviderError']);

export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError | undefined)?.$metadata?.httpStatusCode;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Whether the same request may succeed later: outages, overload, broken connections. */
export function isPassing(error: unknown): boolean {
  if (error instanceof Truncated) return true;
  if (nameOf(error) === 'AbortError' || error instanceof HullcastError) return false;
  if (PASSING_NAMES.has(nameOf(error)) || PASSING_STATUS.has(statusOf(error) ?? 0)) return true;
  return NETWORK.has(errorCode(error) ?? '');
}

/** No such object (or, where the server does not say, no such bucket). */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket' && nameOf(error) !== 'NoSuchUpload';
}

export function isNoSuchBucket(error: unknown): boolean {
  return nameOf(error) === 'NoSuchBucket';
}

/** A multipart upload that is over already. */
export function isNoSuchUpload(error: unknown): boolean {
  return nameOf(error) === 'NoSuchUpload';
}

/** A condition of the request (If-Match, If-None-Match) does not hold. */
export function isPreconditionFailed(error: unknown): boolean {
  return statusOf(error) === 412;
}

export function isBadRange(error: unknown): boolean {
  return statusOf(error) === 416;
}

/** The server does not know what it was asked for. */
export function isNotImplemented(error: unknown): boolean {
  return [405, 501].includes(statusOf(error) ?? 0) || nameOf(error) === 'NotImplemented';
}

export function isDenied(error: unknown): boolean {
  const status = statusOf(error);
  return NO_CREDENTIALS.has(nameOf(error)) || status === 401 || status === 403;
}

/** What a server said, in a few words; it says nothing in answer to HEAD. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const status = statusOf(error);
  const said = ['', 'UnknownError', error.name].includes(error.message) ? '' : `: ${error.message}`;
  return `${error.name}${status === undefined ? '' : ` (${status})`}${said}`;
}

export function bucketMissing(bucket: string, cause?: unknown): HullcastError {
  return new HullcastError('BUCKET_MISSING', `there is no bucket ${bucket}`, {
    exitCode: EXIT.usage,
    hint: 'Check its name, the endpoint and the region, or make the bucket.',
    cause,
  });
}

/** Any error of a request to the store named `store` as one of ours; errors of the local disk as asDiskError() has them. */
export function asStoreError(error: unknown, store: string, bucket: string): unknown {
  if (error instanceof HullcastError || nameOf(error) === 'AbortError') return error;
  if (isNoSuchBucket(error)) return bucketMissing(bucket, error);
  if (error instanceof ObjectChanged) {
    const message = `an object of ${store} keeps changing while it is read: ${error.message}`;
    return new HullcastError('OBJECT_CHANGING', message, { transient: true, cause: error });
  }
  const status = statusOf(error);
  if (FULL_NAMES.has(nameOf(error)) || status === 507) {
    return new HullcastError('DISK_FULL', `no space left in the object store ${store}: ${reasonOf(error)}`, {
      hint: 'Free some space there (hullcast gc), or raise its quota.',
      transient: true,
      cause: error,
    });
  }
  if (isPassing(error)) return unreachable(store, error);
  if (isDenied(error)) return storeDenied(store, new Error(reasonOf(error)), deniedHint(error));
  if (status === undefined) return asDiskError(error, store);
  return new HullcastError('STORE_REFUSED', `the object store ${store} answered ${reasonOf(error)}`, {
    hint: 'Check the endpoint and the region; the server may lack what S3 has.',
    cause: error,
  });
}

function unreachable(store: string, error: unknown): HullcastError {
  return new HullcastError(
    'STORE_UNREACHABLE',
    `the object store ${store} does not answer: ${reasonOf(error)}`,
    {
      hint: 'Check the endpoint, the network and the server; then run the same again.',
      transient: true,
      cause: error,
    },
  );
}

function deniedHint(error: unknown): string {
  return NO_CREDENTIALS.has(nameOf(error))
    ? 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a role.'
    : 'Check the credentials, and that they may list the bucket and get, put and delete its objects.';
}
