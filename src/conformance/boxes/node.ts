import type { Parsed, ParsedType } from './fields.js';

/** A box. Offsets are those of the file or segment that it is in. */
export interface BoxNode {
  type: string;
  start: number;
  end: number;
  /** Of its content: after size and type. */
  body: number;
  /** Its bytes, header included; of boxes that are read. */
  data: Buffer;
  children: BoxNode[];
  /** Its fields; undefined where they are not read, or cannot be. */
  fields?: unknown;
}

/** The first box of a type among these. */
export function boxIn(boxes: readonly BoxNode[], type: string): BoxNode | undefined {
  return boxes.find((box) => box.type === type);
}

export function boxesIn(boxes: readonly BoxNode[], type: string): BoxNode[] {
  return boxes.filter((box) => box.type === type);
}

/** The box that a path of types leads to, e.g. `mdia`, `minf`, `stbl`; always the first of its type. */
export function boxAt(box: BoxNode | undefined, ...path: string[]): BoxNode | undefined {
  return path.reduce<BoxNode | undefined>((at, type) => at && boxIn(at.children, type), box);
}

/** The fields of a box of the given type; undefined where it is another, or they could not be read. */
export function fieldsOf<T extends ParsedType>(box: BoxNode | undefined, type: T): Parsed<T> | undefined {
  return box?.type === type ? (box.fields as Parsed<T> | undefined) : undefined;
}
