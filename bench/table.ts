/** A cell; undefined shows as a dash. Numbers are printed as they are: round them first. */
export type Cell = string | number | undefined;

function text(cell: Cell): string {
  if (cell === undefined) return '–';
  return String(cell)
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ');
}

/** Width in characters as a terminal shows them, for scripts that take one column a character. */
function widthOf(value: string): number {
  return [...value.normalize('NFC')].length;
}

/** A number with an optional unit sign, or nothing to show. */
const NUMERIC = /^(?:[-−+]?[\d.,\u202f ]+(?:e[-+]?\d+)?\s*[%×]?|–)$/;

/**
 * A Markdown table, its columns aligned in the source too. A column whose cells are all numbers (a sign before and a
 * % or × after them is fine) is set to the right. Throws RangeError where a row is not as long as the header.
 */
export function markdownTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  for (const row of rows) {
    if (row.length !== header.length) {
      throw new RangeError(`a row has ${row.length} cells, the header ${header.length}`);
    }
  }
  const titles = header.map(text);
  const body = rows.map((row) => row.map(text));
  const right = titles.map((_, c) => body.length > 0 && body.every((row) => NUMERIC.test(row[c]!)));
  const widths = titles.map((title, c) =>
    Math.max(3, ...[title, ...body.map((row) => row[c]!)].map(widthOf)),
  );
  const pad = (value: string, c: number): string => {
    const space = ' '.repeat(widths[c]! - widthOf(value));
    return right[c] ? space + value : value + space;
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = widths.map((width, c) => (right[c] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(titles.map(pad)), line(rule), ...body.map((row) => line(row.map(pad)))].join('\n') + '\n';
}
