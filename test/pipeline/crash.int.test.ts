import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JobEvent, runTitle } from '../../src/pipeline/index.js';
import { JOBS, crashFlow, joinStage, workStage } from './crash-title.js';
import { type Script, bundleScript, killHard, printed } from './script.js';
import { TOOLS, homes, silent, until } from './support.js';

let fixtures: Awaited<ReturnType<typeof homes>>;
let script: Script;
beforeAll(async () => {
  [fixtures, script] = await Promise.all([homes(), bundleScript('crash-runner')]);
});
afterAll(async () => {
  await script.cleanUp();
  await fixtures.cleanUp();
});

/** How often each line is in the ledger of runs. */
async function countRuns(ledger: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const line of (await readFile(ledger, 'utf8')).trim().split('\n'))
    counts.set(line, (counts.get(line) ?? 0) + 1);
  return counts;
}

describe('a title whose process is killed', () => {
  it('goes on at once where it was, whenever that was, and gives the same', async () => {
    const home = await fixtures.make();
    const ledger = join(fixtures.root, 'ledger');

    const first = script.start(home, ledger);
    await printed(first, /^done work/, 3);
    await killHard(first);
    const afterFirst = await countRuns(ledger);
    // Whether the kill came within a job is chance: something of a dead run is there in any case.
    await mkdir(join(home, 'scratch', 'of-a-dead-run'));

    const second = script.start(home, ledger);
    const cachedFirst = printed(second, /^done work\.\d+ cached$/, 3);
    await cachedFirst;
    await until(async () => (await countRuns(ledger)).has('join'));
    await killHard(second);

    const events: JobEvent[] = [];
    const options = { home, stages: [workStage, joinStage], tools: TOOLS, log: silent, slots: 2 };
    const began = performance.now();
    let started = Infinity;
    const { result, totals } = await runTitle(options, 'crash', crashFlow(ledger), {
      onEvent: (event) => {
        events.push(event);
        if (event.state === 'started') started = Math.min(started, performance.now() - began);
      },
    });

    const hashes = Array.from({ length: JOBS }, (_, n) =>
      createHash('sha256').update(`result ${n}`).digest('hex'),
    );
    expect(result).toBe(hashes.join());
    expect(totals).toMatchObject({ cacheHits: JOBS, computed: { join: 1 } });
    expect(started).toBeLessThan(10_000); // no waiting for the lock of a dead process, which lasts 30 s
    const runs = await countRuns(ledger);
    // What was finished is never run again; what was running at the kill (at most a job a slot) is run once more.
    expect([...runs.keys()].filter((line) => line.startsWith('work'))).toHaveLength(JOBS);
    const twice = [...runs].filter(([line, count]) => line.startsWith('work') && count > 1);
    expect(twice.length).toBeLessThanOrEqual(2);
    expect(twice.every(([line, count]) => count === 2 && afterFirst.has(line))).toBe(true);
    expect(runs.get('join')).toBe(2);
    expect(await readdir(join(home, 'scratch'))).toEqual([]);
    expect(await readdir(join(home, 'store', '.tmp'))).toEqual([]);
  });

  it('holds the home while it runs, and not any more when it is killed', async () => {
    const home = await fixtures.make();
    const ledger = join(fixtures.root, 'ledger-2');
    const holder = script.start(home, ledger);
    await printed(holder, /^started/);
    const options = { home, stages: [workStage, joinStage], tools: TOOLS, log: silent };
    await expect(runTitle(options, 'crash', crashFlow(ledger))).rejects.toMatchObject({
      code: 'HOME_BUSY',
      message: expect.stringContaining(`process ${holder.pid} `) as string,
    });
    await killHard(holder);
    await runTitle(options, 'crash', crashFlow(ledger));
  });
});
