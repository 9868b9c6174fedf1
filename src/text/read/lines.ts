/** Lines of a text whose line ends are any of CR LF, LF and CR. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** Lines that follow each other without an empty one. */
export interface Block {
  /** Number of its first line, from 1. */
  line: number;
  lines: string[];
}

/**
 * Divides lines at those that are `blank`: empty, if nothing else is said. Other characters that nobody sees, such as
 * U+00A0 and U+3000, never divide: on a line of their own they keep it free.
 */
export function blocksOf(lines: readonly string[], blank = /^$/): Block[] {
  const blocks: Block[] = [];
  let block: Block | undefined;
  for (const [index, text] of lines.entries()) {
    if (blank.test(text)) {
      block = undefined;
    } else if (block) {
      block.lines.push(text);
    } else {
      block = { line: index + 1, lines: [text] };
      blocks.push(block);
    }
  }
  return blocks;
}
