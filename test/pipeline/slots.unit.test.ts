import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/pipeline/slots.js';

const never = new AbortController().signal;
setMaxListeners(0, never);
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Slots', () => {
  it('runs no more than its size at a time, in order, and all of them', async () => {
    const slots = new Slots(3);
    const order: number[] = [];
    let now = 0;
    let most = 0;
    const task = (i: number) => async (): Promise<number> => {
      order.push(i);
      most = Math.max(most, (now += 1));
      await tick();
      now -= 1;
      return i;
    };
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => slots.use(never, task(i))));
    expect(results).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(order).toEqual(results);
    expect(most).toBe(3);
  });

  it('frees the slot of a task that fails', async () => {
    const slots = new Slots(1);
    await expect(slots.use(never, () => Promise.reject(new Error('x')))).rejects.toThrow('x');
    expect(await slots.use(never, () => Promise.resolve(1))).toBe(1);
  });

  it('lets who waits leave, without losing the slot', async () => {
    const slots = new Slots(1);
    let end: () => void = () => undefined;
    const first = slots.use(never, () => new Promise<void>((resolve) => (end = resolve)));
    const leaver = new AbortController();
    const second = slots.use(leaver.signal, () => Promise.resolve('second'));
    const third = slots.use(never, () => Promise.resolve('third'));
    leaver.abort(new Error('left'));
    await expect(second).rejects.toThrow('left');
    end();
    await first;
    expect(await third).toBe('third');
    expect(await slots.use(never, () => Promise.resolve('fourth'))).toBe('fourth');
  });

  it('lets all who wait with a signal leave at once, and nobody else', async () => {
    const slots = new Slots(1);
    let end: () => void = () => undefined;
    const first = slots.use(never, () => new Promise<void>((resolve) => (end = resolve)));
    const leaver = new AbortController();
    const order: string[] = [];
    const wait = (name: string, signal: AbortSignal): Promise<unknown> =>
      slots
        .use(signal, () => Promise.resolve(order.push(name)))
        .catch((error: Error) => order.push(error.message));
    const others = [wait('a', never), wait('b', leaver.signal), wait('c', never), wait('d', leaver.signal)];
    leaver.abort(new Error('left'));
    await tick();
    expect(order).toEqual(['left', 'left']);
    end();
    await Promise.all([first, ...others]);
    expect(order).toEqual(['left', 'left', 'a', 'c']);
    await expect(slots.use(leaver.signal, () => Promise.resolve())).rejects.toThrow('left');
  });

  it('takes no time over tens of thousands who wait with one signal', async () => {
    const slots = new Slots(2);
    const started = performance.now();
    const results = await Promise.all(
      Array.from({ length: 50_000 }, (_, i) => slots.use(never, () => Promise.resolve(i))),
    );
    expect(results.at(-1)).toBe(49_999);
    expect(performance.now() - started).toBeLessThan(8000); // looked through one by one: most of a minute
  });

  it('does not start what was aborted before', async () => {
    let started = false;
    const run = new Slots(1).use(AbortSignal.abort(new Error('before')), () => {
      started = true;
      return Promise.resolve();
    });
    await expect(run).rejects.toThrow('before');
    expect(started).toBe(false);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s slots', (size) => {
    expect(() => new Slots(size)).toThrow(RangeError);
  });
});
