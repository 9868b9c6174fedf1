import {
  type Comparison,
  type Figures,
  LEAST_OVERLAP,
  type OptimizerResult,
  figuresOf,
  mean,
  total,
} from './figures.js';
import type { JudgedRung } from './judge.js';
import { type Cell, markdownTable } from './table.js';
import { multiple, percentOf, percentOrNone, withRange } from './wording.js';

const kbits = (rate: number): number => Math.round(rate / 1000);
const seconds = (value: number): string => value.toFixed(value < 10 ? 1 : 0);

const HEADER = [
  ...['item', 'shots', 'against Apple', 'against one crf', 'against the grid', 'over its hull'],
  ...['encodes', 'of the grid'],
  ...['search CPU, of the grid’s', 'all CPU, of Apple’s', 'VMAF, reported to true'],
];

function row(result: OptimizerResult, figures: Figures): Cell[] {
  return [
    ...[result.title, result.shots],
    ...[withRange(figures.apple), withRange(figures.perTitle), withRange(figures.grid)],
    ...[
      percentOrNone(figures.gridLoss),
      result.shipped.encodes,
      result.grid.encodes,
      percentOf(figures.searchShare),
      multiple(figures.timesApple),
    ],
    figures.reportError?.toFixed(2),
  ];
}

/** Mean of what there is; the largest difference of a reported VMAF. */
function summaryRow(name: string, all: readonly Figures[]): Cell[] {
  const bd = (of: (figures: Figures) => Comparison | undefined): string =>
    percentOrNone(mean(all.map((figures) => of(figures)?.percent)));
  const errors = all.flatMap(({ reportError }) => reportError ?? []);
  return [
    ...[name, ''],
    ...[bd(({ apple }) => apple), bd(({ perTitle }) => perTitle), bd(({ grid }) => grid)],
    ...[percentOrNone(mean(all.map(({ gridLoss }) => gridLoss))), ''],
    ...['', percentOf(mean(all.map(({ searchShare }) => searchShare)) ?? NaN)],
    ...[
      multiple(mean(all.map(({ timesApple }) => timesApple))),
      `${Math.max(...errors).toFixed(2)} (largest)`,
    ],
  ];
}

const BARS: readonly Cell[] = [
  ...['**bar**', '', '−25% (Big Buck Bunny −36%)', '−8% (concatenation)', '+1.0%', '+1.0%', '', ''],
  ...['15%', '3.00×', '0.20'],
];

/**
 * The table of all items that were measured, in the order given: single ones, their mean, titles of many shots
 * (`whole`), and the bars. At least one result.
 */
export function optimizerTable(results: readonly OptimizerResult[], whole: readonly string[]): string {
  const singles = results.filter(({ item }) => !whole.includes(item));
  const wholes = results.filter(({ item }) => whole.includes(item));
  const rowOf = (result: OptimizerResult): Cell[] => row(result, figuresOf(result));
  return markdownTable(HEADER, [
    ...singles.map(rowOf),
    ...(singles.length > 0 ? [summaryRow(`**mean of ${singles.length}**`, singles.map(figuresOf))] : []),
    ...wholes.map(rowOf),
    BARS,
  ]);
}

/** What the columns mean, for the reader of the table. */
export function optimizerNotes(results: readonly OptimizerResult[], missing: readonly string[]): string {
  const presets = [...new Set(results.map(({ preset }) => preset))].join(', ');
  return [
    `x264 ${presets}. BD-rates in brackets: the range of VMAF; n/a: less than ${LEAST_OVERLAP} VMAF in common.`,
    ...(missing.length > 0 ? [`Left out because not found: ${missing.join(', ')}.`] : []),
  ].join(' ');
}

/** CPU of each item's first run, by stage, beside that of the grid and of Apple's ladder. */
export function cpuTable(results: readonly OptimizerResult[]): string {
  const stages = [...new Set(results.flatMap(({ cpuSeconds }) => Object.keys(cpuSeconds)))];
  return markdownTable(
    ['item', ...stages, 'all', 'Apple, encodes', 'the grid, search'],
    results.map(({ title, cpuSeconds, apple, grid }) => [
      title,
      ...stages.map((stage) => seconds(cpuSeconds[stage] ?? 0)),
      ...[total(Object.values(cpuSeconds)), apple.cpuSeconds, grid.searchCpuSeconds].map(seconds),
    ]),
  );
}

const rungRow = (ladder: string, rung: JudgedRung): Cell[] => [
  ...[ladder, `${rung.width}×${rung.height}`, kbits(rung.averageBitrate), kbits(rung.peakBitrate)],
  ...[rung.vmaf.toFixed(2), rung.reported?.toFixed(2)],
];

/** Every rung of every ladder of an item. */
export function rungTable({ apple, shipped, perTitle, grid }: OptimizerResult): string {
  const ladders: [string, readonly JudgedRung[]][] = [
    ['Apple', apple.rungs],
    ['hullcast', shipped.rungs],
    ['one crf for all shots', perTitle.rungs],
    ['grid', grid.rungs],
  ];
  return markdownTable(
    ['ladder', 'size', 'kbit/s', 'peak kbit/s', 'VMAF, every frame', 'VMAF, reported'],
    ladders.flatMap(([name, rungs]) => rungs.map((rung) => rungRow(name, rung))),
  );
}

/** docs/benchmarks/optimizer.md: all that the table was made of. */
export function optimizerDetails(results: readonly OptimizerResult[]): string {
  return [
    '# The optimizer, item by item',
    '',
    'Written by `npm run bench -- optimizer`; what is measured is said in [benchmarks](../benchmarks.md).',
    ...['', '## CPU seconds by stage', '', cpuTable(results)],
    ...results.flatMap((result) => [
      ...[`## ${result.title}`, ''],
      `${result.width}×${result.height}, ${result.frames} frames at ${result.fps}, ${result.shots} shots.`,
      ...['', rungTable(result), `![Rate against VMAF](${result.item}.svg)`, ''],
    ]),
  ].join('\n');
}
