import { describe, expect, test } from 'vitest';
import { indexPackets, longestGroup, parsePackets } from '../../src/chunker/packets.js';
import { CLOSED, OPEN, packetList } from './packet-lists.js';

const HEAD =
  '#extradata 0: 44, 0x2d3f0e38\n#software: Lavf61.1.100\n#tb 0: 1/12288\n#media_type 0: video\n#codec_id 0: h264\n';

describe('parsing', () => {
  test('reads time stamps and flags', () => {
    const lines = [
      '0,      -1024,          0,      512,     1111, 0xe0f70800',
      '0,       -512,       1536,      512,      222, 0xb7a159bf, F=0x0',
      '0,          0,       1024,      512,      212, 0x961a5806, F=0x4, S=1,        1',
      '0,        512, -9223372036854775808,      512,       68, 0xacca0330, F=0x5',
      '0,        512,       2048,      512,       68, 0xacca0330, S=1,        1',
    ];
    const list = parsePackets(`${HEAD}${lines.join('\n')}\n`);
    expect(list.codec).toBe('h264');
    expect(list.tickSeconds).toBe(1 / 12_288);
    expect([...list.pts]).toEqual([0, 1536, 1024, NaN, 2048]);
    expect([...list.key]).toEqual([1, 0, 0, 1, 1]);
    expect([...list.hidden]).toEqual([0, 0, 1, 1, 0]);
  });

  test('no packets are an empty list; no header is an error', () => {
    expect(parsePackets(HEAD).pts).toHaveLength(0);
    expect(() => parsePackets('')).toThrow(expect.objectContaining({ code: 'PACKET_LIST' }));
  });
});

describe('the packet of every frame', () => {
  const packetOf = (words: string, frames: number, firstPts = 0): number[] | undefined => {
    const index = indexPackets(packetList(words, firstPts), frames);
    return index && [...index.packetOf];
  };

  test('follows the order of the time stamps', () => {
    expect(packetOf(CLOSED, 12)).toEqual([0, 2, 3, 1, 4, 6, 7, 5, 8, 10, 11, 9]);
    expect(packetOf(OPEN, 14, -3)).toEqual([0, 2, 3, 1, 5, 6, 4, 8, 9, 7, 11, 12, 10, 13]);
    expect(indexPackets(packetList(CLOSED, 5), 12)?.earliestPts).toBe(5);
  });

  test('leaves out hidden packets', () => {
    expect(packetOf('hK0 hP3 hB1 B2 K4', 2)).toEqual([3, 4]);
    expect(packetOf('K0 P3 hB1 B2', 3)).toEqual([0, 3, 1]);
  });

  test('leaves out what is shown before the first key frame where that gives the right number', () => {
    expect(packetOf('K6 B4 B5 P9 B7 B8', 4)).toEqual([0, 4, 5, 3]);
    expect(packetOf('P3 B1 B2 K6 B4 B5 P9', 2)).toEqual([3, 6]);
  });

  test('is unknown without time stamps, with equal ones, and with another number of frames', () => {
    const list = packetList('K0 P1 P2');
    list.pts[1] = NaN;
    expect(indexPackets(list, 3)).toBeUndefined();
    expect(packetOf('K0 P1 P1', 3)).toBeUndefined();
    expect(packetOf('K0 P1 P2', 2)).toBeUndefined();
    expect(packetOf('K0 P1 P2', 4)).toBeUndefined();
    expect(packetOf('K0', 0)).toBeUndefined();
  });
});

test('the longest group counts to the next key frame or to the end', () => {
  expect(longestGroup(packetList(CLOSED))).toBe(4);
  expect(longestGroup(packetList(OPEN))).toBe(6);
  expect(longestGroup(packetList('K0 P1 K2 P3 P4'))).toBe(3);
  expect(longestGroup(packetList('P0 P1 K2'))).toBe(2);
});
