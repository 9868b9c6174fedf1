/** Answers that are kept for whoever asks the same again: the last ones, as long as they are not too large together. */
export class Answers<T> {
  /** By question, the one that was asked longest ago first. */
  private readonly kept = new Map<string, { answer: T; size: number }>();
  private total = 0;

  /** `most`: the largest size of all together, in the unit of `sizeOf`. */
  constructor(
    private readonly most: number,
    private readonly sizeOf: (answer: T) => number,
  ) {}

  /** The answer to a question, a text that says everything that it depends on; computed where it is not known. */
  of(question: string, compute: () => T): T {
    const known = this.kept.get(question);
    const { answer, size } = known ?? sized(compute(), this.sizeOf);
    this.kept.delete(question);
    this.kept.set(question, { answer, size });
    if (!known) this.total += size;
    for (const [oldest, { size: its }] of this.kept) {
      if (this.total <= this.most) break;
      this.kept.delete(oldest);
      this.total -= its;
    }
    return answer;
  }
}

function sized<T>(answer: T, sizeOf: (answer: T) => number): { answer: T; size: number } {
  return { answer, size: sizeOf(answer) };
}
