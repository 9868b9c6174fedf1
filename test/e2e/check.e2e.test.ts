import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { titleMaster } from '../../fixtures/title.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);
const home = at('home');
// A small ladder: what is tested here is the check.
const ENCODE = [...LEAN, '--max-height', '240'];

describe('hullcast check', () => {
  let report: Report;

  beforeAll(async () => {
    const first = await cli(['encode', await titleMaster(), '--out', at('title'), ...ENCODE], { home });
    expect(first.stderr).not.toContain('error');
    report = parseReport(JSON.parse(await readFile(join(at('title'), 'report.json'), 'utf8')));
  });

  const check = (...args: string[]): ReturnType<typeof cli> => cli(['check', ...args, '--json'], { home });

  test('a title against itself: 0, with every figure compared and unchanged', async () => {
    const same = await check(at('title'), '--baseline', join(at('title'), 'report.json'));
    expect(same.stderr).toBe('');
    expect(same.exitCode).toBe(0);
    const figures = same.lines().filter(({ type }) => type === 'comparison');
    expect(figures).toHaveLength(6);
    expect(report.renditions.length).toBeGreaterThan(1); // else there is no curve
    for (const figure of figures) expect(figure).toMatchObject({ change: 0, result: 'pass' });
    expect(same.lines().at(-1)).toMatchObject({ type: 'verdict', ok: true });
  });

  test('the same encoded again from what is there: 0, and no word on cost', async () => {
    const args = ['encode', await titleMaster(), '--out', at('again'), ...ENCODE];
    expect((await cli(args, { home })).exitCode).toBe(0);
    const again = await check(at('again'), '--baseline', at('title'));
    expect(again.exitCode).toBe(0);
    const results = again.lines().flatMap(({ check: name, result }) => (name ? [[name, result]] : []));
    expect(Object.fromEntries(results as [string, string][])).toEqual({
      ...{ 'bd-rate': 'pass', size: 'pass', cost: 'skipped' },
      ...{ 'top-mean': 'pass', 'top-p5': 'pass', 'top-chunk': 'pass' },
    });
  });

  test('against a baseline with 5% fewer bits: 4, and both figures are 5% up to rounding', async () => {
    const baseline = structuredClone(report);
    for (const rendition of baseline.renditions) {
      rendition.bits = Math.round(rendition.bits / 1.05);
      rendition.averageBitrate /= 1.05;
    }
    await writeFile(at('baseline.json'), JSON.stringify(baseline));
    const worse = await check(at('title'), '--baseline', at('baseline.json'));
    expect(worse.exitCode).toBe(4);
    expect(worse.stderr).toContain('error CHECK_REGRESSED: 2 of 6 checks failed: ');
    const failed = worse.lines().filter(({ result }) => result === 'fail');
    expect(failed.map(({ check: name }) => name)).toEqual(['bd-rate', 'size']);
    for (const { change } of failed) expect(change).toBeCloseTo(5, 2);
  });
});
