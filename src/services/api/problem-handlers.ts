import { randomBytes } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { HullcastError } from '../../errors.js';
import { problemOf } from './problems.js';
import { parserError, requestError } from './request-errors.js';

const TYPE = 'application/problem+json';
/** Code and error id of a problem that has no body. */
const PROBLEM_HEADER = 'hullcast-problem';
/** Seconds that a client is asked to wait while something is unavailable. */
const RETRY_SECONDS = 5;

function newErrorId(): string {
  return randomBytes(8).toString('hex');
}

/** Answers any error as problem details; its id is in the log, together with what the outside is not told. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { error, errors } = requestError(thrown, request.raw.complete);
  const errorId = newErrorId();
  const problem = problemOf(error, errorId, errors);
  const { status, code } = problem;
  if (status >= 500) request.log.error({ errorId, code, err: error }, 'request failed');
  else request.log.info({ errorId, code, status, detail: problem.detail }, 'request refused');
  if (status === 503 && !reply.hasHeader('retry-after')) void reply.header('retry-after', RETRY_SECONDS);
  // An answer to HEAD has no body: what it is about is said all the same.
  if (request.method === 'HEAD') void reply.header(PROBLEM_HEADER, `${code} ${errorId}`);
  // Whatever the route declares to answer: problems have one form.
  return reply
    .code(status)
    .type(TYPE)
    .serializer((value: unknown) => JSON.stringify(value))
    .send(problem);
}

export function routeNotFound(request: FastifyRequest): never {
  throw new HullcastError('ROUTE_NOT_FOUND', `there is no ${request.method} of this path`, {
    hint: 'See /openapi.json.',
  });
}

/** Answers what is no HTTP request, on the bare socket, and closes it. */
export function clientError(error: Error & { code?: string }, socket: Socket, log: Logger): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const errorId = newErrorId();
  const problem = problemOf(parserError(error.code), errorId);
  log.info({ errorId, code: problem.code, parser: error.code }, 'request refused');
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n` +
      `Content-Type: ${TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
