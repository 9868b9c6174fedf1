import { type Markup, type Part, html, round } from './markup.js';
import { mark } from './palette.js';

export interface Column {
  head: string;
  /** Text columns are set left, numbers right. */
  text?: boolean;
}

/** A table in a box of its own that scrolls where the page is too narrow. First cells are row headers. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Markup {
  const side = (column: number): string => (columns[column]?.text ? 'text' : 'number');
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0">
    <table>
      <caption>
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column, i) => html`<th scope="col" class="${side(i)}">${column.head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, i) =>
                i === 0
                  ? html`<th scope="row" class="${side(i)}">${cell}</th>`
                  : html`<td class="${side(i)}">${cell}</td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A horizontal bar from one share to another of its box, 0..1. */
export function bar(from: number, to: number, tip: string): Markup {
  const width = Math.max(0.4, (to - from) * 100);
  return html`<svg class="bar" aria-hidden="true">
    <rect class="track" width="100%" height="100%" rx="2" />
    <rect
      class="fill"
      x="${round(Math.min(99.6, from * 100))}%"
      width="${round(width)}%"
      height="100%"
      rx="2"
      data-tip="${tip}"
    />
  </svg>`;
}

/** The symbol of a resolution, for legends and tables. */
export function symbol(rank: number): Markup {
  return html`<svg class="symbol" viewBox="-8 -8 16 16" aria-hidden="true">
    ${mark({ kind: 'legend', x: 0, y: 0, r: 5, rank })}
  </svg>`;
}
