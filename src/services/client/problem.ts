import { EXIT, type ExitCode, HullcastError, badUsage } from '../../errors.js';
import { problemSchema } from '../contract/index.js';
import { retryAfterMs } from './backoff.js';

/** An answer that says no. `body` is its text; empty where it had none. */
export interface Refusal {
  status: number;
  body: string;
  /** The header of this name, in lower case. */
  header: (name: string) => string | null | undefined;
}

const TOKEN_HINT = 'Give a token that may do this: HULLCAST_TOKEN or --token-file.';

/** Bad usage, as far as the command line is concerned: nothing was done, and the same again gives the same. */
const USAGE_STATUSES: ReadonlySet<number> = new Set([400, 401, 403, 404, 422]);
/**
 * The same request may be answered otherwise later: timeouts, locks, rate limits, bytes that were damaged on their way
 * (460, of tus), faults and absences of servers. What a server cannot do (501), it can no better later.
 */
const isTransient = (status: number): boolean =>
  [408, 423, 425, 429, 460].includes(status) || (status >= 500 && status !== 501);

function exitCodeOf(status: number, code: string): ExitCode {
  if (code.startsWith('MASTER_')) return EXIT.masterRejected;
  return USAGE_STATUSES.has(status) ? EXIT.usage : EXIT.failure;
}

/** Words of somebody else, who may be anybody: they shall do nothing to a terminal. */
function harmless(text: string): string {
  return text.replaceAll(/[^\P{C}\n]/gu, ' ');
}

/** Why a title failed, as the error that the command line ends with. */
export function titleFailure(
  name: string,
  { code, message, hint }: { code: string; message: string; hint?: string | undefined },
): HullcastError {
  return new HullcastError(code, harmless(`${name}: ${message}`), {
    exitCode: code.startsWith('MASTER_') ? EXIT.masterRejected : EXIT.failure,
    ...(hint === undefined ? {} : { hint: harmless(hint) }),
  });
}

/**
 * The error behind an answer that is no success. A problem (RFC 9457) keeps its code, words and hint, and its error id
 * is in the message; anything else was not said by hullcast, and is SERVER_REFUSED or SERVER_ANSWER.
 */
export function problemOf(server: string, refusal: Refusal): HullcastError {
  const { status, body } = refusal;
  const problem = problemSchema.safeParse(parseJson(body)).data;
  if (problem === undefined) return bodilessError(server, refusal) ?? strangerError(server, refusal);
  const { code, detail, hint, errorId, errors = [] } = problem;
  const asked = retryAfterMs(refusal.header('retry-after'));
  const wait = asked === undefined ? '' : `, to be tried again in ${Math.ceil(asked / 1000)} s`;
  const fields = errors.map(({ path, message }) => `\n  ${path}: ${message}`).join('');
  // The server speaks of headers, to whoever asks; who uses a command gives it a token.
  const advice = code === 'AUTH_REQUIRED' ? TOKEN_HINT : hint;
  return new HullcastError(code, harmless(`${detail} (error id ${errorId}${wait})${fields}`), {
    exitCode: exitCodeOf(status, code),
    transient: isTransient(status),
    ...(advice === undefined ? {} : { hint: harmless(advice) }),
  });
}

/** What an answer to HEAD says, which has no body. */
function bodilessError(server: string, { status, header }: Refusal): HullcastError | undefined {
  const [, code, errorId] = /^([A-Z][A-Z0-9_]*) ([0-9a-f]+)$/.exec(header('hullcast-problem') ?? '') ?? [];
  if (code === undefined) return undefined;
  return new HullcastError(code, `${server} answered ${status}, ${code} (error id ${errorId})`, {
    exitCode: exitCodeOf(status, code),
    transient: isTransient(status),
    hint: 'See what the code means in docs/errors.md; the server’s log says more.',
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON, so no problem of RFC 9457: the caller says what came instead
  }
}

function strangerError(server: string, refusal: Refusal): HullcastError {
  const { status, header } = refusal;
  const text = refusedText(server, refusal);
  if (USAGE_STATUSES.has(status)) {
    const hint = [401, 403].includes(status)
      ? TOKEN_HINT
      : 'Is that the address of `hullcast serve`? See --server and HULLCAST_SERVER.';
    return badUsage('SERVER_REFUSED', text, hint);
  }
  const location = header('location');
  return new HullcastError('SERVER_ANSWER', text, {
    hint: location
      ? `It points to ${location}: give the address of \`hullcast serve\` itself with --server.`
      : 'Something between here and hullcast gave this answer: try again, or ask who runs it.',
    transient: isTransient(status),
  });
}

/** Status and, where it is a text for people, the first line of what came instead of a problem. */
function refusedText(server: string, { status, body, header }: Refusal): string {
  const isText = (header('content-type') ?? 'text/plain').startsWith('text/plain');
  const [line = ''] = isText ? body.trim().split('\n') : [];
  return harmless(`${server} answered ${status}${line === '' || line.length > 200 ? '' : `: ${line}`}`);
}
