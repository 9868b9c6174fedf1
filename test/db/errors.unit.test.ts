import { DrizzleQueryError } from 'drizzle-orm/errors';
import { describe, expect, it } from 'vitest';
import { asDatabaseError, isLost, violatedConstraint } from '../../src/db/engine/errors.js';
import { HullcastError } from '../../src/errors.js';

const failed = (code: string | undefined, message = 'a message'): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

const WHERE = 'postgres://db:5432/hullcast';

describe('asDatabaseError', () => {
  it.each<[string | undefined, string, string, boolean, number]>([
    // What passes when the server is back.
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', 'DB_UNREACHABLE', true, 1],
    ['ECONNRESET', 'read ECONNRESET', 'DB_UNREACHABLE', true, 1],
    ['EPIPE', 'write EPIPE', 'DB_UNREACHABLE', true, 1],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND db', 'DB_UNREACHABLE', true, 1],
    ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN db', 'DB_UNREACHABLE', true, 1],
    ['ENOENT', 'connect ENOENT /run/postgresql/.s.PGSQL.5432', 'DB_UNREACHABLE', true, 1],
    ['57P01', 'terminating connection due to administrator command', 'DB_UNREACHABLE', true, 1],
    ['57P03', 'the database system is starting up', 'DB_UNREACHABLE', true, 1],
    ['25P03', 'terminating connection due to idle-in-transaction timeout', 'DB_UNREACHABLE', true, 1],
    ['25006', 'cannot execute INSERT in a read-only transaction', 'DB_UNREACHABLE', true, 1],
    ['53300', 'sorry, too many clients already', 'DB_UNREACHABLE', true, 1],
    ['08006', 'connection failure', 'DB_UNREACHABLE', true, 1],
    [undefined, 'Connection terminated unexpectedly', 'DB_UNREACHABLE', true, 1],
    [undefined, 'Connection terminated due to connection timeout', 'DB_UNREACHABLE', true, 1],
    [undefined, 'timeout exceeded when trying to connect', 'DB_UNREACHABLE', true, 1],
    [undefined, 'Query read timeout', 'DB_UNREACHABLE', true, 1],
    [undefined, 'timeout expired', 'DB_UNREACHABLE', true, 1],
    // What only somebody can put right.
    ['28P01', 'password authentication failed for user "x"', 'DB_DENIED', false, 2],
    ['28000', 'no pg_hba.conf entry', 'DB_DENIED', false, 2],
    ['42501', 'permission denied for database hullcast', 'DB_DENIED', false, 2],
    [undefined, 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'DB_DENIED', false, 2],
    ['3D000', 'database "x" does not exist', 'DB_MISSING', false, 2],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate', 'DB_TLS', false, 2],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'Hostname does not match', 'DB_TLS', false, 2],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unable to verify the first certificate', 'DB_TLS', false, 2],
    [undefined, 'The server does not support SSL connections', 'DB_TLS', false, 2],
    // The rest.
    ['53100', 'could not extend file', 'DISK_FULL', true, 1],
    ['ENOSPC', 'no space left on device, mkdir', 'DISK_FULL', true, 1],
    ['57014', 'canceling statement due to statement timeout', 'DB_FAILED', true, 1],
    ['40P01', 'deadlock detected', 'DB_FAILED', true, 1],
    ['53200', 'out of memory', 'DB_FAILED', true, 1],
    ['23505', 'duplicate key value violates unique constraint "title_pkey"', 'DB_FAILED', false, 1],
    ['42P01', 'relation "x" does not exist', 'DB_FAILED', false, 1],
    [undefined, 'something else', 'DB_FAILED', false, 1],
  ])('%s %s', (code, message, expected, transient, exitCode) => {
    const error = asDatabaseError(failed(code, message), WHERE);
    expect(error).toBeInstanceOf(HullcastError);
    expect(error).toMatchObject({ code: expected, transient, exitCode });
    expect(error.message).toContain(WHERE);
    expect(error.hint).toMatch(/\w+/);
    expect(isLost(error)).toBe(expected === 'DB_UNREACHABLE');
    expect(isLost(failed(code, message))).toBe(expected === 'DB_UNREACHABLE');
  });

  it('leaves errors of ours as they are', () => {
    const error = new HullcastError('TITLE_ENDED', 'x');
    expect(asDatabaseError(error, WHERE)).toBe(error);
    expect(isLost(error)).toBe(false);
  });

  it('tells nothing of the values of a statement', () => {
    const cause = failed('23505', 'duplicate key value violates unique constraint "token_digest_key"');
    const wrapped = new DrizzleQueryError('insert into token values ($1)', ['a-secret'], cause);
    expect(wrapped.message).toContain('a-secret');
    const error = asDatabaseError(wrapped, WHERE);
    expect(error.cause).toBe(cause);
    expect(`${error.message} ${error.stack} ${(error.cause as Error).stack}`).not.toContain('a-secret');
    expect(error.message).toContain('SQLSTATE 23505');
  });

  it('says why, where all addresses of a name were tried', () => {
    const all = new AggregateError(
      [failed('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'), failed('ECONNREFUSED')],
      '',
    );
    expect(asDatabaseError(all, WHERE)).toMatchObject({
      code: 'DB_UNREACHABLE',
      message: `the database ${WHERE} does not answer: connect ECONNREFUSED ::1:5432`,
    });
  });

  it('takes what is no error', () => {
    expect(asDatabaseError('a text', WHERE)).toMatchObject({ code: 'DB_FAILED' });
    expect(asDatabaseError(undefined, WHERE)).toMatchObject({ code: 'DB_FAILED' });
  });
});

describe('violatedConstraint', () => {
  it('names the constraint of a refused row, and of nothing else', () => {
    const refused = Object.assign(failed('23503'), { constraint: 'title_upload' });
    expect(violatedConstraint(refused)).toBe('title_upload');
    expect(violatedConstraint(new DrizzleQueryError('q', [], refused))).toBe('title_upload');
    expect(violatedConstraint(Object.assign(failed('42P01'), { constraint: 'x' }))).toBeUndefined();
    expect(violatedConstraint(failed('23502'))).toBeUndefined();
    expect(violatedConstraint('x')).toBeUndefined();
  });
});
