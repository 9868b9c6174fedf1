import type { z } from 'zod';
import { HullcastError } from '../../errors.js';
import { CALL_PATIENCE, type Patience, nextPauseMs, pause, retryAfterMs } from './backoff.js';
import { neverArrived, timedOut, unreachable } from './network-error.js';
import { problemOf } from './problem.js';

/** The server, and what every request to it has in common. */
export interface Connection {
  /** Origin, and path where the server is below one; without a slash at the end. */
  server: string;
  /** Bearer token; without it requests are anonymous. */
  token?: string | undefined;
  /** Ends what is under way, with its reason. */
  signal: AbortSignal;
  /** Longest that one answer may take, milliseconds. */
  timeoutMs?: number | undefined;
  patience?: Patience | undefined;
  /** Told before something is tried again. */
  onRetry?: ((error: HullcastError, pauseMs: number) => void) | undefined;
}

export interface Request {
  method: 'GET' | 'POST' | 'OPTIONS' | 'DELETE';
  /** Below the server's address, e.g. `/v1/titles`. */
  path: string;
  query?: readonly (readonly [string, string])[];
  headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  json?: unknown;
  /** False where doing it twice differs from once: then it is sent again only where it cannot have arrived. */
  idempotent: boolean;
  /** Statuses that are an answer too, besides successes; none unless given. */
  answers?: readonly number[];
}

/** An answer whose body has been read. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

const TIMEOUT_MS = 30_000;

export function urlOf(
  { server }: Pick<Connection, 'server'>,
  { path, query = [] }: Pick<Request, 'path' | 'query'>,
): string {
  const text = new URLSearchParams(query.map(([name, value]): [string, string] => [name, value])).toString();
  return `${server}${path}${text === '' ? '' : `?${text}`}`;
}

export function authorization({ token }: Pick<Connection, 'token'>): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** A signal that aborts with `outer`, or when `cut` is called; `release` it, or `outer` keeps it for ever. */
export function linkedSignal(outer: AbortSignal): {
  signal: AbortSignal;
  cut: (reason: Error) => void;
  release: () => void;
} {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer.reason);
  if (outer.aborted) follow();
  outer.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    cut: (reason) => controller.abort(reason),
    release: () => outer.removeEventListener('abort', follow),
  };
}

/** Sends once. Throws SERVER_UNREACHABLE and SERVER_TIMEOUT; any status is an answer. */
async function sendOnce(connection: Connection, request: Request): Promise<Answer> {
  const { server, signal: outer, timeoutMs = TIMEOUT_MS } = connection;
  const { signal, cut, release } = linkedSignal(outer);
  const timer = setTimeout(() => cut(timedOut(server, timeoutMs)), timeoutMs);
  try {
    const response = await fetch(urlOf(connection, request), {
      method: request.method,
      headers: {
        accept: 'application/json, application/problem+json',
        ...authorization(connection),
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...request.headers,
      },
      ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
      // A token is for the server that was named, not for where that points to.
      redirect: 'manual',
      signal,
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(server, error);
  } finally {
    clearTimeout(timer);
    release();
  }
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/**
 * Sends, and again after a pause where that may help; resolves with a success, or a status that the request allows. Throws SERVER_UNREACHABLE and
 * SERVER_TIMEOUT, and what the server says no with.
 */
export async function send(connection: Connection, request: Request): Promise<Answer> {
  const { server, signal, patience = CALL_PATIENCE, onRetry } = connection;
  for (let failures = 1; ; failures += 1) {
    let error: HullcastError;
    let asked: number | undefined;
    let mayRepeat = request.idempotent;
    try {
      const answer = await sendOnce(connection, request);
      const { status, headers, text: body } = answer;
      if (isSuccess(status) || request.answers?.includes(status)) return answer;
      error = problemOf(server, { status, body, header: (name) => headers.get(name) });
      asked = retryAfterMs(headers.get('retry-after'));
      // Whoever is turned away at the door has not been served.
      mayRepeat ||= status === 429;
    } catch (thrown) {
      if (signal.aborted || !(thrown instanceof HullcastError)) throw thrown;
      error = thrown;
      mayRepeat ||= neverArrived(error);
    }
    const pauseFor = mayRepeat && error.transient ? nextPauseMs(patience, failures, asked) : undefined;
    if (pauseFor === undefined) throw error;
    onRetry?.(error, pauseFor);
    await pause(pauseFor, signal);
  }
}

/** A text of the server as what the contract says it is; throws SERVER_ANSWER where it is something else. */
export function readAs<T extends z.ZodType>(
  server: string,
  what: string,
  schema: T,
  text: string,
): z.output<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notOurs(server, what, 'it is no JSON', cause);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notOurs(
    server,
    what,
    `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'is wrong'}`,
    parsed.error,
  );
}

function notOurs(server: string, what: string, why: string, cause: unknown): HullcastError {
  return new HullcastError('SERVER_ANSWER', `${server} gave something else than a ${what}: ${why}`, {
    hint: 'Is that the address of `hullcast serve`, of a version that this command line knows?',
    cause,
  });
}
