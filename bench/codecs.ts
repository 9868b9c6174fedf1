import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CodecsResult, codecsTable } from './codecs-text.js';
import { pointsOf, searchedLadder } from './figures.js';
import { parseFlags } from './flags.js';
import type { BenchItem } from './items.js';
import { judgeTitle, takeReference } from './judge.js';
import { rdPlot } from './plot.js';
import { keptRun } from './runs.js';
import { type BenchSetting, measureItems, measuredResults, openSetting, say } from './setting.js';
import { writeSection } from './write-section.js';

const DOCS = 'docs/benchmarks';
const RESULT = 'codecs.json';
const CODECS = ['h264', 'hevc', 'av1', 'vp9'];

/** The ladders of all codecs at their default presets, each against that of H.264, on every item. */
export async function codecsBench(args: readonly string[]): Promise<void> {
  const setting = await openSetting(parseFlags(args));
  await measureItems(setting, { result: RESULT, measure: measureItem, publish });
}

async function measureItem(setting: BenchSetting, item: BenchItem, folder: string): Promise<CodecsResult> {
  const master = await item.master();
  const made = await keptRun({
    master,
    home: join(folder, 'codecs', 'home'),
    out: join(folder, 'codecs', 'title'),
    flags: ['--preset', setting.preset, '--codecs', CODECS.join(',')],
  });
  const reference = await takeReference(setting, folder, master);
  say('scoring every frame of every rung');
  const rungs = await judgeTitle(setting, folder, reference, made);
  const ladders = CODECS.map((codec) => {
    const probes = made.report.probes.filter((probe) => probe.codec === codec);
    const own = rungs.filter((rung) => rung.codec === codec);
    return [codec, searchedLadder({ probes }, own)] as const;
  });
  return {
    ...{ item: item.name, title: item.title, preset: setting.preset },
    ladders: Object.fromEntries(ladders),
  };
}

async function publish(setting: BenchSetting): Promise<void> {
  const results = await measuredResults<CodecsResult>(setting, RESULT);
  await mkdir(DOCS, { recursive: true });
  for (const result of results) await writeFile(join(DOCS, `codecs-${result.item}.svg`), plotOf(result));
  const table = codecsTable(results);
  const plots = results.map(({ item, title }) => `![${title}](benchmarks/codecs-${item}.svg)`);
  await writeSection('codecs', [table, ...plots].join('\n'));
  process.stdout.write(`${table}\n`);
}

function plotOf({ title, ladders }: CodecsResult): string {
  const series = Object.entries(ladders).map(([name, { rungs }]) => ({ name, points: pointsOf(rungs) }));
  return rdPlot(
    series.filter(({ points }) => points.length > 0),
    { title, xLabel: 'bit rate (kbit/s)', yLabel: 'VMAF', rateUnit: 1000 },
  );
}
