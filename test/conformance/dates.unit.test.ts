import { describe, expect, it } from 'vitest';
import { mediaPlaylist } from '../../src/conformance/hls/media-playlist.js';
import { scan } from '../../src/conformance/hls/scan.js';
import type { MasterView } from '../../src/conformance/hls/view.js';
import { DATES } from '../../src/conformance/rules/hls-dates.js';

const INIT = { tracks: [{ id: 1, kind: 'video', timescale: 10 }] };

/** A playlist of segments of two seconds, the first of which begins at `start` seconds of the media. */
function playlist(name: string, start: number, ...lines: string[]): [string, unknown] {
  const read = mediaPlaylist(name, `file:///${name}`, scan(Buffer.from(['#EXTM3U', ...lines].join('\n'))), 9);
  const track = read.segments.map((_, index) => ({
    init: INIT,
    tracks: [{ trackId: 1, presented: 10 * (start + 2 * index) }],
  }));
  return [name, { playlist: read, track, independent: true }];
}

function found(...lists: [string, unknown][]): string[] {
  const violations: string[] = [];
  DATES.check({ lists: new Map(lists) } as unknown as MasterView, ({ file, found: is }) =>
    violations.push(`${file} ${is}`),
  );
  return violations;
}

const date = (time: string): string => `#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:${time}Z`;
const [one, two] = [
  ['#EXTINF:2,', '1'],
  ['#EXTINF:2,', '2'],
];

describe('HLS-PROGRAM-DATE-TIME', () => {
  it('asks for nothing where there are no dates', () => {
    expect(found(playlist('a', 0, ...one), playlist('b', 5, ...one))).toEqual([]);
  });

  it('asks for dates in all playlists', () => {
    const [dated, empty] = [playlist('a', 0, date('00'), ...one), playlist('c', 0)];
    expect(found(dated, playlist('b', 0, ...one), empty)).toEqual(['b none']);
  });

  it('asks for the same time of the media, wherever a window begins', () => {
    const first = playlist('a', 0, date('10'), ...one);
    expect(found(first, playlist('b', 4, date('14.5'), ...one))).toEqual([]);
    expect(found(first, playlist('b', 4, ...one, date('16'), ...two))).toEqual([]);
    expect(found(first, playlist('b', 4, date('10'), ...one))).toEqual(['b at 2026-01-01T00:00:06.000Z']);
  });

  it('does not compare what is no date, or stands behind a discontinuity', () => {
    const first = playlist('a', 0, date('10'), ...one);
    expect(found(first, playlist('b', 0, date('noon'), ...one))).toEqual([]);
    expect(found(first, playlist('b', 0, ...one, '#EXT-X-DISCONTINUITY', date('40'), ...two))).toEqual([]);
  });
});
