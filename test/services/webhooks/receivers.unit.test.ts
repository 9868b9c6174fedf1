import { describe, expect, it } from 'vitest';
import { Receivers } from '../../../src/services/webhooks/receivers.js';

/** Begins as many as there may be. */
function fill(receivers: Receivers, name: string, nowMs: number): number {
  let begun = 0;
  while (begun < 1000 && receivers.mayBegin(name, nowMs)) {
    receivers.begin(name);
    begun += 1;
  }
  return begun;
}

describe('receivers', () => {
  it('have their own shares', () => {
    const receivers = new Receivers();
    expect(fill(receivers, 'a', 0)).toBe(24);
    expect(fill(receivers, 'b', 0)).toBe(24);
    receivers.end('a', true, 0);
    expect(fill(receivers, 'a', 0)).toBe(1);
  });

  it('are silent after three failures in a row, for a minute', () => {
    const receivers = new Receivers();
    for (let i = 0; i < 3; i++) receivers.begin('a');
    receivers.end('a', false, 0);
    receivers.end('a', false, 1);
    expect(receivers.isSilent('a', 1)).toBe(false);
    receivers.end('a', false, 2);
    expect(receivers.isSilent('a', 2)).toBe(true);
    expect(receivers.isSilent('b', 2)).toBe(false);
    expect(fill(receivers, 'a', 3)).toBe(1);
    expect(receivers.isSilent('a', 60_001)).toBe(true);
    expect(receivers.isSilent('a', 60_002)).toBe(false);
  });

  it('are themselves again with one answer', () => {
    const receivers = new Receivers();
    for (let i = 0; i < 4; i++) receivers.begin('a');
    for (let i = 0; i < 3; i++) receivers.end('a', false, i);
    receivers.end('a', true, 10);
    expect(receivers.isSilent('a', 10)).toBe(false);
    expect(fill(receivers, 'a', 10)).toBe(24);
  });

  it('are forgotten in the order of their failures where they are very many', () => {
    const receivers = new Receivers();
    const fail = (name: string, times: number): void => {
      for (let i = 0; i < times; i++) {
        receivers.begin(name);
        receivers.end(name, false, 0);
      }
    };
    fail('first', 3);
    fail('second', 3);
    for (let i = 0; i < 9998; i++) fail(`other-${i}`, 1);
    expect(receivers.isSilent('first', 0)).toBe(true);
    fail('last', 1);
    expect([receivers.isSilent('first', 0), receivers.isSilent('second', 0)]).toEqual([false, true]);
  });
});
