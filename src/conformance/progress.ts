/**
 * How far a check is. Manifests are equal parts of it, so are the lists of a manifest and the segments of a list: how many
 * there are is known when each begins, and not before.
 */
export class Progress {
  private manifests = 0;
  private lists = { begun: 0, all: 1 };
  private segments = { done: 0, all: 1 };

  /** `tell` takes the share that is done, 0 to 1, which never falls. */
  constructor(
    private readonly all: number,
    private readonly tell: (share: number) => void,
  ) {}

  /** A manifest of so many lists of segments begins. */
  manifest(lists: number): void {
    this.manifests += 1;
    this.lists = { begun: 0, all: Math.max(1, lists) };
    this.segments = { done: 0, all: 1 };
    this.told();
  }

  list(segments: number): void {
    this.lists.begun += 1;
    this.segments = { done: 0, all: Math.max(1, segments) };
    this.told();
  }

  segment(): void {
    this.segments.done += 1;
    this.told();
  }

  private told(): void {
    const { begun, all } = this.lists;
    const inList = begun === 0 ? 0 : begun - 1 + Math.min(1, this.segments.done / this.segments.all);
    this.tell((this.manifests - 1 + Math.min(1, inList / all)) / this.all);
  }
}
