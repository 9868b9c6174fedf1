import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CopyPlan, planCopy } from '../../src/chunker/copy-plan.js';
import { frameWindow } from '../../src/chunker/frame-window.js';
import { type PacketIndex, indexPackets } from '../../src/chunker/packets.js';
import { CLOSED, OPEN, packetList } from './packet-lists.js';

function indexed(words: string, frames: number, firstPts = 0): PacketIndex {
  const index = indexPackets(packetList(words, firstPts), frames);
  if (!index) throw new Error(`${words} cannot be indexed`);
  return index;
}

function plan(
  words: string,
  frames: number,
  start: number,
  end: number,
  keysBack = 0,
): Partial<CopyPlan> | undefined {
  const found = planCopy(indexed(words, frames), { startFrame: start, endFrame: end }, keysBack);
  if (!found) return undefined;
  const { firstPacket, firstPts, packets, skipFrames, leadingFrames } = found;
  return { firstPacket, firstPts, packets, skipFrames, leadingFrames };
}

describe('closed groups', () => {
  test('a shot at a key frame needs its own packets only', () => {
    const whole = { firstPacket: 4, firstPts: 4, packets: 4, skipFrames: 0, leadingFrames: 0 };
    expect(plan(CLOSED, 12, 4, 8)).toEqual(whole);
  });

  test('a shot within a group begins at its key frame', () => {
    expect(plan(CLOSED, 12, 6, 8)).toEqual({
      firstPacket: 4,
      firstPts: 4,
      packets: 4,
      skipFrames: 2,
      leadingFrames: 0,
    });
  });

  test('a shot that ends within a group needs the reference shown after it', () => {
    expect(plan(CLOSED, 12, 4, 6)).toEqual({
      firstPacket: 4,
      firstPts: 4,
      packets: 3,
      skipFrames: 0,
      leadingFrames: 0,
    });
  });

  test('frames decoded before the first, but shown after it, are not skipped', () => {
    expect(plan(CLOSED, 12, 5, 6)).toEqual({
      firstPacket: 4,
      firstPts: 4,
      packets: 3,
      skipFrames: 1,
      leadingFrames: 0,
    });
  });

  test('one key frame earlier skips a group more; there is none before the first', () => {
    expect(plan(CLOSED, 12, 6, 8, 1)).toEqual({
      firstPacket: 0,
      firstPts: 0,
      packets: 8,
      skipFrames: 6,
      leadingFrames: 0,
    });
    expect(plan(CLOSED, 12, 6, 8, 2)).toBeUndefined();
  });
});

describe('open groups', () => {
  test('a shot at a key frame has leading pictures to skip', () => {
    expect(plan(OPEN, 14, 6, 10)).toEqual({
      firstPacket: 4,
      firstPts: 6,
      packets: 6,
      skipFrames: 2,
      leadingFrames: 2,
    });
  });

  test('a shot that begins with a leading picture begins at the key frame before', () => {
    expect(plan(OPEN, 14, 5, 10)).toEqual({
      firstPacket: 0,
      firstPts: 0,
      packets: 10,
      skipFrames: 5,
      leadingFrames: 0,
    });
    expect(plan(OPEN, 14, 11, 14)).toEqual({
      ...{ firstPacket: 4, firstPts: 6, packets: 10, skipFrames: 7, leadingFrames: 2 },
    });
  });

  test('a shot that ends with a leading picture needs the next key frame', () => {
    expect(plan(OPEN, 14, 0, 5)).toEqual({
      firstPacket: 0,
      firstPts: 0,
      packets: 6,
      skipFrames: 0,
      leadingFrames: 0,
    });
  });
});

test('hidden packets are decoded and skipped', () => {
  expect(plan('hK0 hP3 hB1 B2 K4', 2, 0, 1)).toEqual({
    ...{ firstPacket: 0, firstPts: 0, packets: 4, skipFrames: 2, leadingFrames: 0 },
  });
});

test('nothing can be copied without a key frame', () => {
  expect(plan('P0 P1 P2', 3, 1, 2)).toBeUndefined();
});

describe('where to read', () => {
  // Key frames every 48 frames, two seconds; 480 frames that start at 10 s.
  const long = Array.from({ length: 480 }, (_, i) => `${i % 48 ? 'P' : 'K'}${i}`).join(' ');
  const index = indexed(long, 480, 240);

  test('two seconds before the key frame until two seconds after the last packet', () => {
    const found = planCopy(index, { startFrame: 300, endFrame: 340 })!;
    expect(found.firstPacket).toBe(288);
    expect(found.seekSeconds).toBeCloseTo(10 + 12 - 2, 9);
    expect(found.seekSeconds! + found.readSeconds).toBeCloseTo(10 + 339 / 24 + 2, 9);
  });

  test('from the beginning where the key frame is near it', () => {
    const found = planCopy(index, { startFrame: 50, endFrame: 60 })!;
    expect(found.seekSeconds).toBeUndefined();
    expect(found.readSeconds).toBeCloseTo(59 / 24 + 2, 9);
  });

  test('frames of a shot are told by times between theirs and their neighbours', () => {
    const window = frameWindow(index, { startFrame: 300, endFrame: 340 });
    expect(window.seekSeconds).toBeCloseTo(20, 9);
    expect(window.startSeconds).toBeCloseTo(10 + 299.5 / 24, 9);
    expect(window.endSeconds).toBeCloseTo(10 + 339.5 / 24, 9);
    expect(frameWindow(index, { startFrame: 0, endFrame: 480 })).toEqual({
      seekSeconds: undefined,
      startSeconds: 10,
      endSeconds: undefined,
    });
  });
});

test('for any shot, the copy holds all its frames, begins with a key frame and skips what comes before', () => {
  const words = Array.from({ length: 8 }, (_, g) => {
    const at = 6 * g;
    const leading = g === 0 ? [] : [`B${at - 2}`, `B${at - 1}`];
    return [`K${at}`, ...leading, `P${at + 3}`, `B${at + 1}`, `B${at + 2}`];
  });
  const index = indexed(words.flat().join(' '), 46);
  const span = fc
    .tuple(fc.integer({ min: 0, max: 45 }), fc.integer({ min: 1, max: 46 }))
    .filter(([a, b]) => a < b);
  fc.assert(
    fc.property(span, fc.integer({ min: 0, max: 2 }), ([startFrame, endFrame], keysBack) => {
      const found = planCopy(index, { startFrame, endFrame }, keysBack);
      if (!found) return;
      const copied = Array.from({ length: found.packets }, (_, i) => found.firstPacket + i);
      expect(index.key[found.firstPacket]).toBe(1);
      const shown = copied.map((packet) => index.pts[packet]!).sort((a, b) => a - b);
      const firstPts = index.pts[index.packetOf[startFrame]!]!;
      expect(shown.indexOf(firstPts)).toBe(found.skipFrames);
      for (let frame = startFrame; frame < endFrame; frame++) expect(copied).toContain(index.packetOf[frame]);
      expect(found.firstPts).toBeLessThanOrEqual(firstPts);
    }),
  );
});
