import type { Resource } from '../source/source.js';

/** What is read at a time, unless more is asked for: most heads of fragments are smaller. */
const WINDOW_BYTES = 64 * 1024;

/** A part of a resource, read through a window: neighbouring reads cost one. Offsets are the part's own. */
export class ByteWindow {
  private start = 0;
  private held: Buffer = Buffer.alloc(0);

  constructor(
    private readonly resource: Resource,
    readonly offset: number,
    readonly size: number,
  ) {}

  /** Bytes from `at` on; fewer than `length` where the part ends. Throws ReadRefused. */
  async bytes(at: number, length: number): Promise<Buffer> {
    const end = Math.min(this.size, at + length);
    if (at < this.start || end > this.start + this.held.length) {
      const wanted = Math.min(this.size - at, Math.max(length, WINDOW_BYTES));
      this.held = wanted > 0 ? await this.resource.read(this.offset + at, wanted) : Buffer.alloc(0);
      this.start = at;
    }
    return this.held.subarray(at - this.start, Math.max(at, end) - this.start);
  }
}
