import { LIMITS } from '../limits.js';
import type { BoxNode } from './node.js';
import { BoxWalker, readHeader, shownType } from './walk.js';
import type { ByteWindow } from './window.js';

/** Boxes that are read as a whole. Media data is not. */
const READ = new Set(['ftyp', 'styp', 'moov', 'moof', 'sidx', 'emsg']);

const NO_DATA = Buffer.alloc(0);

/** The boxes of a file, or of a part of one, and what is wrong with them. */
export interface TopLevel {
  boxes: BoxNode[];
  walker: BoxWalker;
}

/** Reads boxes one after the other. Media data is passed over, so that a segment of any size costs its heads. */
export async function readTopLevel(window: ByteWindow): Promise<TopLevel> {
  const walker = new BoxWalker();
  const boxes: BoxNode[] = [];
  const { size } = window;
  for (let at = 0; at < size;) {
    const bytes = await window.bytes(at, 16);
    const head = readHeader(bytes, 0, Math.min(bytes.length, size - at));
    if (!head) {
      walker.problem('structure', `at ${at}`, `${size - at} bytes that are no box`);
      break;
    }
    const boxSize = bytes.readUInt32BE(0) === 0 ? size - at : head.size;
    const type = shownType(head.type);
    if (boxSize < head.header || at + boxSize > size) {
      walker.problem(
        'structure',
        `${type} at ${at}`,
        `a box of ${boxSize} bytes, where ${size - at} are left`,
      );
      break;
    }
    if (!walker.count(`${type} at ${at}`)) break;
    boxes.push(await readBox(window, walker, { at, size: boxSize, header: head.header, type: head.type }));
    at += boxSize;
  }
  return { boxes, walker };
}

async function readBox(
  window: ByteWindow,
  walker: BoxWalker,
  box: { at: number; size: number; header: number; type: string },
): Promise<BoxNode> {
  const { at, size, header, type } = box;
  const node = { type, start: at, end: at + size, body: at + header, data: NO_DATA, children: [] };
  if (!READ.has(type)) return node;
  if (size > LIMITS.boxBytes) {
    walker.problem('structure', `${shownType(type)} at ${at}`, `a box of ${size} bytes, more than is read`);
    return node;
  }
  const data = await window.bytes(at, size);
  if (data.length < size) {
    walker.problem('structure', `${shownType(type)} at ${at}`, `a file that ends in it`);
    return node;
  }
  // A copy: the window moves on, and small parts of it should not keep all of it.
  return walker.box(Buffer.from(data), at, type, header);
}
