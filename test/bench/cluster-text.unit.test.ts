import { describe, expect, test } from 'vitest';
import { duration, fewestTable, variantsTable, workersTable } from '../../bench/cluster-text.js';
import type { FilmRun, FilmStudy } from '../../bench/simulate/film-study.js';

const run = (workers: number, makespan: number): FilmRun => ({
  workers,
  bound: {
    criticalPath: 7200,
    work: 72_000,
    lower: Math.max(7200, 72_000 / workers),
    waits: 7200,
    upper: 9e9,
  },
  outcome: {
    ...{ makespan, turnarounds: Float64Array.of(makespan), runs: 9, lostRuns: 0 },
    ...{ busy: 72_000, lost: 0, jobs: 9 },
  },
});
const study: FilmStudy = {
  ...{ name: 'as it is', graph: { groups: [] }, jobs: 18_284, legs: [] },
  runs: [run(10, 9000), run(100, 8000), run(1000, 7200)],
};

test('times are told in a unit that suits them', () => {
  expect([0, 45.4, 600, 5999, 6000, 90_000].map(duration)).toEqual([
    ...['0 s', '45 s', '10.0 min', '100.0 min', '1.67 h', '25.00 h'],
  ]);
});

describe('tables', () => {
  test('of a film say what bounds it, and how near it comes', () => {
    const spots = study.runs.map(({ workers }) => ({ workers, median: 9100, worst: 9900, lost: 0.013 }));
    const rows = workersTable(study, spots).trimEnd().split('\n').slice(2);
    const cells = rows.map((row) => row.replaceAll(/\s+/g, ' '));
    expect(cells).toEqual([
      '| 10 | 2.50 h | 2.00 h | +25.0% | +25.0% | 80.0% | the critical path | 2.53 h | 2.75 h | 1.3% |',
      '| 100 | 2.22 h | 2.00 h | +11.1% | +11.1% | 9.0% | the critical path | 2.53 h | 2.75 h | 1.3% |',
      '| 1,000 | 2.00 h | 2.00 h | +0.0% | +0.0% | 1.0% | the critical path | 2.53 h | 2.75 h | 1.3% |',
    ]);
  });

  test('of flows say how many workers one can use', () => {
    const [, , row] = variantsTable([study]).split('\n');
    const cells = row!.split('|').map((cell) => cell.trim());
    expect(cells.slice(1, 6)).toEqual(['as it is', '18,284', '20.00 h', '2.00 h', '10']);
  });

  test('of the fewest workers count whole ones', () => {
    const fewest = { least: 126.6, all: 300, urgent: 260 };
    expect(fewestTable([{ name: 'as it is', order: 'stage', machines: 'spot', fewest }])).toContain(
      '| as it is | stage | spot     |                   127 |     300 |                  260 |',
    );
  });
});
