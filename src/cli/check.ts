import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { EXIT, HullcastError } from '../errors.js';
import {
  type Comparison,
  type Tolerances,
  DEFAULT_TOLERANCES,
  compareReports,
  comparisonName,
} from '../report/index.js';
import { readReport } from './check/read-report.js';
import { changeText, comparisonTable, toleranceText } from './check/table.js';
import type { CommandContext, Flags, Register } from './context.js';
import { teach } from './help.js';

/** A tolerance as an option. */
function readTolerance(most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (!(value <= most)) throw new InvalidArgumentError(`Allowed is a number from 0 to ${most}.`);
    return value;
  };
}

const MOST_PERCENT = 1000;
const MOST_VMAF = 100;

function tolerancesOf(flags: Flags): Tolerances {
  return {
    bdRate: flags['maxBdRate'] as number,
    size: flags['maxSize'] as number,
    drop: flags['maxDrop'] as number,
    cost: flags['maxCost'] as number,
  };
}

async function check(
  { out, json, cwd }: CommandContext,
  [name = '']: readonly string[],
  flags: Flags,
): Promise<void> {
  const baselineName = String(flags['baseline']);
  const now = await readReport(resolve(cwd, name), name);
  const baseline = await readReport(resolve(cwd, baselineName), baselineName);
  const compared = compareReports(baseline, now, tolerancesOf(flags));
  const { comparisons, notices } = compared;
  const failed = comparisons.filter(({ result }) => result === 'fail');
  const lost = comparisons.filter(({ result }) => result === 'not comparable');
  const ok = failed.length + lost.length === 0;
  if (json) {
    for (const message of notices) out.json({ type: 'notice', message });
    for (const { note, ...comparison } of comparisons) {
      out.json({ type: 'comparison', ...comparison, note: note ?? null });
    }
    out.json({
      ...{ type: 'verdict', ok, report: name, baseline: baselineName },
      ...{ failed: failed.map(comparisonName), notComparable: lost.map(comparisonName) },
    });
  } else {
    out.result(comparisonTable(compared));
    if (ok) out.result('\nNo regression.');
  }
  if (!ok) throw failure(comparisons.length, failed, lost);
}

/** Why the check does not pass. A regression is said first: it is known, while what cannot be compared may be fine. */
function failure(checks: number, failed: readonly Comparison[], lost: readonly Comparison[]): HullcastError {
  const lostText = lost.map((one) => `${comparisonName(one)}: ${one.note ?? ''}`).join('; ');
  if (failed.length === 0) {
    return new HullcastError('CHECK_NOT_COMPARABLE', `cannot be compared: ${lostText}`, {
      exitCode: EXIT.floorMissed,
      hint: 'The ladder has become another one. If it is as it should be, make its report the new baseline.',
    });
  }
  const list = failed
    .map((one) => `${comparisonName(one)} ${changeText(one)} (tolerance ${toleranceText(one)})`)
    .join(', ');
  const rest = lost.length > 0 ? `; cannot be compared: ${lostText}` : '';
  return new HullcastError('CHECK_REGRESSED', `${failed.length} of ${checks} checks failed: ${list}${rest}`, {
    exitCode: EXIT.floorMissed,
    hint: 'If the change is meant, make this report the new baseline; else look at both reports (report.html).',
  });
}

export const registerCheck: Register = (program, host) => {
  const percent = readTolerance(MOST_PERCENT);
  const { bdRate, size, drop, cost } = DEFAULT_TOLERANCES;
  const command = program
    .command('check')
    .summary('compare a title with a baseline, for CI jobs')
    .description(
      'Compares the report of a title with that of an earlier encode of the same master, and fails where quality, size ' +
        'or cost became worse than tolerated. Nothing is encoded or decoded: both reports hold what was measured. Each ' +
        'report is given as its file or as the folder of its title.',
    )
    .argument('<report>', 'the new report.json, or the folder of its title')
    .requiredOption('--baseline <report>', 'the report.json to compare with, or the folder of its title')
    .option('--max-bd-rate <percent>', 'most bits more at equal VMAF (BD-rate), percent', percent, bdRate)
    .option('--max-size <percent>', 'most bits more in all renditions together, percent', percent, size)
    .option(
      '--max-drop <vmaf>',
      "most that the top rung's VMAF may fall: its mean, its 5th percentile, its worst chunk",
      readTolerance(MOST_VMAF),
      drop,
    )
    .option(
      '--max-cost <percent>',
      'most CPU time more, percent; not compared where results came from an earlier run',
      percent,
      cost,
    )
    .action(host.action(check));
  teach(
    command,
    [
      { command: 'hullcast check title --baseline ci/baseline.json', does: 'a table, and the exit code' },
      {
        command: 'hullcast check title --baseline ci/baseline.json --max-size 5',
        does: 'with other tolerances',
      },
      { command: 'hullcast check title --baseline ci/baseline.json --json', does: 'a JSON line a figure' },
    ],
    [0, 1, 2, 4],
    {
      0: 'nothing became worse than tolerated',
      2: 'bad usage, no report, or reports of different masters',
      4: 'a regression, or ladders that cannot be compared',
    },
  );
};
