import { describe, expect, it } from 'vitest';
import type { ListedPlaylist } from '../../src/conformance/hls/listed.js';
import { mediaPlaylist } from '../../src/conformance/hls/media-playlist.js';
import { scan } from '../../src/conformance/hls/scan.js';
import { HLS_LISTED_RULES } from '../../src/conformance/rules/hls-listed.js';

/** Rules about EXTINF that a playlist of one segment breaks. */
function found(extinf: string, played: number, version = 3): string[] {
  const text = ['#EXTM3U', `#EXT-X-VERSION:${version}`, `#EXTINF:${extinf},`, '1.m4s', '#EXT-X-ENDLIST'];
  const playlist = mediaPlaylist('p', 'file:///p', scan(Buffer.from(text.join('\n'))), 1);
  const init = { tracks: [{ id: 1, kind: 'video', timescale: 1000 }] };
  const times = { trackId: 1, presented: 0, presentedEnd: Math.round(played * 1000) };
  const listed = { playlist, track: [{ init, tracks: [times] }], independent: true };
  const broken = new Set<string>();
  for (const rule of HLS_LISTED_RULES.filter(({ id }) => id.startsWith('HLS-EXTINF'))) {
    rule.check(listed as unknown as ListedPlaylist, () => broken.add(`${rule.id} ${rule.severity}`));
  }
  return [...broken];
}

describe('EXTINF', () => {
  const inaccurate = ['HLS-EXTINF-ACCURACY warning'];

  it('may be off by 10 ms', () => {
    expect([found('1.984', 1.984), found('1.984', 1.975)]).toEqual([[], []]);
  });

  it('should be accurate where it may have decimals', () => {
    expect([found('2', 1.984), found('2', 1.5), found('2', 2.5)]).toEqual([
      ...[inaccurate, inaccurate, inaccurate],
    ]);
  });

  it('is a whole number before version 3', () => {
    expect([found('2', 1.984, 2), found('2', 1.5, 1)]).toEqual([[], []]);
  });

  it('is not off by more than rounding makes it', () => {
    const wrong = ['HLS-EXTINF-MEDIA error'];
    expect([found('2', 1.4), found('3', 2.4, 2), found('1', 2)]).toEqual([wrong, wrong, wrong]);
  });
});
