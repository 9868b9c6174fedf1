import type { ComponentChildren, JSX } from 'preact';

export interface Column<T> {
  label: string;
  cell: (row: T) => ComponentChildren;
  /** Numbers stand at the right. */
  numeric?: boolean;
  /** The cell that names its row. */
  heads?: boolean;
  className?: string;
}

interface TableProps<T> {
  /** What the table is, for those who cannot see what surrounds it. */
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string | number;
  className?: string;
  busy?: boolean;
}

function classOf<T>(column: Column<T>): string | undefined {
  return [column.numeric && 'numeric', column.className].filter(Boolean).join(' ') || undefined;
}

/**
 * A table whose rows become blocks with labels on a narrow screen. The roles say again what the elements are: browsers
 * forget it where the style sheet changes how a table is laid out.
 */
export function Table<T>(props: TableProps<T>): JSX.Element {
  const { columns } = props;
  return (
    <table role="table" class={props.className} aria-busy={props.busy ? 'true' : undefined}>
      <caption class="visually-hidden">{props.caption}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <th key={column.label} role="columnheader" scope="col" class={classOf(column)}>
              {column.label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {props.rows.map((row) => (
          <tr key={props.rowKey(row)} role="row">
            {columns.map((column) =>
              column.heads ? (
                <th key={column.label} role="rowheader" scope="row" class={classOf(column)}>
                  {column.cell(row)}
                </th>
              ) : (
                <td key={column.label} role="cell" data-label={column.label} class={classOf(column)}>
                  {column.cell(row)}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
