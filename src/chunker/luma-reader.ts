/** Puts frames of a fixed size together from pieces of a stream of any size. */
export class LumaReader {
  private frame: Uint8Array;
  private filled = 0;
  private done = 0;

  /** `onFrame` gets a frame of its own each time, and how many there were. */
  constructor(
    private readonly frameBytes: number,
    private readonly onFrame: (frame: Uint8Array, done: number) => void,
  ) {
    this.frame = new Uint8Array(frameBytes);
  }

  push(data: Uint8Array): void {
    for (let at = 0; at < data.length;) {
      const take = Math.min(this.frameBytes - this.filled, data.length - at);
      this.frame.set(data.subarray(at, at + take), this.filled);
      this.filled += take;
      at += take;
      if (this.filled === this.frameBytes) this.deliver();
    }
  }

  private deliver(): void {
    const frame = this.frame;
    this.frame = new Uint8Array(this.frameBytes);
    this.filled = 0;
    this.onFrame(frame, ++this.done);
  }
}
