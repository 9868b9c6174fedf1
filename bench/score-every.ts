import { join } from 'node:path';
import { reportError } from './figures.js';
import { parseFlags } from './flags.js';
import { type BenchItem, SHORT_ITEM } from './items.js';
import { judgeTitle, takeReference } from './judge.js';
import { keptRun } from './runs.js';
import { type BenchSetting, measureItems, measuredResults, openSetting } from './setting.js';
import { markdownTable } from './table.js';
import { writeSection } from './write-section.js';

const RESULT = 'score.json';

interface ScoreResult {
  title: string;
  /** Largest difference of a rung's reported VMAF from that of every frame of what ships. */
  subsampled: number;
  every: number;
}

/**
 * How far the VMAF that a report says lies from that of every frame, scored again from the segments: at default settings,
 * which score every fifth frame of all but short titles, and with `--score every`. One short item unless others are named.
 */
export async function scoreBench(args: readonly string[]): Promise<void> {
  const flags = parseFlags(args);
  const setting = await openSetting({ ...flags, only: flags.only ?? [SHORT_ITEM] });
  await measureItems(setting, { result: RESULT, measure: measureItem, publish });
}

async function measureItem(setting: BenchSetting, item: BenchItem, folder: string): Promise<ScoreResult> {
  const master = await item.master();
  const reference = await takeReference(setting, folder, master);
  const errorOf = async (name: string, ...flags: string[]): Promise<number> => {
    const title = await keptRun({
      master,
      home: join(folder, 'score', 'home'),
      out: join(folder, 'score', name),
      flags: ['--preset', setting.preset, ...flags],
    });
    return reportError(await judgeTitle(setting, folder, reference, title)) ?? NaN;
  };
  const subsampled = await errorOf('subsampled');
  return { title: item.title, subsampled, every: await errorOf('every', '--score', 'every') };
}

async function publish(setting: BenchSetting): Promise<void> {
  const results = await measuredResults<ScoreResult>(setting, RESULT);
  const table = markdownTable(
    ['item', 'default settings', '`--score every`'],
    [
      ...results.map(({ title, subsampled, every }) => [title, subsampled.toFixed(3), every.toFixed(3)]),
      ['**bar**', '0.2', '0.02'],
    ],
  );
  await writeSection('score', table);
  process.stdout.write(`${table}\n`);
}
