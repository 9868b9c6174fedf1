import { describe, expect, it } from 'vitest';
import { type ApiEvent, type ApiTitle, eventSchema } from '../../../src/services/api/index.js';
import {
  age,
  ago,
  announcement,
  codecName,
  outcome,
  secondsBetween,
} from '../../../src/web/dashboard/state/words.js';

const NOW = Date.UTC(2025, 5, 1, 12);
const before = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();

describe('words', () => {
  it.each([
    [-30, 'now', 'just now'],
    [0, 'now', 'just now'],
    [4.9, 'now', 'just now'],
    [5, '5 s', '5 s ago'],
    [59.9, '59 s', '59 s ago'],
    [60, '1 min', '1 min ago'],
    [3599, '59 min', '59 min ago'],
    [3600, '1 h', '1 h ago'],
    [86_399, '23 h', '23 h ago'],
    [86_400, '1 day', '1 day ago'],
    [3 * 86_400, '3 days', '3 days ago'],
  ])('%d seconds ago', (seconds, short, long) => {
    expect([age(before(seconds), NOW), ago(before(seconds), NOW)]).toEqual([short, long]);
  });

  it('seconds between two times, where both are known', () => {
    expect(secondsBetween(before(90), before(0))).toBe(90);
    expect(secondsBetween(before(0), before(90))).toBe(0);
    expect(secondsBetween(undefined, before(0))).toBeUndefined();
    expect(secondsBetween(before(0), undefined)).toBeUndefined();
  });

  it('names of codecs, alone and with a dynamic range', () => {
    expect(['h264', 'hevc PQ', 'x265'].map(codecName)).toEqual(['H.264', 'HEVC PQ', 'x265']);
  });

  it('what came out of a title', () => {
    const rendition = {
      id: 'a',
      codec: 'h264',
      width: 1920,
      height: 1080,
      averageBitrate: 1,
      peakBitrate: 1,
      vmaf: 95,
    };
    const result: NonNullable<ApiTitle['result']> = {
      ...{ frames: 10, fps: '24/1', width: 1920, height: 1080, findings: 0, manifests: [] },
      renditions: [rendition, { ...rendition, codec: 'av1', height: 720 }],
      cost: { wallSeconds: 1, cpuSeconds: 1, encodes: 1, cacheHits: 0 },
    };
    expect(outcome(result)).toBe('2 renditions to 1080p, H.264, AV1');
    expect(outcome({ ...result, renditions: [rendition] })).toBe('1 rendition to 1080p, H.264');
  });

  it('announces every kind of event in words, and counts a flood', () => {
    const event = (type: ApiEvent['type'], name: string): ApiEvent => ({
      ...{ id: 1, type, titleId: name, at: before(0) },
      data: {
        ...{ id: name, name, state: 'done', profile: 'default', priority: 5, attempt: 1 },
        ...{ createdAt: before(9), updatedAt: before(0) },
      },
    });
    expect(announcement([event('title.published', 'A'), event('title.failed', 'B')])).toBe(
      'A is done. B failed',
    );
    for (const type of eventSchema.shape.type.options) {
      expect(announcement([event(type, 'A')]), type).not.toContain('has changed');
    }
    const later = { ...event('title.published', 'A'), type: 'title.later' } as unknown as ApiEvent;
    expect(announcement([later])).toBe('A has changed');
    expect(announcement(Array<ApiEvent>(4).fill(event('title.started', 'A')))).toBe('4 changes of titles');
  });
});
