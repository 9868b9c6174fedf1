import { LIMITS } from '../limits.js';
import { SOURCE_RANGE } from '../source/rules.js';
import { type Refusal, type Resource, type Source, isRefusal } from '../source/source.js';
import type { Part } from './references.js';

export interface OpenedPart {
  resource: Resource;
  offset: number;
  size: number;
}

/** Opens parts of files. Files of which ranges are read stay open, as many more ranges will be. */
export class Opener {
  private readonly ranged = new Map<string, Promise<Resource | Refusal>>();
  private readonly seen = new Set<string>();
  /** Of manifests that were read. */
  manifestBytes = 0;

  constructor(private readonly source: Source) {}

  nameOf(url: string): string {
    return this.source.nameOf(url);
  }

  /** Files that were opened. */
  get files(): number {
    return this.seen.size;
  }

  async file(url: string): Promise<Resource | Refusal> {
    this.seen.add(url);
    return this.source.open(url);
  }

  async part({ url, range }: Part): Promise<OpenedPart | Refusal> {
    const opened = await (range ? this.shared(url) : this.file(url));
    if (isRefusal(opened)) return opened;
    if (!range) return { resource: opened, offset: 0, size: opened.size };
    const { offset, length } = range;
    if (!(offset >= 0 && length > 0 && offset + length <= opened.size)) {
      const asked = `bytes ${offset}-${offset + length - 1}`;
      return { rule: SOURCE_RANGE, expected: `a range within ${opened.size} bytes`, found: asked };
    }
    return { resource: opened, offset, size: length };
  }

  private shared(url: string): Promise<Resource | Refusal> {
    let opened = this.ranged.get(url);
    if (!opened) {
      if (this.ranged.size >= LIMITS.open) this.ranged.clear();
      this.ranged.set(url, (opened = this.file(url)));
    }
    return opened;
  }
}
