/** A binary heap: its first item is the one that comes before all others. */
export class Heap<T> {
  private readonly items: T[] = [];

  /** `before` is a strict order; where it says nothing of two items, either may come first. */
  constructor(private readonly before: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  first(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.rise(this.items.length - 1, item);
  }

  pop(): T | undefined {
    const first = this.items[0];
    const last = this.items.pop();
    if (this.items.length > 0) this.sink(last!);
    return first;
  }

  /** To be called when the first item has changed so that it comes later than before. */
  firstChanged(): void {
    const [first] = this.items;
    if (first !== undefined) this.sink(first);
  }

  private rise(from: number, item: T): void {
    const { items } = this;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.before(item, items[above]!)) break;
      items[at] = items[above]!;
      at = above;
    }
    items[at] = item;
  }

  /** Puts the item in the first place and lets it sink. */
  private sink(item: T): void {
    const { items } = this;
    const { length } = items;
    let at = 0;
    for (;;) {
      let next = 2 * at + 1;
      if (next >= length) break;
      if (next + 1 < length && this.before(items[next + 1]!, items[next]!)) next += 1;
      if (!this.before(items[next]!, item)) break;
      items[at] = items[next]!;
      at = next;
    }
    items[at] = item;
  }
}
