import { describe, expect, it } from 'vitest';
import { memoryUses } from '../../../src/services/license/memory-uses.js';
import { usesContract } from './uses.contract.js';

usesContract(
  'in memory',
  // A clock that is three times as fast: nobody waits for longer than needed.
  () => Promise.resolve(memoryUses({ now: () => 3 * performance.now() })),
  () => Promise.resolve(),
);

describe('uses in memory', () => {
  it('are bounded: beyond that tokens are refused, and none is forgotten before its time', async () => {
    let now = 1000;
    const uses = memoryUses({ most: 3, now: () => now });
    const ask = (token: string, keepMs = 100) =>
      uses.use({ ...{ token, slots: ['a'], most: 1, retryMs: 10, keepMs } });
    expect([await ask('1', 50), await ask('2'), await ask('3')]).toEqual(['first', 'first', 'first']);
    await expect(ask('4')).rejects.toMatchObject({ code: 'LICENSE_UNAVAILABLE', transient: true });
    now += 49;
    expect([await ask('1'), await ask('2'), await ask('3')]).toEqual(['replay', 'replay', 'replay']);
    await expect(ask('4')).rejects.toMatchObject({ code: 'LICENSE_UNAVAILABLE' });
    now += 1;
    expect(await ask('4')).toBe('first');
    expect(await ask('2')).toBe('replay');
    expect(uses.size()).toBe(3);
    now += 1000;
    expect(await ask('5')).toBe('first');
    expect(uses.size()).toBe(1);
  });
});
