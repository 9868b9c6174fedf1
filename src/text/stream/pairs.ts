import type { CaptionPair } from '../cea608/decode.js';
import type { ListedPacket } from './framecrc.js';

/** Bytes of one construct of `cc_data` (CTA-708, 4.3.1): what it is, and two bytes of captions. */
const CONSTRUCT = 3;

/**
 * The CEA-608 pairs in `cc_data` constructs. `start` is the time of the title's first frame, seconds. Constructs that are
 * not valid, and those of CEA-708, are passed over.
 */
export function* captionPairs(
  data: Uint8Array,
  packets: Iterable<ListedPacket>,
  start: number,
): Generator<CaptionPair> {
  let from = 0;
  for (const { time, bytes } of packets) {
    const end = Math.min(data.length, from + bytes);
    for (let at = from; at + CONSTRUCT <= end; at += CONSTRUCT) {
      const head = data[at] ?? 0;
      const type = head & 3;
      if ((head & 4) === 0 || type > 1) continue;
      yield {
        time: (time - start) * 1000,
        line: 0,
        field: type === 0 ? 1 : 2,
        first: data[at + 1] ?? 0,
        second: data[at + 2] ?? 0,
      };
    }
    from = end;
  }
}
