/** Bytes of a file to send, both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** One range in bytes: `a-b`, `a-` or `-n`. */
const RANGE = /^bytes=(?=[^-]|-\d)(\d*)-(\d*)$/;

/**
 * Reads a Range header (RFC 9110, 14.2) for a file of `size` bytes. `whole`: no header, or one that a server may
 * ignore (another unit, several ranges, bad syntax); `unsatisfiable`: answer 416.
 */
export function parseRange(header: string | undefined, size: number): ByteRange | 'whole' | 'unsatisfiable' {
  const match = header === undefined ? null : RANGE.exec(header);
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Number(last);
    if (length === 0 || size === 0) return 'unsatisfiable';
    return { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}
