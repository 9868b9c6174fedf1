import { LIMITS } from '../limits.js';
import { isParsed, parseFields } from './fields.js';
import type { BoxNode } from './node.js';

/** What is wrong with the boxes of a file, in words. */
export interface BoxProblem {
  kind: 'structure' | 'fields';
  /** e.g. `moof/traf/trun at 84`. */
  where: string;
  found: string;
}

/** Boxes that hold boxes, and the bytes of fields before these. */
const CONTAINERS: ReadonlyMap<string, number> = new Map([
  ...['moov', 'trak', 'edts', 'mdia', 'minf', 'dinf', 'stbl', 'mvex', 'moof', 'traf', 'sinf', 'schi'].map(
    (type): [string, number] => [type, 0],
  ),
  ...['dref', 'stsd'].map((type): [string, number] => [type, 8]),
  ...[
    'avc1',
    'avc3',
    'hvc1',
    'hev1',
    'dvh1',
    'dvhe',
    'dva1',
    'dvav',
    'av01',
    'vp08',
    'vp09',
    'vvc1',
    'encv',
  ].map((type): [string, number] => [type, 78]),
  ...['mp4a', 'ac-3', 'ec-3', 'ac-4', 'Opus', 'fLaC', 'alac', 'mha1', 'mhm1', 'enca'].map(
    (type): [string, number] => [type, 28],
  ),
  ['wvtt', 8],
]);

/** Size and type of the box at `at`; undefined where its header does not fit. A size of 0 goes to the end. */
export function readHeader(
  data: Buffer,
  at: number,
  end: number,
): { size: number; header: number; type: string } | undefined {
  if (at + 8 > end) return undefined;
  const type = data.toString('latin1', at + 4, at + 8);
  const short = data.readUInt32BE(at);
  if (short === 0) return { size: end - at, header: 8, type };
  if (short !== 1) return { size: short, header: 8, type };
  if (at + 16 > end) return undefined;
  return { size: Number(data.readBigUInt64BE(at + 8)), header: 16, type };
}

/** Collects boxes, at most so many of a file. */
export class BoxWalker {
  readonly problems: BoxProblem[] = [];
  private boxes = 0;

  problem(kind: BoxProblem['kind'], where: string, found: string): void {
    if (this.problems.length < LIMITS.findings) this.problems.push({ kind, where, found });
  }

  /** Counts a box; false where there are too many. */
  count(where: string): boolean {
    this.boxes += 1;
    if (this.boxes === LIMITS.boxes) this.problem('structure', where, `more than ${LIMITS.boxes} boxes`);
    return this.boxes < LIMITS.boxes;
  }

  /** A box and what is in it. `data` are its bytes, and `start` is where it stands in its file. */
  box(data: Buffer, start: number, type: string, header: number, path = type): BoxNode {
    const node: BoxNode = {
      type,
      start,
      end: start + data.length,
      body: start + header,
      data,
      children: [],
    };
    const before = CONTAINERS.get(type);
    if (before !== undefined) node.children = this.children(node, header + before, path);
    else if (isParsed(type)) {
      node.fields = parseFields(type, data, header);
      if (node.fields === undefined && !this.isForeignColour(node, header)) {
        this.problem(
          'fields',
          `${path} at ${start}`,
          `${data.length} bytes, which its fields do not fit into`,
        );
      }
    }
    return node;
  }

  /** A colour description of another type than code points has fields that are not read. */
  private isForeignColour({ type, data }: BoxNode, header: number): boolean {
    const kind = data.toString('latin1', header, header + 4);
    return type === 'colr' && kind.length === 4 && kind !== 'nclx';
  }

  private children(parent: BoxNode, from: number, path: string): BoxNode[] {
    const { data, start } = parent;
    const found: BoxNode[] = [];
    const where = (at: number): string => `${path} at ${start + at}`;
    if (path.split('/').length > LIMITS.boxDepth) {
      this.problem('structure', where(0), `boxes ${LIMITS.boxDepth} deep in each other`);
      return found;
    }
    for (let at = from; at < data.length;) {
      const head = readHeader(data, at, data.length);
      // Four bytes of zeros may end a container: QuickTime writes them behind sample entries.
      if (!head && data.length - at === 4 && data.readUInt32BE(at) === 0) break;
      if (!head || head.size < head.header || at + head.size > data.length) {
        const found = head ? `a box ${shownType(head.type)} of ${head.size} bytes` : 'the beginning of a box';
        this.problem('structure', where(at), `${found}, where ${data.length - at} are left`);
        break;
      }
      if (!this.count(where(at))) break;
      const box = data.subarray(at, at + head.size);
      found.push(this.box(box, start + at, head.type, head.header, `${path}/${shownType(head.type)}`));
      at += head.size;
    }
    return found;
  }
}

/** A type as it can be printed. */
export function shownType(type: string): string {
  return /^[\x20-\x7e]{4}$/.test(type) ? type.trim() : `0x${Buffer.from(type, 'latin1').toString('hex')}`;
}
