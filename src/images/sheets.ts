import { join } from 'node:path';
import { type Rgb, sheetJpeg } from './encoder.js';
import type { SheetGrid, Size } from './sizes.js';

/** Puts thumbnails together to sheets and writes each as soon as it is full; holds one sheet, and those being written. */
export class SheetWriter {
  private readonly image: Rgb;
  private filled = 0;
  private readonly written: Promise<string>[] = [];

  constructor(
    private readonly tile: Size,
    private readonly grid: SheetGrid,
    private readonly folder: string,
  ) {
    const [width, height] = [tile.width * grid.columns, tile.height * grid.rows];
    this.image = { data: new Uint8Array(width * height * 3), width, height };
  }

  /** Adds a thumbnail, RGB. Never throws: what goes wrong is for finish() to say. */
  push(rgb: Uint8Array): void {
    const { columns, rows } = this.grid;
    const row = 3 * this.tile.width;
    const left = (this.filled % columns) * row;
    const top = Math.floor(this.filled / columns) * this.tile.height;
    for (let y = 0; y < this.tile.height; y++) {
      this.image.data.set(rgb.subarray(y * row, (y + 1) * row), (top + y) * 3 * this.image.width + left);
    }
    this.filled++;
    if (this.filled === columns * rows) this.flush();
  }

  private flush(): void {
    const path = join(this.folder, `sprite-${this.written.length}.jpg`);
    const image = { ...this.image, data: this.image.data.slice() };
    const before = this.written.at(-1) ?? Promise.resolve();
    // One after the other, so that memory does not depend on how many are waiting for a processor.
    const write = before.then(() => sheetJpeg(image, path)).then(() => path);
    write.catch(() => undefined); // finish() throws it: until then nobody listens
    this.written.push(write);
    this.image.data.fill(0);
    this.filled = 0;
  }

  /** Writes the last sheet; gives all paths, in order. */
  async finish(): Promise<string[]> {
    if (this.filled > 0) this.flush();
    return Promise.all(this.written);
  }
}
