import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/db/engine/engine.js';
import { watchEvents } from '../../src/db/watch.js';
import { HullcastError } from '../../src/errors.js';
import { pause, silent, until } from './support.js';

/** An engine whose newest event is `last()`, and whose notifications come when `notify` is called. */
function fake(last: () => number): { engine: Engine; notify: () => void; listening: () => number } {
  const heard = new Set<() => void>();
  return {
    engine: {
      run: <T>() => Promise.resolve().then(() => last() as T),
      transaction: () => Promise.reject(new Error('not asked for')),
      listen: (_channel, listener) => {
        heard.add(listener);
        return () => Promise.resolve(void heard.delete(listener));
      },
      close: () => Promise.resolve(),
    },
    notify: () => heard.forEach((listener) => listener()),
    listening: () => heard.size,
  };
}

describe('watchEvents', () => {
  it('finds events that no notification told', async () => {
    let last = 5;
    const watch = watchEvents(fake(() => last).engine, silent, 10);
    let calls = 0;
    watch.changed(() => (calls += 1));
    await until(() => calls === 1, 'the call of the beginning');
    await pause(60);
    expect(calls).toBe(1); // nothing new
    for (last = 6; last < 9; last += 1) {
      const before = calls;
      await until(() => calls === before + 1, 'a call');
    }
    await watch.close();
  });

  it('makes one call of many notifications', async () => {
    const { engine, notify } = fake(() => 0);
    const watch = watchEvents(engine, silent, 60_000);
    let calls = 0;
    watch.changed(() => (calls += 1));
    await until(() => calls === 1, 'the call of the beginning');
    for (let i = 0; i < 100; i += 1) notify();
    await pause(20);
    expect(calls).toBe(2);
    await watch.close();
  });

  it('is quiet while the database is away, and calls when it is back', async () => {
    let away = false;
    const { engine } = fake(() => {
      if (away) throw new HullcastError('DB_UNREACHABLE', 'away', { transient: true });
      return 7;
    });
    const watch = watchEvents(engine, silent, 10);
    let calls = 0;
    watch.changed(() => (calls += 1));
    await until(() => calls === 1, 'the call of the beginning');
    away = true;
    await pause(60);
    expect(calls).toBe(1);
    away = false;
    await until(() => calls === 2, 'the call when it is back');
    await watch.close();
  });

  it('asks nothing before somebody wants to know, and nothing after it was closed', async () => {
    let asked = 0;
    const { engine, notify, listening } = fake(() => (asked += 1));
    const watch = watchEvents(engine, silent, 10);
    await pause(30);
    expect([asked, listening()]).toEqual([0, 0]);
    let calls = 0;
    watch.changed(() => (calls += 1));
    await until(() => calls > 0, 'a call');
    await watch.close();
    const before = [asked, calls];
    notify();
    await pause(40);
    expect([asked, calls]).toEqual(before);
    expect(listening()).toBe(0);
  });

  it('calls each listener, and one given twice twice, until each is stopped', async () => {
    const { engine, notify } = fake(() => 0);
    const watch = watchEvents(engine, silent, 60_000);
    const calls: string[] = [];
    const listener = (): void => void calls.push('twice');
    const stop = watch.changed(listener);
    watch.changed(listener);
    watch.changed(() => calls.push('once'));
    await until(() => calls.length === 3, 'the calls of the beginning');
    calls.length = 0;
    stop();
    stop();
    notify();
    await pause(20);
    expect(calls).toEqual(['twice', 'once']);
    await watch.close();
  });
});
