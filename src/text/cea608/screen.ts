/** How a character looks. Colours are CEA-608's, by the names of WebVTT's classes. */
export interface Pen {
  colour: CaptionColour;
  italic: boolean;
  underline: boolean;
  background: CaptionColour | 'none';
}

export const CAPTION_COLOURS = [
  'white',
  'lime',
  'blue',
  'cyan',
  'red',
  'yellow',
  'magenta',
  'black',
] as const;
export type CaptionColour = (typeof CAPTION_COLOURS)[number];

export const WHITE: Pen = { colour: 'white', italic: false, underline: false, background: 'black' };

export interface Cell {
  character: string;
  pen: Pen;
}

export const ROWS = 15;
export const COLUMNS = 32;

/** Characters of 15 rows of 32 columns; rows and columns count from 0. What nothing was written to is transparent. */
export class Screen {
  private readonly rows: (Cell | undefined)[][] = Array.from({ length: ROWS }, () => []);

  set(row: number, column: number, cell: Cell | undefined): void {
    this.rows[row]![column] = cell;
  }

  /** Erases from a column to the end of its row. */
  truncate(row: number, column: number): void {
    this.rows[row]!.length = Math.min(this.rows[row]!.length, column);
  }

  clear(): void {
    for (const row of this.rows) row.length = 0;
  }

  /** Moves the rows `top` to `bottom` up by one; what was in the top one is gone, the bottom one is empty. */
  roll(top: number, bottom: number): void {
    const [first] = this.rows.splice(top, 1);
    first!.length = 0;
    this.rows.splice(bottom, 0, first!);
  }

  /** Moves `count` rows that end with `from` so that they end with `to`, and erases all others. */
  moveWindow(from: number, to: number, count: number): void {
    const moved = Array.from({ length: count }, (_, i) => this.rows[from - i] ?? []);
    for (let row = 0; row < ROWS; row += 1) this.rows[row] = row <= to ? (moved[to - row] ?? []) : [];
  }

  row(row: number): readonly (Cell | undefined)[] {
    return this.rows[row]!;
  }

  get empty(): boolean {
    return this.rows.every((row) => row.every((cell) => cell === undefined || cell.character === ' '));
  }
}
