import {
  type CheckName,
  type Comparison,
  type ReportComparison,
  bytes,
  comparisonName,
  grouped,
  plural,
} from '../../report/index.js';

const vmaf = (value: number): string => value.toFixed(2);

/** How the figures of a check are shown. */
const FIGURES: Readonly<Record<CheckName, (value: number) => string>> = {
  'bd-rate': (rungs) => plural(rungs, 'rung'),
  size: (bits) => bytes(bits / 8),
  'top-mean': vmaf,
  'top-p5': vmaf,
  'top-chunk': vmaf,
  cost: (seconds) => `${grouped(seconds, 1)} CPU s`,
};

const HEAD = ['check', 'baseline', 'now', 'change', 'tolerance', 'result'];

/** Columns that are set left; the others hold figures. */
const LEFT = new Set([0, 5]);

/** With a sign, but none for nothing: `+1.25`, `-0.40`, `0.00`. */
function signed(value: number): string {
  const digits = Math.abs(value).toFixed(2);
  if (Number(digits) === 0) return digits;
  return `${value < 0 ? '-' : '+'}${digits}`;
}

/** What changed, with its unit: `+5.00%`, `-1.20`, and `–` where there is no figure. */
export function changeText({ change, unit }: Pick<Comparison, 'change' | 'unit'>): string {
  if (change === null) return '–';
  return unit === '%' ? `${signed(change)}%` : signed(change);
}

/** The worst change that passes: `+2%`, `-1`. */
export function toleranceText({ tolerance, unit }: Pick<Comparison, 'tolerance' | 'unit'>): string {
  if (unit === '%') return tolerance === 0 ? '0%' : `+${tolerance}%`;
  return tolerance === 0 ? '0' : `-${tolerance}`;
}

function cells(comparison: Comparison): string[] {
  const figure = FIGURES[comparison.check];
  return [
    comparisonName(comparison),
    figure(comparison.baseline),
    figure(comparison.now),
    changeText(comparison),
    toleranceText(comparison),
    comparison.result,
  ];
}

/** The comparisons as a table, with what one should know about them below it. */
export function comparisonTable({ comparisons, notices }: ReportComparison): string {
  const rows = [HEAD, ...comparisons.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        LEFT.has(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
      )
      .join('  ')
      .trimEnd(),
  );
  const notes = [
    ...comparisons.flatMap((one) => (one.note === undefined ? [] : [`${comparisonName(one)}: ${one.note}`])),
    ...notices.map((notice) => `note: ${notice}`),
  ];
  return [...lines, ...(notes.length > 0 ? ['', ...notes] : [])].join('\n');
}
