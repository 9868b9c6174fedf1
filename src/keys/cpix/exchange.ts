import type { IncomingHttpHeaders } from 'node:http';
import { HullcastError } from '../../errors.js';
import { maskSecrets } from './mask.js';
import { type PostAnswer, type PostRequest, post } from './post.js';

/** Version of SPEKE, which the answer must repeat. */
const SPEKE_VERSION = '2.0';
/** An answer with five keys for three systems has some 50 kB. */
const MOST_ANSWER_BYTES = 1024 * 1024;
const MOST_REASON_CHARACTERS = 300;
/** Answers that mean "later"; so do all of 500 and more. */
const PASSING_STATUS = new Set([408, 425, 429]);
const UNTRUSTED_CODES =
  /^(ERR_SSL_|ERR_TLS_|CERT_|EPROTO$|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$)/;

/** How one attempt went. */
export type Outcome =
  | { text: string; failure?: undefined }
  /** Where `failure` is transient, another attempt may help; not before `retryAfterMs` if the provider says so. */
  | { failure: HullcastError; retryAfterMs?: number | undefined };

export interface Exchange extends Omit<PostRequest, 'maxBytes' | 'headers'> {
  /** Name of the key service, for errors. */
  service: string;
  /** Credentials among them. */
  headers: Readonly<Record<string, string>>;
}

/** Sends a CPIX document and takes the one that comes back. Throws the signal's reason; everything else is an outcome. */
export async function exchange({ service, headers: secrets, ...request }: Exchange): Promise<Outcome> {
  const headers = {
    ...secrets,
    'content-type': 'application/xml',
    accept: 'application/xml',
    'user-agent': 'hullcast',
    'x-speke-user-agent': 'hullcast',
    'x-speke-version': SPEKE_VERSION,
  };
  let answer: PostAnswer;
  try {
    answer = await post({ ...request, headers, maxBytes: MOST_ANSWER_BYTES });
  } catch (error) {
    request.signal?.throwIfAborted();
    return { failure: unreachable(service, error as NodeJS.ErrnoException) };
  }
  if (answer.status === 200) return textOf(service, answer);
  const said = maskSecrets((answer.body ?? Buffer.alloc(0)).toString('utf8'), request.url, secrets);
  const failure = refusal(service, answer, reasonIn(said));
  return { failure, retryAfterMs: retryAfter(answer.headers) };
}

function textOf(service: string, { headers, body }: PostAnswer): Outcome {
  const bad = (why: string): Outcome => ({ failure: badAnswer(service, why) });
  if (!body) return bad(`it is longer than ${MOST_ANSWER_BYTES} bytes`);
  if (/html/i.test(headers['content-type'] ?? '')) return bad('it is a web page: the URL may be wrong');
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? '')) return bad('it is compressed, unasked');
  const version = headers['x-speke-version'] ?? SPEKE_VERSION;
  if (version !== SPEKE_VERSION) return bad(`it is of another SPEKE than ${SPEKE_VERSION}`);
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(body) };
  } catch {
    return bad('it is no UTF-8');
  }
}

function refusal(service: string, { status, headers }: PostAnswer, reason: string): HullcastError {
  const said = `answered ${status}${reason === '' ? '' : `: ${reason}`}`;
  if (status >= 500 || PASSING_STATUS.has(status)) return down(service, said);
  if (status >= 400) {
    return new HullcastError('KEY_SERVICE_REFUSED', `the key service (${service}) ${said}`, {
      hint: 'Check the credentials, and with the provider what this account and content id may have.',
    });
  }
  const to = status >= 300 && headers.location !== undefined ? ' with a redirect, which is not followed' : '';
  return badAnswer(service, `its status is ${status}${to}`);
}

function unreachable(service: string, error: NodeJS.ErrnoException): HullcastError {
  const { code = '', message } = error;
  // OpenSSL's own messages have addresses and file names in them.
  const [, openssl] = /^ERR_SSL_(.+)$/.exec(code) ?? [];
  const why = openssl?.toLowerCase().replaceAll('_', ' ') ?? (message || code || error.name);
  if (!UNTRUSTED_CODES.test(code)) return down(service, `cannot be reached: ${why}`, error);
  return new HullcastError(
    'KEY_SERVICE_UNTRUSTED',
    `no secure connection to the key service (${service}): ${why}`,
    {
      hint: 'Name its authority in HULLCAST_CPIX_TLS_CA_FILE; a client certificate may be wanted or have expired.',
      cause: error,
    },
  );
}

function down(service: string, why: string, cause?: unknown): HullcastError {
  return new HullcastError('KEY_SERVICE_DOWN', `the key service (${service}) ${why}`, {
    hint: 'When it is back, run the same again: the title continues from what is finished.',
    transient: true,
    cause,
  });
}

export function badAnswer(service: string, why: string): HullcastError {
  return new HullcastError(
    'KEY_SERVICE_ANSWER',
    `the answer of the key service (${service}) cannot be used: ${why}`,
    {
      hint: 'Tell the provider: its answer does not follow SPEKE 2.0 and CPIX 2.3.',
    },
  );
}

/** What an error's body says, as one short line. */
function reasonIn(text: string): string {
  const line = text
    .slice(0, 64 * MOST_REASON_CHARACTERS)
    .replaceAll(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim();
  return line.length > MOST_REASON_CHARACTERS ? `${line.slice(0, MOST_REASON_CHARACTERS)}…` : line;
}

/** Of a Retry-After in seconds, milliseconds. */
function retryAfter({ 'retry-after': value }: IncomingHttpHeaders): number | undefined {
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : undefined;
}
