import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { EXIT, HullcastError, masterRejected } from '../../src/errors.js';
import { asHullcastError, decodeFailure, encodeFailure, jobError } from '../../src/pipeline/failure.js';

describe('failures through the queue', () => {
  it.each([
    masterRejected('MASTER_EMPTY', 'no frames in "été.mov"\nat all', 'Export it again.'),
    new HullcastError('FLOOR', 'below 90', { exitCode: EXIT.floorMissed }),
    new HullcastError('DISK_FULL', 'no room', { transient: true, hint: 'Free some.' }),
  ])('keep everything of $code', (error) => {
    const back = decodeFailure(encodeFailure(error));
    const facts = ({ code, message, hint, exitCode, transient }: HullcastError): unknown[] => [
      ...[code, message, hint, exitCode, transient],
    ];
    expect(back).toBeInstanceOf(HullcastError);
    expect(facts(back)).toEqual(facts(error));
  });

  it.each([
    'job stalled more than allowable limit',
    '{"code":"X"}',
    '{"code":"X","message":"m","exitCode":9,"transient":false}',
    '',
  ])('are STAGE_FAILED where the text %j is none of ours', (text) =>
    expect(decodeFailure(text)).toMatchObject({ code: 'STAGE_FAILED', message: text, exitCode: 1 }),
  );

  it('are thrown so that only what may pass is tried again', () => {
    const error = new HullcastError('X', 'x', { transient: true });
    expect(jobError(error, true)).not.toBeInstanceOf(UnrecoverableError);
    expect(jobError(error, false)).toBeInstanceOf(UnrecoverableError);
    expect(decodeFailure(jobError(error, false).message)).toMatchObject({
      code: 'X',
      message: 'x',
      transient: true,
    });
  });

  it('name what no one foresaw INTERNAL, with the place', () => {
    const fault = new TypeError('x is not a function');
    expect(asHullcastError(fault, 'stage probe')).toMatchObject({
      code: 'INTERNAL',
      message: 'stage probe: x is not a function',
      transient: false,
      cause: fault,
    });
    expect(asHullcastError('text', 'here')).toMatchObject({ code: 'INTERNAL', message: 'here: text' });
  });
});
