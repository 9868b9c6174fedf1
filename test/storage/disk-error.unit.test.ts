import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import { asDiskError } from '../../src/storage/index.js';

describe('asDiskError', () => {
  it('makes what a full disk answers a transient DISK_FULL with a hint', async () => {
    const error: unknown = await writeFile('/dev/full', 'x').catch((reason: unknown) => reason);
    const mapped = asDiskError(error, '/some/where');
    expect(mapped).toBeInstanceOf(HullcastError);
    expect(mapped).toMatchObject({ code: 'DISK_FULL', transient: true, exitCode: 1, cause: error });
    expect((mapped as HullcastError).message).toBe('no space left on the disk: /some/where');
    expect((mapped as HullcastError).hint).toContain('Free some space');
  });

  it('leaves every other error as it is', async () => {
    const missing: unknown = await writeFile('/no/such/folder/file', 'x').catch((reason: unknown) => reason);
    for (const error of [missing, new Error('x'), new HullcastError('X', 'x'), 'text', undefined]) {
      expect(asDiskError(error, '/some/where')).toBe(error);
    }
  });
});
