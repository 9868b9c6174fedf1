import { describe, expect, it } from 'vitest';
import { readTopLevel } from '../../src/conformance/boxes/top-level.js';
import { ByteWindow } from '../../src/conformance/boxes/window.js';
import type { Segment } from '../../src/conformance/media/segment.js';
import { ISO_SEGMENT_RULES } from '../../src/conformance/rules/iso-segment.js';
import { box, words } from './boxes.js';

const FRAGMENT = [box('moof'), box('mdat', words(0))];

/** An event message of version 0, of one second. */
function event(id: number, value = 'x'): Buffer {
  return box('emsg', words(0), Buffer.from(`urn:y\0${value}\0`), words(1000, 0, 1000, id));
}

/** What the rule about the order of event messages says of a segment of these boxes. */
async function found(...boxes: Buffer[]): Promise<string[]> {
  const bytes = Buffer.concat(boxes);
  const read = (offset: number, length: number): Promise<Buffer> =>
    Promise.resolve(bytes.subarray(offset, offset + length));
  const window = new ByteWindow({ url: '', size: bytes.length, read }, 0, bytes.length);
  const segment = { boxes: (await readTopLevel(window)).boxes } as unknown as Segment;
  const violations: string[] = [];
  const rule = ISO_SEGMENT_RULES.find(({ id }) => id === 'ISO-EMSG-ORDER')!;
  rule.check(segment, (violation) => violations.push(violation.found));
  return violations;
}

describe('ISO-EMSG-ORDER', () => {
  const late = ['emsg behind it'];

  it('lets messages stand before the first fragment, and their equivalents before later ones', async () => {
    expect(await found(event(1), event(2), ...FRAGMENT, ...FRAGMENT)).toEqual([]);
    expect(await found(event(1), event(2), ...FRAGMENT, event(2), ...FRAGMENT)).toEqual([]);
    expect(await found(...FRAGMENT)).toEqual([]);
  });

  it('finds those of other events, and those behind the last fragment', async () => {
    expect(await found(...FRAGMENT, event(1), ...FRAGMENT)).toEqual(late);
    expect(await found(event(1), ...FRAGMENT, event(2), ...FRAGMENT)).toEqual(late);
    expect(await found(event(1), ...FRAGMENT, event(1, 'other'), ...FRAGMENT)).toEqual(late);
    expect(await found(event(1), ...FRAGMENT, event(1))).toEqual(late);
  });
});
