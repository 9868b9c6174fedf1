import { describe, expect, it } from 'vitest';
import type { ListedPlaylist } from '../../src/conformance/hls/listed.js';
import { mediaPlaylist } from '../../src/conformance/hls/media-playlist.js';
import { scan } from '../../src/conformance/hls/scan.js';
import type { MasterView } from '../../src/conformance/hls/view.js';
import { APPLE_MASTER_RULES } from '../../src/conformance/rules/apple.js';
import { HLS_TOGETHER_RULES } from '../../src/conformance/rules/hls-together.js';

/** A playlist that has ended, whose initialisation segment was read. */
function listed(name: string, durations: readonly number[]): [string, ListedPlaylist] {
  const lines = durations.flatMap((seconds, i) => [`#EXTINF:${seconds.toFixed(3)},`, `${i}.m4s`]);
  const text = ['#EXTM3U', ...lines, '#EXT-X-ENDLIST'].join('\n');
  const playlist = mediaPlaylist(name, `file:///${name}`, scan(Buffer.from(text)), durations.length);
  const init = { tracks: [] };
  return [name, { playlist, track: [{ init }], independent: true } as unknown as ListedPlaylist];
}

/** What the rule says of two playlists. */
function found(pictures: readonly number[], sound: readonly number[]): unknown[] {
  const rule = APPLE_MASTER_RULES.find(({ id }) => id === 'APPLE-SAME-DURATION')!;
  const violations: unknown[] = [];
  const lists = new Map([listed('v.m3u8', pictures), listed('a.m3u8', sound)]);
  rule.check({ lists } as unknown as MasterView, (violation) => violations.push(violation));
  return violations;
}

/** What HLS-SAME-DURATION says where the second playlist is a rendition of this type. */
function foundOf(
  type: 'SUBTITLES' | 'AUDIO',
  seconds: readonly number[],
  others: readonly number[],
): unknown[] {
  const rule = HLS_TOGETHER_RULES.find(({ id }) => id === 'HLS-SAME-DURATION')!;
  const violations: unknown[] = [];
  const lists = new Map([listed('v.m3u8', seconds), listed('t.m3u8', others)]);
  const master = { renditions: [{ type, url: 't.m3u8' }] };
  rule.check({ lists, master } as unknown as MasterView, (violation) => violations.push(violation));
  return violations;
}

const cut = (seconds: number): number => Math.floor(1000 * seconds) / 1000;

describe('HLS-SAME-DURATION', () => {
  const film = Array.from({ length: 10 }, () => 60);

  it('lets text end with its last cue, and nothing else', () => {
    expect(foundOf('SUBTITLES', film, film.slice(1))).toEqual([]);
    expect(foundOf('AUDIO', film, film.slice(2))).toHaveLength(1);
  });
});

describe('APPLE-SAME-DURATION', () => {
  // Two hours in segments of two seconds; segments of sound end with a frame of 1024 samples, before or after.
  const SEGMENTS = 3600;
  const ends = Array.from(
    { length: SEGMENTS + 1 },
    (_, i) => (Math.round((i * 2 * 48000) / 1024) * 1024) / 48000,
  );
  const exact = ends.slice(1).map((end, i) => end - ends[i]!);
  const pictures = Array.from({ length: SEGMENTS }, () => 2);

  it('leaves what a packager that cuts EXTINF to milliseconds cuts off in a long title', () => {
    const sound = exact.map(cut);
    const off = 2 * SEGMENTS - sound.reduce((sum, seconds) => sum + seconds);
    expect(off).toBeGreaterThan(1);
    expect(off).toBeLessThan(0.1 + SEGMENTS * 0.0005);
    expect(found(pictures, sound)).toEqual([]);
  });

  it('finds a segment that is missing, and in a short title a sixth of a second', () => {
    expect(found(pictures, exact.slice(1))).toEqual([
      { file: 'a.m3u8', expected: '7200.000 s', found: expect.stringMatching(/^719[78]\.\d{3} s$/) },
    ]);
    expect(found([2, 2], [2, 1.85])).toHaveLength(1);
    expect(found([2, 2], [2, 1.95])).toEqual([]);
  });
});
