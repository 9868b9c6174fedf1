import { describe, expect, it } from 'vitest';
import { engineSettings } from '../../../src/services/engines/index.js';

const seconds = (text: string): number | undefined =>
  engineSettings({ HULLCAST_LOCK_SECONDS: text }, 'home').lockSeconds;

describe('HULLCAST_LOCK_SECONDS', () => {
  it('is a whole number from 2 to 600, and may be left out', () => {
    expect(engineSettings({}, 'home').lockSeconds).toBeUndefined();
    expect(['', '2', '30', '600'].map(seconds)).toEqual([undefined, 2, 30, 600]);
  });

  it.each(['0', '1', '601', '3.5', '-4', '1e2', ' 30', '30s'])('is not %j', (text) => {
    expect(() => seconds(text)).toThrow(expect.objectContaining({ code: 'LOCK_SECONDS' }));
  });
});
