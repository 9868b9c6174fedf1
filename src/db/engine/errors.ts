import { DrizzleQueryError } from 'drizzle-orm/errors';
import { HullcastError, badUsage } from '../../errors.js';

/** Of the system: nobody answers there, or somebody stopped to. */
const UNREACHABLE = new Set(
  (
    'ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENOTFOUND ' +
    'EAI_AGAIN ENOENT'
  ).split(' '),
);

/**
 * Of the server: it stops, starts, recovers, ended this session, has no connection left, or takes no writes any more, since
 * another has become the first one (25006). Class 08 besides.
 */
const UNAVAILABLE = new Set(['57P01', '57P02', '57P03', '57P05', '25P03', '25006', '53300']);

/** What pg says of connections in words only. */
const LOST =
  /^(Connection terminated|timeout exceeded when trying|Query read timeout|timeout expired|Client has enc)/;

/** Codes of certificates that are not to be trusted. */
const UNTRUSTED = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

const SQLSTATE = /^[0-9A-Z]{5}$/;

/** What a driver threw; drizzle's wrapping is taken off, as its message holds the values of the statement. */
function driverError(error: unknown): Error & { code?: unknown } {
  const inner = error instanceof DrizzleQueryError ? error.cause : error;
  return inner instanceof Error ? inner : new Error(String(inner));
}

/** Of a list of addresses that were all tried, the first one's error says enough. */
function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(driverError(error.errors[0])) : '';
}

function textOf(error: Error): string {
  return (
    error.message || (error instanceof AggregateError ? driverError(error.errors[0]).message : error.name)
  );
}

/** The name of a violated constraint, for a caller who knows what it means; undefined for any other error. */
export function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint } = driverError(error) as { code?: unknown; constraint?: unknown };
  return String(code).startsWith('23') && typeof constraint === 'string' ? constraint : undefined;
}

/** True where whoever asked can only wait for the server: another connection will do. */
export function isLost(error: unknown): boolean {
  return error instanceof HullcastError ? error.code === 'DB_UNREACHABLE' : lost(driverError(error));
}

function lost(error: Error): boolean {
  const code = codeOf(error);
  if (UNREACHABLE.has(code) || UNAVAILABLE.has(code)) return true;
  return (SQLSTATE.test(code) && code.startsWith('08')) || (code === '' && LOST.test(textOf(error)));
}

/**
 * Any error of a driver as a HullcastError, one of ours as it is. `where` names the database, without its password;
 * messages of the server name columns and constraints, never values.
 */
export function asDatabaseError(thrown: unknown, where: string): HullcastError {
  if (thrown instanceof HullcastError) return thrown;
  const cause = driverError(thrown);
  const code = codeOf(cause);
  const text = textOf(cause);
  if (lost(cause)) {
    return new HullcastError('DB_UNREACHABLE', `the database ${where} does not answer: ${text}`, {
      hint: 'See that the server runs and can be reached from here; nothing else is needed.',
      ...{ transient: true, cause },
    });
  }
  return refusal(code, text, where) ?? failure(cause, code, text, where);
}

/** What only who set it up can put right. */
function refusal(code: string, text: string, where: string): HullcastError | undefined {
  if (code.startsWith('28') || code === '42501' || text.startsWith('SASL')) {
    return badUsage(
      'DB_DENIED',
      `the database ${where} refuses this user: ${text}`,
      'Check user and password in HULLCAST_DB, and that the user may create a schema in this database.',
    );
  }
  if (code === '3D000') {
    return badUsage(
      'DB_MISSING',
      `the database ${where} does not exist`,
      'Create it (CREATE DATABASE), or name another in HULLCAST_DB.',
    );
  }
  if (UNTRUSTED.test(code) || text.includes('server does not support SSL')) {
    return badUsage(
      'DB_TLS',
      `no secure connection to the database ${where}: ${text}`,
      'Name the authority in HULLCAST_DB (sslrootcert=file), or another sslmode.',
    );
  }
  return undefined;
}

function failure(cause: Error, code: string, text: string, where: string): HullcastError {
  if (code === '53100' || code === 'ENOSPC' || code === 'EDQUOT') {
    return new HullcastError('DISK_FULL', `no space left for the database ${where}`, {
      hint: 'Free some space on its disk.',
      ...{ transient: true, cause },
    });
  }
  // Timeouts of statements and locks, deadlocks, resources that ran out: all of them may pass.
  const transient = ['57014', '55P03'].includes(code) || code.startsWith('40') || code.startsWith('53');
  const state = SQLSTATE.test(code) ? ` (SQLSTATE ${code})` : '';
  return new HullcastError('DB_FAILED', `the database ${where} failed: ${text}${state}`, {
    hint: 'If it happens again, please report it, with what the log of the database says.',
    ...{ transient, cause },
  });
}
