import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/services/api/index.js';
import { problemOf, titleFailure } from '../../../src/services/client/problem.js';

function refusal(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return problemOf('http://s', { status, body: text, header: (name) => headers[name] });
}

const problem = (status: number, code: string, more: Partial<Problem> = {}): Problem => ({
  ...{ type: 'about:blank', title: 'A title', status, detail: 'it is so', code, errorId: 'abc123' },
  ...more,
});

describe('a problem', () => {
  it('keeps code, words and hint, and tells its error id', () => {
    const error = refusal(404, problem(404, 'TITLE_NOT_FOUND', { hint: 'Look again.' }));
    expect(error).toMatchObject({
      code: 'TITLE_NOT_FOUND',
      hint: 'Look again.',
      exitCode: 2,
      transient: false,
    });
    expect(error.message).toBe('it is so (error id abc123)');
  });

  it('names the fields that were refused', () => {
    const errors = [
      { path: 'body.priority', message: 'too big' },
      { path: 'body.name', message: 'too long' },
    ];
    expect(refusal(400, problem(400, 'REQUEST_INVALID', { errors })).message).toBe(
      'it is so (error id abc123)\n  body.priority: too big\n  body.name: too long',
    );
  });

  it.each([
    ...[400, 401, 403, 404, 422].map((status) => [status, 2, false] as const),
    ...[405, 409, 410, 412, 413, 415, 416, 431, 501].map((status) => [status, 1, false] as const),
    ...[408, 423, 425, 429, 460, 500, 502, 503, 504, 507].map((status) => [status, 1, true] as const),
  ])('%i: exit code %i, transient %s', (status, exitCode, transient) => {
    expect(refusal(status, problem(status, 'A_CODE'))).toMatchObject({ code: 'A_CODE', exitCode, transient });
  });

  it('is known by a header where an answer can have no body', () => {
    const told = { 'hullcast-problem': 'STORE_UNREACHABLE 0123abcd' };
    expect(refusal(503, '', told)).toMatchObject({
      ...{ code: 'STORE_UNREACHABLE', transient: true, exitCode: 1 },
      message: 'http://s answered 503, STORE_UNREACHABLE (error id 0123abcd)',
    });
    for (const header of ['', 'x', 'CODE', 'CODE \u001b[2J', 'code 0123', 'CODE 0123 more'])
      expect(refusal(503, '', { 'hullcast-problem': header }).code, header).toBe('SERVER_ANSWER');
    // A body says more.
    expect(refusal(503, problem(503, 'DB_UNREACHABLE'), told).code).toBe('DB_UNREACHABLE');
  });

  it('tells how long the server wants to be left alone', () => {
    const { message } = refusal(429, problem(429, 'RATE_LIMITED'), { 'retry-after': '3600' });
    expect(message).toBe('it is so (error id abc123, to be tried again in 3600 s)');
  });

  it('does nothing to a terminal', () => {
    const error = refusal(400, problem(400, 'A', { detail: 'x\u001b[2Jy\nz\u0007', hint: 'h\u009b1m' }));
    expect(error.message).toBe('x [2Jy\nz  (error id abc123)');
    expect(error.hint).toBe('h 1m');
    expect(titleFailure('n', { code: 'A', message: '\u001b]0;t', hint: '\r' })).toMatchObject({
      ...{ message: 'n:  ]0;t', hint: ' ' },
    });
  });

  it('of the master is exit code 3', () => {
    expect(refusal(422, problem(422, 'MASTER_EMPTY'))).toMatchObject({ exitCode: 3 });
    expect(titleFailure('a.mov', { code: 'MASTER_NO_VIDEO', message: 'no picture' })).toMatchObject({
      ...{ code: 'MASTER_NO_VIDEO', message: 'a.mov: no picture', exitCode: 3 },
    });
    expect(titleFailure('a.mov', { code: 'DISK_FULL', message: 'full', hint: 'Free some.' })).toMatchObject({
      ...{ exitCode: 1, hint: 'Free some.' },
    });
  });
});

describe('an answer that hullcast did not give', () => {
  it.each([
    [401, 'SERVER_REFUSED', 2, /HULLCAST_TOKEN/],
    [404, 'SERVER_REFUSED', 2, /--server/],
    [502, 'SERVER_ANSWER', 1, /Try again|try again/],
  ])('%i is %s', (status, code, exitCode, hint) => {
    const error = refusal(status, '<html>no</html>', { 'content-type': 'text/html' });
    expect(error).toMatchObject({ code, exitCode, message: `http://s answered ${status}` });
    expect(error.hint).toMatch(hint);
  });

  it('is told in its own words where it is a line of text', () => {
    expect(refusal(413, 'Maximum size exceeded\n').message).toBe(
      'http://s answered 413: Maximum size exceeded',
    );
  });

  it('says where it points to', () => {
    expect(refusal(301, '', { location: 'https://t/' }).hint).toContain('https://t/');
  });

  it('is never taken for one, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 300, max: 599 }), (body, status) => {
        expect(['SERVER_ANSWER', 'SERVER_REFUSED']).toContain(refusal(status, body).code);
      }),
    );
  });
});
