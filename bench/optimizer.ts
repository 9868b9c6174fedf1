import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../src/report/index.js';
import { appleLadder } from './apple-ladder.js';
import { type OptimizerResult, pointsOf, searchedLadder } from './figures.js';
import { parseFlags } from './flags.js';
import { gridLoss } from './grid-loss.js';
import { type BenchItem, CONCATENATION } from './items.js';
import { judgeTitle, takeReference } from './judge.js';
import { optimizerDetails, optimizerNotes, optimizerTable } from './optimizer-text.js';
import { rdPlot } from './plot.js';
import { costedRun, keptRun } from './runs.js';
import { type BenchSetting, measureItems, measuredResults, openSetting, say } from './setting.js';
import { writeSection } from './write-section.js';

const DOCS = 'docs/benchmarks';
const RESULT = 'optimizer.json';

/**
 * The ladder of `hullcast encode` as it is, on every item, against Apple's fixed ladder, one crf for all shots, and the
 * exhaustive grid. After each item the table and the plots are written anew from all that was measured so far.
 */
export async function optimizerBench(args: readonly string[]): Promise<void> {
  const setting = await openSetting(parseFlags(args));
  await measureItems(setting, { result: RESULT, measure: measureItem, publish });
}

async function measureItem(setting: BenchSetting, item: BenchItem, folder: string): Promise<OptimizerResult> {
  const master = await item.master();
  // Apple's ladder has no tunes: both sides are encoded alike.
  const flags = ['--preset', setting.preset, '--tune', 'off'];
  const shipped = await costedRun(join(folder, 'default'), { master, flags });
  const overGrid = (name: string, ...more: string[]): ReturnType<typeof keptRun> =>
    keptRun({
      master,
      home: join(folder, 'grid', 'home'),
      out: join(folder, 'grid', name),
      flags: [...flags, '--speed', 'exhaustive', ...more],
    });
  const grid = await overGrid('title');
  const perTitle = await overGrid('one-crf', '--allocate', 'title');
  const reference = await takeReference(setting, folder, master);
  const apple = await appleLadder(setting, folder, reference);
  say('scoring every frame of every rung');
  const judged = async (title: typeof grid): Promise<OptimizerResult['grid']> =>
    searchedLadder(title.report, await judgeTitle(setting, folder, reference, title));
  const { title, shots } = shipped.report;
  const loss = lossOf(shipped.report, grid.report);
  return {
    ...{ item: item.name, title: item.title, preset: setting.preset, shots: shots.length },
    ...{ width: title.width, height: title.height, frames: title.frames, fps: title.fps },
    ...{ apple, cpuSeconds: shipped.cost.cpuSeconds },
    shipped: await judged(shipped),
    perTitle: await judged(perTitle),
    grid: await judged(grid),
    ...(loss === undefined ? {} : { gridLoss: loss }),
  };
}

/** What the shipped ladder costs above the grid's hull, both by the VMAF that their searches measured. */
function lossOf({ title, renditions }: Report, grid: Report): number | undefined {
  const shots = grid.shots.map(({ index, startFrame, endFrame }) => ({
    index,
    frames: endFrame - startFrame,
  }));
  const probes = grid.probes.map((probe) => ({ ...probe, vmaf: probe.vmaf.mean }));
  const rungs = renditions.map(({ averageBitrate, vmaf }) => ({
    bits: averageBitrate * title.durationSeconds,
    vmaf: vmaf.mean,
  }));
  return gridLoss(shots, probes, rungs);
}

/** Writes the tables and plots of all items that were measured at this preset. */
async function publish(setting: BenchSetting): Promise<void> {
  const results = await measuredResults<OptimizerResult>(setting, RESULT);
  await mkdir(DOCS, { recursive: true });
  for (const result of results) await writeFile(join(DOCS, `${result.item}.svg`), plotOf(result));
  await writeFile(join(DOCS, 'optimizer.md'), optimizerDetails(results));
  const table = optimizerTable(results, [CONCATENATION]);
  const plots = results.map(({ item, title }) => `![${title}](benchmarks/${item}.svg)`);
  const notes = optimizerNotes(results, setting.missing);
  await writeSection('optimizer', [notes, '', table, ...plots].join('\n'));
  process.stdout.write(`${table}\n`);
}

function plotOf({ title, preset, apple, shipped, perTitle, grid }: OptimizerResult): string {
  const series = [
    { name: 'Apple’s fixed ladder', points: pointsOf(apple.rungs) },
    { name: 'one crf for all shots', points: pointsOf(perTitle.rungs) },
    { name: 'exhaustive grid', points: pointsOf(grid.rungs) },
    { name: 'hullcast', points: pointsOf(shipped.rungs) },
  ];
  return rdPlot(
    series.filter(({ points }) => points.length > 0),
    {
      title: `${title}, x264 ${preset}`,
      xLabel: 'bit rate (kbit/s)',
      yLabel: 'VMAF',
      rateUnit: 1000,
    },
  );
}
