import { HullcastError } from '../../errors.js';
import type { Problem } from '../contract/index.js';

interface ProblemKind {
  status: number;
  title: string;
  /** Said instead of the error's own message, where that speaks of the inside of the server. */
  detail?: string;
}

/**
 * Every code that the API answers with, its HTTP status and title: docs/api.md says the same, and a test compares the
 * two. Errors with another code are INTERNAL to the outside.
 */
export const PROBLEMS: Readonly<Record<string, ProblemKind>> = {
  AUTH_REQUIRED: { status: 401, title: 'A token is needed' },
  TOKEN_INVALID: { status: 401, title: 'Unknown token' },
  TOKEN_EXPIRED: { status: 401, title: 'Expired token' },
  TOKEN_REVOKED: { status: 401, title: 'Revoked token' },
  SCOPE_MISSING: { status: 403, title: 'The token may not do this' },
  CROSS_SITE: { status: 403, title: 'Sent by a page of another site' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },

  REQUEST_INVALID: { status: 400, title: 'Invalid request' },
  JSON_MALFORMED: { status: 400, title: 'Malformed JSON' },
  CURSOR_INVALID: { status: 400, title: 'Unknown cursor' },
  ROUTE_NOT_FOUND: { status: 404, title: 'No such resource' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  RANGE_INVALID: { status: 416, title: 'The range lies outside of the file' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },

  PROFILE_UNKNOWN: { status: 422, title: 'Unknown profile' },
  OBJECT_URI: { status: 422, title: 'No URL of an object' },
  MASTER_NOT_FOUND: { status: 422, title: 'The master is not there' },
  MASTER_DENIED: { status: 422, title: 'The master may not be read' },
  BUCKET_REFUSED: { status: 422, title: 'Masters may not come from this bucket' },
  CALLBACK_REFUSED: { status: 422, title: 'The callback URL is refused' },
  IDEMPOTENCY_MISMATCH: { status: 422, title: 'The idempotency key was used for another request' },
  TITLE_NOT_FOUND: { status: 404, title: 'No such title' },
  TITLE_ENDED: { status: 409, title: 'The title has ended' },
  TITLE_NOT_ENDED: { status: 409, title: 'The title has not ended' },
  TITLE_DONE: { status: 409, title: 'The title is done' },
  FILE_NOT_FOUND: { status: 404, title: 'No such file' },
  DELIVERY_NOT_FOUND: { status: 404, title: 'No such delivery' },
  TOKEN_NOT_FOUND: { status: 404, title: 'No such token' },

  UPLOAD_NOT_FOUND: { status: 404, title: 'No such upload' },
  UPLOAD_MISSING: { status: 404, title: 'No such upload' },
  UPLOAD_FOREIGN: { status: 403, title: "Another token's upload" },
  UPLOAD_EXPIRED: { status: 410, title: 'Expired upload' },
  UPLOAD_FINISHED: { status: 409, title: 'Finished upload' },
  UPLOAD_UNFINISHED: { status: 409, title: 'Unfinished upload' },
  UPLOAD_OFFSET: { status: 409, title: 'Wrong offset' },
  UPLOAD_BUSY: { status: 423, title: 'The upload is written by another request' },
  UPLOAD_LENGTH: { status: 400, title: 'Invalid length' },
  UPLOAD_METADATA: { status: 400, title: 'Invalid metadata' },
  UPLOAD_TOO_LARGE: { status: 413, title: 'The upload is too large' },
  UPLOAD_OVERRUN: { status: 413, title: 'More bytes than declared' },
  UPLOAD_CHECKSUM: { status: 460, title: 'Checksum mismatch' },
  CHECKSUM_INVALID: { status: 400, title: 'Unusable checksum' },
  TUS_VERSION: { status: 412, title: 'Unsupported version of tus' },
  TUS_REQUEST: { status: 400, title: 'Invalid tus request' },
  TUS_UNSUPPORTED: { status: 501, title: 'Unsupported extension of tus' },
  UPLOAD_UNSUPPORTED: { status: 501, title: 'No uploads here' },

  LICENSE_TOKEN_MISSING: { status: 401, title: 'A licence token is needed' },
  LICENSE_TOKEN_INVALID: { status: 401, title: 'Invalid licence token' },
  LICENSE_TOKEN_EXPIRED: { status: 401, title: 'Expired licence token' },
  LICENSE_TOKEN_REPLAYED: { status: 403, title: 'Used licence token' },
  LICENSE_WRONG_TITLE: { status: 403, title: 'Licence token of another title' },
  LICENSE_WRONG_DEVICE: { status: 403, title: 'Licence token of another device' },
  LICENSE_REFUSED: { status: 403, title: 'No licence by the policy' },
  LICENSE_REQUEST: { status: 400, title: 'Invalid licence request' },
  LICENSE_NO_TITLE: { status: 404, title: 'No such protected title' },
  LICENSE_SYSTEM: { status: 404, title: 'No licences of this system' },
  LICENSE_UPSTREAM: { status: 502, title: 'The licence server failed' },
  LICENSE_KEYS_DOWN: { status: 503, title: 'Unavailable', detail: 'the key service does not answer' },
  LICENSE_UNAVAILABLE: {
    status: 503,
    title: 'Unavailable',
    detail: 'it cannot be known whether the token was used before',
  },

  STREAMS_FULL: { status: 503, title: 'Too many event streams' },
  SHUTTING_DOWN: { status: 503, title: 'The server is shutting down' },
  DB_UNREACHABLE: { status: 503, title: 'Unavailable', detail: 'the database cannot be reached' },
  STORE_UNREACHABLE: { status: 503, title: 'Unavailable', detail: 'the object store cannot be reached' },
  QUEUE_UNREACHABLE: { status: 503, title: 'Unavailable', detail: 'the queue cannot be reached' },
  OBJECT_MISSING: { status: 404, title: 'No such file', detail: 'the file is gone' },
  HANDLER_TIMEOUT: { status: 503, title: 'Unavailable', detail: 'the answer took too long' },
  DISK_FULL: { status: 507, title: 'No space', detail: 'there is no room for more data' },
  INTERNAL: { status: 500, title: 'Internal error', detail: 'something went wrong; it is in the log' },
};

const TYPE = 'https://hullcast.dev/problems/';

/** What the outside is told of an error: nothing but INTERNAL where its code has no place in the table. */
export function problemOf(error: unknown, errorId: string, errors?: Problem['errors']): Problem {
  const known =
    error instanceof HullcastError && Object.hasOwn(PROBLEMS, error.code) ? PROBLEMS[error.code] : undefined;
  const code = known ? (error as HullcastError).code : 'INTERNAL';
  const { status, title, detail } = known ?? PROBLEMS['INTERNAL']!;
  const { message, hint } = known ? (error as HullcastError) : { message: '', hint: undefined };
  return {
    type: TYPE + code,
    title,
    status,
    detail: detail ?? message,
    code,
    // The hint of an error whose message is not for the outside is not either.
    ...(hint === undefined || detail !== undefined ? {} : { hint }),
    errorId,
    ...(errors === undefined ? {} : { errors }),
  };
}
