import type { CueContent, CueElement } from '../types.js';

/** Deeper elements are left out: no subtitle has them, and a hostile one must not exhaust the stack. */
const DEEPEST = 16;

type Shape = Omit<CueElement, 'content'>;

interface Open {
  /** What the file calls it; several may become one tag. */
  name: string;
  /** Undefined for an element that is accepted and has no effect. */
  shape: Shape | undefined;
  content: CueContent;
}

/** Names whose end may be left out (WebVTT, 4.2.2). */
const OPTIONAL_ENDS = new Set(['v', 'rt']);

/** Builds a tree of what may be closed in the wrong order, twice or never. */
export class TreeBuilder {
  private readonly root: CueContent = [];
  private readonly stack: Open[] = [];
  /** True where tags were not balanced. */
  unbalanced = false;

  text(text: string): void {
    if (text !== '') this.top().push(text);
  }

  open(name: string, shape: Shape | undefined): void {
    if (this.stack.length < DEEPEST) this.stack.push({ name, shape, content: [] });
    else this.unbalanced = true;
  }

  /** Closes the innermost element of that name; those within it are opened again behind it. */
  close(name: string): void {
    const at = this.stack.findLastIndex((open) => open.name === name);
    if (at < 0) {
      this.unbalanced = true;
      return;
    }
    const within = this.stack.slice(at + 1);
    const again = within.filter((open) => !OPTIONAL_ENDS.has(open.name));
    if (again.length > 0) this.unbalanced = true;
    while (this.stack.length > at) this.shut();
    for (const open of again) this.stack.push({ ...open, content: [] });
  }

  end(): CueContent {
    if (this.stack.some((open) => !OPTIONAL_ENDS.has(open.name))) this.unbalanced = true;
    while (this.stack.length > 0) this.shut();
    return this.root;
  }

  private top(): CueContent {
    return this.stack.at(-1)?.content ?? this.root;
  }

  private shut(): void {
    const { shape, content } = this.stack.pop()!;
    if (shape) this.top().push({ ...shape, content });
    else for (const node of content) this.top().push(node);
  }
}
