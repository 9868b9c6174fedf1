import type { CueContent, CueElement } from '../types.js';

/** Marks the characters of a text that stay: runs of white space with a line end become one line end. */
function keptCharacters(text: string): Uint8Array {
  const kept = new Uint8Array(text.length);
  let lineStart = true;
  let pendingSpaces = -1;
  let lineEnd = -1;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\n') {
      if (!lineStart && lineEnd < 0) lineEnd = at;
      pendingSpaces = -1;
    } else if (character === ' ') {
      if (pendingSpaces < 0) pendingSpaces = at;
    } else {
      if (lineEnd >= 0) kept[lineEnd] = 1;
      else if (!lineStart && pendingSpaces >= 0) kept.fill(1, pendingSpaces, at);
      kept[at] = 1;
      lineStart = false;
      pendingSpaces = -1;
      lineEnd = -1;
    }
  }
  return kept;
}

function leavesOf(content: CueContent, into: string[] = []): string[] {
  for (const node of content) {
    if (typeof node === 'string') into.push(node);
    else leavesOf(node.content, into);
  }
  return into;
}

/** Gives every string of the tree its successor from `next`; drops what is empty, joins strings that touch. */
function rebuilt(content: CueContent, next: () => string): CueContent {
  const result: CueContent = [];
  for (const node of content) {
    if (typeof node === 'string') {
      const text = next();
      if (text === '') continue;
      const last = result.at(-1);
      if (typeof last === 'string') result[result.length - 1] = last + text;
      else result.push(text);
    } else {
      const inner = rebuilt(node.content, next);
      if (inner.length > 0) result.push({ ...node, content: inner });
    }
  }
  return result;
}

/**
 * The canonical form of a cue's content: control characters are spaces, no line is empty or has spaces at its ends, no
 * element is empty, no two strings touch. Two contents that are shown alike need not be equal.
 */
export function tidy(content: CueContent): CueContent {
  const leaves = leavesOf(content).map((text) => text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n]/gu, ' '));
  const kept = keptCharacters(leaves.join(''));
  let from = 0;
  let index = 0;
  return rebuilt(content, () => {
    const text = leaves[index++] ?? '';
    const start = from;
    from += text.length;
    let result = '';
    for (let at = 0; at < text.length; at += 1) if (kept[start + at] === 1) result += text[at];
    return result;
  });
}

/** The text alone, without elements. */
export function plainText(content: CueContent): string {
  return content.map((node) => (typeof node === 'string' ? node : plainText(node.content))).join('');
}

/** Puts an element around content, unless there is none. */
export function wrapped(content: CueContent, element: Omit<CueElement, 'content'>): CueContent {
  return content.length === 0 ? [] : [{ ...element, content }];
}
