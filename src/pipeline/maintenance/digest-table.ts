/** Digits of a digest that tell it from others: 64 bits. */
const HALF = 8;
const LEAST_SLOTS = 1024;
const MOST_FULL = 0.6;

/**
 * A number for each of very many digests (lower-case hex, at least 16 digits), in 16 bytes a slot: a store of a fleet
 * has tens of millions of blobs. Digests are told apart by their first 64 bits. Two that agree in those are taken for
 * one, which among 100 million happens by chance once in 3000 stores.
 */
export class DigestTable {
  private high = new Uint32Array(LEAST_SLOTS);
  private low = new Uint32Array(LEAST_SLOTS);
  private values = new Float64Array(LEAST_SLOTS);
  private count = 0;

  get size(): number {
    return this.count;
  }

  get(digest: string): number | undefined {
    const slot = this.slotOf(...keyOf(digest));
    return this.isFree(slot) ? undefined : this.values[slot];
  }

  has(digest: string): boolean {
    return !this.isFree(this.slotOf(...keyOf(digest)));
  }

  set(digest: string, value: number): void {
    if (this.count + 1 > MOST_FULL * this.high.length) this.grow();
    this.put(...keyOf(digest), value);
  }

  /** Sets the value where it is greater than what is there. */
  raise(digest: string, value: number): void {
    const now = this.get(digest);
    if (now === undefined || value > now) this.set(digest, value);
  }

  private put(high: number, low: number, value: number): void {
    const slot = this.slotOf(high, low);
    if (this.isFree(slot)) this.count += 1;
    this.high[slot] = high;
    this.low[slot] = low;
    this.values[slot] = value;
  }

  /** Where the key is, or the free slot where it belongs. */
  private slotOf(high: number, low: number): number {
    const mask = this.high.length - 1;
    let slot = (high ^ low) & mask;
    while (!this.isFree(slot) && (this.high[slot] !== high || this.low[slot] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  private isFree(slot: number): boolean {
    return this.high[slot] === 0 && this.low[slot] === 0;
  }

  private grow(): void {
    const { high, low, values } = this;
    this.high = new Uint32Array(2 * high.length);
    this.low = new Uint32Array(2 * high.length);
    this.values = new Float64Array(2 * high.length);
    this.count = 0;
    for (let i = 0; i < high.length; i += 1)
      if (high[i] !== 0 || low[i] !== 0) this.put(high[i]!, low[i]!, values[i]!);
  }
}

/** Both zero means a free slot, so the digest that begins with 16 zeros gives way. */
function keyOf(digest: string): [high: number, low: number] {
  const high = parseInt(digest.slice(0, HALF), 16);
  const low = parseInt(digest.slice(HALF, 2 * HALF), 16);
  return high === 0 && low === 0 ? [0, 1] : [high, low];
}
