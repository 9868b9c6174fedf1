import { totalmem } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gate, usableMemory } from '../../src/pipeline/gate.js';
import { abortController } from '../../src/pipeline/signals.js';
import type { Leave } from '../../src/pipeline/waiters.js';

const never = abortController().signal;
/** Lets every promise that can settle do so. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Jobs of all queues are due together. */
const together = (): Promise<number> => Promise.resolve(0);

/** Enters, and notes under `name` when that was granted. */
function asking(gate: Gate, granted: string[], leaves: Map<string, Leave>) {
  return (
    name: string,
    stage: string,
    firstDue: () => Promise<number | undefined> = together,
    signal = never,
  ): void => {
    gate.enter(stage, firstDue, signal).then(
      (leave) => {
        granted.push(name);
        leaves.set(name, leave);
        gate.goAway(stage);
      },
      () => granted.push(`${name} left`),
    );
  };
}

describe('Gate', () => {
  const ORDER = ['chunk', 'encode', 'package'];

  it('gives places of what is due together to later stages first, then to who waited longest', async () => {
    const gate = new Gate({ size: 1, order: ORDER });
    const granted: string[] = [];
    const leaves = new Map<string, Leave>();
    const ask = asking(gate, granted, leaves);
    ask('first', 'chunk');
    await settle();
    ask('c1', 'chunk');
    ask('e1', 'encode');
    ask('p1', 'package');
    ask('e2', 'encode');
    ask('other', 'not named');
    ask('p2', 'package');
    await settle();
    expect(gate.waiting).toBe(6);
    for (let i = 0; i < 7; i += 1) {
      leaves.get(granted.at(-1)!)!();
      await settle();
    }
    expect(granted).toEqual(['first', 'other', 'p1', 'p2', 'e1', 'e2', 'c1']);
    expect(gate.busy).toBe(0);
  });

  /** A gate of one place that is taken, and who waits for it. */
  function full() {
    const gate = new Gate({ size: 1, order: ORDER });
    const leave = gate.tryEnter('elsewhere')!;
    gate.goAway('elsewhere');
    const granted: string[] = [];
    const leaves = new Map<string, Leave>();
    return { gate, leave, granted, leaves, ask: asking(gate, granted, leaves) };
  }

  it('gives a place to the queue whose first job is due earliest, whatever its stage', async () => {
    const { leave, granted, leaves, ask } = full();
    const due: Record<string, number> = { package: 300, encode: 200, chunk: 100 };
    for (const stage of ['package', 'encode', 'chunk']) ask(stage, stage, () => Promise.resolve(due[stage]!));
    await settle();
    // What was first when they came is done by others; the place goes by what is first now.
    due['chunk'] = 250;
    leave();
    await settle();
    expect(granted).toEqual(['encode']);
    due['package'] = 240;
    for (const next of ['encode', 'package']) {
      leaves.get(next)!();
      await settle();
    }
    expect(granted).toEqual(['encode', 'package', 'chunk']);
  });

  it('lets who seems to have nothing look first, so that it is not asked for every job of the others', async () => {
    const { leave, granted, leaves, ask } = full();
    let asked = 0;
    ask('full', 'package', () => Promise.resolve(0));
    ask('empty', 'chunk', () => Promise.resolve(((asked += 1), undefined)));
    leave();
    await settle();
    expect([granted, asked]).toEqual([['empty'], 1]);
    leaves.get('empty')!();
    await settle();
    expect(granted).toEqual(['empty', 'full']);
  });

  it('gives places that are free together to the best, who comes back for each, not to all in turn', async () => {
    const gate = new Gate({ size: 3, order: ORDER });
    const out = [1, 2, 3].map(() => gate.tryEnter('elsewhere')!);
    gate.goAway('elsewhere');
    const granted: string[] = [];
    const leaves: Leave[] = [];
    const ask = (stage: string, due: number): void => {
      void gate
        .enter(stage, () => Promise.resolve(due), never)
        .then((leave) => {
          granted.push(stage);
          leaves.push(leave);
        });
    };
    ask('package', 7);
    ask('chunk', 5);
    out.forEach((leave) => leave());
    await settle();
    expect(granted).toEqual(['chunk']);
    expect(gate.tryEnter('encode')).toBeUndefined();
    ask('chunk', 6); // it has taken its job
    await settle();
    expect(granted).toEqual(['chunk', 'chunk']);
    leaves[0]!(); // a job that ends meanwhile is not the one that is being taken
    await settle();
    expect(granted).toEqual(['chunk', 'chunk']);
    leaves[1]!(); // there was no job any more
    await settle();
    expect(granted).toEqual(['chunk', 'chunk', 'package']);
    gate.goAway('package');
    expect(gate.tryEnter('encode')).toBeDefined();
    expect(gate.busy).toBe(2);
  });

  it('asks nobody where only one waits', async () => {
    const { leave, granted, ask } = full();
    let asked = 0;
    ask('only', 'chunk', () => Promise.resolve((asked += 1)));
    leave();
    await settle();
    expect([granted, asked]).toEqual([['only'], 0]);
  });

  it('lets nobody else in while the best is looked for, nor waits for who has left or cannot be read', async () => {
    const { gate, leave, granted, leaves, ask } = full();
    const [stop, silent] = [abortController(), new Promise<number>(() => undefined)];
    ask('silent', 'package', () => silent, stop.signal);
    ask('broken', 'package', () => Promise.reject(new Error('its server is away')));
    ask('last', 'chunk', () => Promise.resolve(9));
    leave();
    await settle();
    expect(granted).toEqual([]);
    expect(gate.tryEnter('chunk')).toBeUndefined();
    stop.abort(new Error('closed'));
    await settle();
    expect(granted).toEqual(['silent left', 'last']);
    leaves.get('last')!();
    await settle();
    expect(granted).toEqual(['silent left', 'last', 'broken']);
    leaves.get('broken')!();
    expect([gate.busy, gate.waiting]).toEqual([0, 0]);
    gate.tryEnter('chunk')!();
  });

  it('passes on a place whose best has left in the last moment', async () => {
    const { leave, granted, ask } = full();
    const stop = abortController();
    let answer = (_due: number): void => undefined;
    ask('best', 'chunk', () => Promise.resolve(1), stop.signal);
    ask('slow', 'chunk', () => new Promise((resolve) => (answer = resolve)));
    ask('other', 'chunk', () => Promise.resolve(2));
    leave();
    await settle();
    answer(3);
    stop.abort(new Error('closed'));
    await settle();
    answer(3);
    await settle();
    expect(granted).toEqual(['best left', 'other']);
  });

  it('keeps the limits of stages, and lets others pass who are not at theirs', async () => {
    const gate = new Gate({ size: 3, order: ORDER, limits: { package: 1 } });
    const granted: string[] = [];
    const leaves = new Map<string, Leave>();
    const ask = asking(gate, granted, leaves);
    ask('p1', 'package');
    ask('p2', 'package');
    ask('c1', 'chunk');
    ask('c2', 'chunk');
    await settle();
    expect(granted).toEqual(['p1', 'c1', 'c2']);
    expect(gate.tryEnter('package')).toBeUndefined();
    leaves.get('c1')!();
    await settle();
    expect(gate.tryEnter('package')).toBeUndefined(); // there is a place, but not for this stage
    leaves.get('p1')!();
    await settle();
    expect(granted).toEqual(['p1', 'c1', 'c2', 'p2']);
    expect(gate.busy).toBe(2);
  });

  it('can be resized: who has a place keeps it, new ones are given at once', async () => {
    const gate = new Gate({ size: 2 });
    const [a, b] = [gate.tryEnter('x')!, gate.tryEnter('x')!];
    gate.resize(1);
    expect(gate.size).toBe(1);
    expect(gate.busy).toBe(2);
    a();
    expect(gate.tryEnter('x')).toBeUndefined();
    const third = gate.enter('x', together, never);
    gate.resize(2);
    await third;
    expect(gate.busy).toBe(2);
    b();
    b(); // a second time changes nothing
    expect(gate.busy).toBe(1);
  });

  it('lets who waits leave', async () => {
    const gate = new Gate({ size: 1 });
    const leave = gate.tryEnter('x')!;
    const leaver = abortController();
    const waits = gate.enter('x', together, leaver.signal);
    const next = gate.enter('x', together, never);
    leaver.abort(new Error('no longer'));
    await expect(waits).rejects.toThrow('no longer');
    await expect(gate.enter('x', together, leaver.signal)).rejects.toThrow('no longer');
    leave();
    (await next)();
    expect([gate.busy, gate.waiting]).toEqual([0, 0]);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s places', (size) => {
    expect(() => new Gate({ size })).toThrow(RangeError);
    expect(() => new Gate({ size: 1, limits: { x: size } })).toThrow(RangeError);
    expect(() => new Gate({ size: 1 }).resize(size)).toThrow(RangeError);
  });

  type Step =
    | { do: 'ask'; stage: number }
    | { do: 'try'; stage: number }
    | { do: 'leave' | 'leave twice' | 'abort'; which: number }
    | { do: 'resize'; size: number };
  const which = fc.nat({ max: 50 });
  const stage = fc.nat({ max: 2 });
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('ask' as const), stage }) },
    fc.record({ do: fc.constant('try' as const), stage }),
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('leave' as const, 'leave twice' as const, 'abort' as const),
        which,
      }),
    },
    fc.record({ do: fc.constant('resize' as const), size: fc.integer({ min: 1, max: 4 }) }),
  );

  it('never has more out than its size and loses no place, whatever comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, first) => {
          const gate = new Gate({ size: first, order: ORDER, limits: { encode: 2 } });
          const out: { stage: string; leave: Leave }[] = [];
          const waiting: { stage: string; stop: AbortController }[] = [];
          const left: Leave[] = [];
          const run = (now: Step): void => {
            if (now.do === 'resize') return gate.resize(now.size);
            if (now.do === 'try') {
              const leave = gate.tryEnter(ORDER[now.stage]!);
              if (leave) out.push({ stage: ORDER[now.stage]!, leave });
              gate.goAway(ORDER[now.stage]!);
            } else if (now.do === 'ask') {
              const entry = { stage: ORDER[now.stage]!, stop: abortController() };
              waiting.push(entry);
              gate.enter(entry.stage, together, entry.stop.signal).then(
                (leave) => {
                  out.push({ stage: waiting.splice(waiting.indexOf(entry), 1)[0]!.stage, leave });
                  gate.goAway(entry.stage);
                },
                () => void waiting.splice(waiting.indexOf(entry), 1),
              );
            } else if (now.do === 'abort') {
              waiting[now.which % Math.max(1, waiting.length)]?.stop.abort(new Error('left'));
            } else if (now.do === 'leave twice') {
              left[now.which % Math.max(1, left.length)]?.();
            } else {
              const [gone] = out.splice(now.which % Math.max(1, out.length), 1);
              gone?.leave();
              if (gone) left.push(gone.leave);
            }
          };
          for (const now of steps) {
            const before = out.length;
            run(now);
            await settle();
            const encodes = out.filter((one) => one.stage === 'encode').length;
            expect(gate.busy).toBe(out.length);
            expect(gate.waiting).toBe(waiting.length);
            if (out.length > before) expect(out.length).toBeLessThanOrEqual(gate.size);
            expect(encodes).toBeLessThanOrEqual(2);
            // Nobody waits for what is there.
            const servable = waiting.filter((one) => one.stage !== 'encode' || encodes < 2);
            if (out.length < gate.size) expect(servable).toEqual([]);
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the memory of a gate', () => {
  /** Runs a task that lasts until its name is ended. */
  function tasks(gate: Gate) {
    const running: string[] = [];
    const ends = new Map<string, () => void>();
    const run = (name: string, stage: string, bytes: number, signal = never, due = 0): Promise<void> =>
      gate.withMemory({ stage, due, bytes }, signal, async () => {
        running.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
        running.splice(running.indexOf(name), 1);
      });
    const end = async (name: string): Promise<void> => {
      ends.get(name)!();
      await settle();
    };
    return { running, run, end };
  }

  it('is shared among jobs, and what needs none of it waits for nothing', async () => {
    const gate = new Gate({ size: 9, memory: 10 });
    const { running, run, end } = tasks(gate);
    const all = [run('6', 'x', 6), run('4', 'x', 4), run('1', 'x', 1), run('0', 'x', 0)];
    await settle();
    expect(running).toEqual(['0', '6', '4']);
    await end('4');
    expect(running).toEqual(['0', '6', '1']);
    for (const name of ['0', '6', '1']) await end(name);
    await Promise.all(all);
  });

  it('goes to later stages first, and nobody overtakes one that needs much', async () => {
    const gate = new Gate({ size: 9, memory: 10, order: ['chunk', 'encode'] });
    const { running, run, end } = tasks(gate);
    const all = [
      run('first', 'chunk', 8),
      run('much', 'encode', 9),
      run('little', 'chunk', 1),
      run('late', 'encode', 2),
    ];
    await settle();
    expect(running).toEqual(['first']);
    await end('first');
    expect(running).toEqual(['much']);
    await end('much');
    expect(running).toEqual(['late', 'little']);
    for (const name of ['late', 'little']) await end(name);
    await Promise.all(all);
  });

  it('goes to what is due first, whatever its stage', async () => {
    const gate = new Gate({ size: 9, memory: 10, order: ['chunk', 'encode'] });
    const { running, run, end } = tasks(gate);
    const all = [
      run('first', 'chunk', 8),
      run('later', 'encode', 9, never, 5),
      run('sooner', 'chunk', 9, never, 4),
    ];
    await settle();
    await end('first');
    expect(running).toEqual(['sooner']);
    await end('sooner');
    await end('later');
    await Promise.all(all);
  });

  it('lets a job that needs more than there is run alone', async () => {
    const gate = new Gate({ size: 9, memory: 10 });
    const { running, run, end } = tasks(gate);
    const all = [run('small', 'x', 1), run('huge', 'x', 50), run('next', 'x', 1)];
    await settle();
    expect(running).toEqual(['small']);
    await end('small');
    expect(running).toEqual(['huge']);
    await end('huge');
    expect(running).toEqual(['next']);
    await end('next');
    await Promise.all(all);
  });

  it('is given back by a task that fails, and not taken by one that was stopped', async () => {
    const gate = new Gate({ size: 9, memory: 10 });
    await expect(
      gate.withMemory({ stage: 'x', due: 0, bytes: 10 }, never, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    const { running, run, end } = tasks(gate);
    const stop = abortController();
    const first = run('first', 'x', 9);
    const stopped = run('stopped', 'x', 9, stop.signal);
    const behind = run('behind', 'x', 1);
    await settle();
    expect(running).toEqual(['first']);
    stop.abort(new Error('stopped'));
    await expect(stopped).rejects.toThrow('stopped');
    await settle();
    expect(running).toEqual(['first', 'behind']); // it was kept back by the one that left
    for (const name of ['first', 'behind']) await end(name);
    await Promise.all([first, behind]);
  });

  it('has no limit unless one is given', async () => {
    const gate = new Gate({ size: 9 });
    const { running, run, end } = tasks(gate);
    const all = [run('a', 'x', 1e15), run('b', 'x', 1e15)];
    await settle();
    expect(running).toEqual(['a', 'b']);
    for (const name of ['a', 'b']) await end(name);
    await Promise.all(all);
  });

  it('is, by default, less than the machine has', () => {
    expect(usableMemory()).toBeGreaterThan(64 * 2 ** 20);
    expect(usableMemory()).toBeLessThan(totalmem());
  });
});
