import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mpegCrc, readSplice } from '../../../src/package/delivery/markers/splice-info.js';
import { spliceMarkers } from '../../../src/package/delivery/markers/splices.js';
import { spliceSection } from './sections.js';

/** Examples of ANSI/SCTE 35, 14: a break that begins, a placement opportunity that begins, and one that ends. */
const INSERT = Buffer.from('/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=', 'base64');
const START = Buffer.from(
  '/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==',
  'base64',
);
const END = Buffer.from('/DAvAAAAAAAA///wBQb+dGKQoAAZAhdDVUVJSAAAjn+fCAgAAAAALKChijUCAKnMZ1g=', 'base64');

describe('SCTE-35 sections', () => {
  it('are read as the standard explains its examples', () => {
    expect(readSplice(INSERT)).toEqual({
      info: {
        ...{ command: 'insert', eventId: 0x4800008f, cancelled: false, out: true },
        ...{ pts: 0x07369c02e, duration: 0x00052ccf5 },
      },
    });
    expect(readSplice(START)).toEqual({
      info: {
        ...{ command: 'signal', pts: 0x072bd0050 },
        segmentations: [{ eventId: 0x4800008e, cancelled: false, typeId: 0x34, duration: 0x0001a599b0 }],
      },
    });
    expect(readSplice(END)).toMatchObject({
      info: { pts: 0x07462_90a0, segmentations: [{ eventId: 0x4800008e, typeId: 0x35 }] },
    });
  });

  it('count their adjustment in, on a clock of 33 bits', () => {
    const pts = 2 ** 33 - 10;
    const section = spliceSection({ eventId: 1, out: true, pts, adjustment: 25 });
    expect(readSplice(section)).toMatchObject({ info: { pts: 15, out: true } });
    expect(mpegCrc(section)).toBe(0);
  });

  it('that are cut off or changed are faults, whatever is in them', () => {
    for (const section of [INSERT, START, END]) {
      for (let length = 0; length < section.length; length += 1) {
        expect(readSplice(section.subarray(0, length))).toHaveProperty('fault');
      }
      for (let bit = 0; bit < section.length * 8; bit += 1) {
        const broken = Buffer.from(section);
        broken[bit >> 3]! ^= 1 << (bit & 7);
        expect(readSplice(broken)).toHaveProperty('fault');
      }
    }
    const encrypted = spliceSection({ eventId: 1, out: true, pts: 0, encrypted: true });
    expect(readSplice(encrypted)).toEqual({ fault: 'it is encrypted' });
  });

  it('with a right checksum lead to a result or a fault, never to anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 80 }), (bytes) => {
        const body = Buffer.concat([Buffer.from([0xfc, 0x30, bytes.length + 4]), bytes]);
        const crc = Buffer.alloc(4);
        crc.writeUInt32BE(mpegCrc(body));
        const read = readSplice(Buffer.concat([body, crc]));
        expect('fault' in read || 'info' in read).toBe(true);
        expect(readSplice(bytes)).toBeDefined();
      }),
    );
  });
});

describe('ad breaks of SCTE-35', () => {
  const CLOCK = { start: 2 ** 33 - 90_000, frames: 2400, fps: { num: 24, den: 1 } };
  const at = (seconds: number): number => (((CLOCK.start + seconds * 90_000) % 2 ** 33) + 2 ** 33) % 2 ** 33;
  const insert = (eventId: number, out: boolean, seconds: number, more: object = {}) => ({
    section: spliceSection({ eventId, out, pts: at(seconds), ...more }),
    pts: at(seconds - 4),
  });
  const ranges = (found: Parameters<typeof spliceMarkers>[0]): unknown[] =>
    spliceMarkers(found, CLOCK).markers.map(({ id, startFrame, endFrame }) => [id, startFrame, endFrame]);

  it('last as long as they say, or until the message that ends them; beyond a wrap of the clock', () => {
    expect(ranges([insert(1, true, 10, { duration: 30 * 90_000 })])).toEqual([['splice-00000001', 240, 960]]);
    expect(ranges([insert(1, true, 10, { duration: 30 * 90_000 }), insert(1, false, 20)])).toEqual([
      ['splice-00000001', 240, 480],
    ]);
    expect(ranges([insert(7, true, 10)])).toEqual([['splice-00000007', 240, 240]]);
  });

  it('are said again, corrected, cancelled, and said anew under the same id', () => {
    const [early, late] = [insert(1, true, 10), insert(1, true, 11)];
    expect(ranges([early, early, late])).toEqual([['splice-00000001', 264, 264]]);
    expect(ranges([early, { section: spliceSection({ eventId: 1, cancel: true }) }])).toEqual([]);
    expect(ranges([early, insert(1, false, 12), insert(1, true, 50), insert(1, false, 60)])).toEqual([
      ['splice-00000001', 240, 288],
      ['splice-00000001.2', 1200, 1440],
    ]);
  });

  it('of segmentation descriptors have their own ends', () => {
    const clock = { start: 0x072bd0050 - 90_000, frames: 24_000, fps: { num: 24, den: 1 } };
    const { markers, findings } = spliceMarkers([{ section: START }, { section: END }], clock);
    expect(markers).toEqual([
      {
        ...{ id: 'segment-4800008e-34', kind: 'adbreak', source: 'scte35', confidence: 1, startFrame: 24 },
        endFrame: 24 + Math.round(((0x074629_0a0 - 0x072bd0050) / 90_000) * 24),
        scte35: { out: START.toString('hex'), in: END.toString('hex') },
      },
    ]);
    expect(findings).toEqual([]);
  });

  it('outside of the title, and broken messages, are told of', () => {
    const { markers, findings } = spliceMarkers(
      [insert(1, true, -5), insert(2, true, 200), { section: INSERT.subarray(0, 20) }],
      CLOCK,
    );
    expect(markers).toEqual([]);
    expect(findings.map(({ code, message }) => [code, message])).toEqual([
      ['splice-unreadable', '1 SCTE-35 messages cannot be read: it is cut off'],
      ['splice-outside', '2 SCTE-35 events are not within the title, e.g. splice-00000001'],
    ]);
  });
});
