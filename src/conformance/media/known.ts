import { type SegmentRef, partKey } from './references.js';
import type { Frame, SegmentFacts } from './segment.js';

/** What is known of segments: by their initialisation segment, as the same bytes may be media of several. */
export class Known {
  private readonly byInit = new Map<string, Map<string, SegmentFacts | undefined>>();

  private of({ init }: SegmentRef): Map<string, SegmentFacts | undefined> {
    const key = init ? partKey(init) : '';
    let known = this.byInit.get(key);
    if (!known) this.byInit.set(key, (known = new Map<string, SegmentFacts | undefined>()));
    return known;
  }

  has(ref: SegmentRef): boolean {
    return this.of(ref).has(partKey(ref));
  }

  get(ref: SegmentRef): SegmentFacts | undefined {
    return this.of(ref).get(partKey(ref));
  }

  set(ref: SegmentRef, facts: SegmentFacts | undefined): void {
    this.of(ref).set(partKey(ref), facts);
  }
}

/** Fragments by file and by where they begin. Most files hold one segment, and few fragments. */
export class Frames {
  private readonly byFile = new Map<string, readonly Frame[] | Map<number, Frame>>();

  add(url: string, frames: readonly Frame[]): void {
    const known = this.byFile.get(url);
    if (!known) {
      this.byFile.set(url, frames);
      return;
    }
    const all = known instanceof Map ? known : new Map(known.map((frame) => [frame.start, frame]));
    for (const frame of frames) all.set(frame.start, frame);
    this.byFile.set(url, all);
  }

  at(url: string, start: number): Frame | undefined {
    const known = this.byFile.get(url);
    return known instanceof Map ? known.get(start) : known?.find((frame) => frame.start === start);
  }
}
