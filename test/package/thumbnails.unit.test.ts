import fc from 'fast-check';
import { parse as parseHls } from 'hls-parser';
import { parse as parseMpd } from 'mpd-parser';
import { describe, expect, it } from 'vitest';
import { mpdWithThumbnails } from '../../src/package/thumbnails/dash.js';
import { masterWithThumbnails, thumbnailPlaylist } from '../../src/package/thumbnails/hls.js';
import { storyboard } from '../../src/package/thumbnails/storyboard.js';
import { type ThumbnailTrack, sheetPath, sheetSeconds } from '../../src/package/thumbnails/track.js';
import { outOfOrder } from '../support/mpd-order.js';

/** 31 s at 24 fps: seven thumbnails on two sheets of two by two. */
const TRACK: ThumbnailTrack = {
  ...{ width: 320, height: 180, columns: 2, rows: 2, intervalMs: 5000, count: 7, frames: 744 },
  fps: { num: 24, den: 1 },
  sheets: [
    { path: 'images/sprite-0.jpg', bytes: 20_000 },
    { path: 'images/sprite-1.jpg', bytes: 15_000 },
  ],
};

const MPD = `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT4S" type="static" mediaPresentationDuration="PT31S">
  <Period id="0">
    <AdaptationSet id="0" contentType="video" width="640" height="360" startWithSAP="1">
      <Representation id="v360" bandwidth="1000" codecs="avc1.64001e" mimeType="video/mp4">
        <SegmentTemplate timescale="24000" initialization="video/v360/init.mp4" media="video/v360/$Number$.m4s" startNumber="1">
          <SegmentTimeline>
            <S t="0" d="744000"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
`;

describe('thumbnails in DASH', () => {
  it('are an adaptation set of sheets with their grid, after the others', () => {
    const added = mpdWithThumbnails(MPD, TRACK);
    expect(outOfOrder(added)).toEqual([]);
    const set = `    <AdaptationSet id="1" contentType="image" mimeType="image/jpeg">
      <SegmentTemplate media="images/sprite-$Number$.jpg" startNumber="0" timescale="1000" duration="20000"/>
      <Representation id="thumbnails" bandwidth="10910" width="640" height="360">
        <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="2x2"/>
      </Representation>
    </AdaptationSet>
`;
    expect(added).toBe(MPD.replace('  </Period>', `${set}  </Period>`));
  });

  it('leave what a parser reads of the rest as it is', () => {
    const before = parseMpd(MPD, { manifestUri: 'file:///manifest.mpd' });
    const after = parseMpd(mpdWithThumbnails(MPD, TRACK), { manifestUri: 'file:///manifest.mpd' });
    expect(after.playlists).toEqual(before.playlists);
    expect(after.duration).toBe(31);
  });

  it.each(['', MPD.replace('</Period>', '</Period>\n  <Period id="1"></Period>')])(
    'want one period',
    (mpd) => {
      expect(() => mpdWithThumbnails(mpd, TRACK)).toThrow(
        expect.objectContaining({ code: 'PACKAGE_MANIFEST' }),
      );
    },
  );
});

describe('thumbnails in HLS', () => {
  it('are an image playlist', () => {
    expect(thumbnailPlaylist(TRACK)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:20
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-IMAGES-ONLY
#EXTINF:20.000000,
#EXT-X-TILES:RESOLUTION=320x180,LAYOUT=2x2,DURATION=5
sprite-0.jpg
#EXTINF:11.000000,
#EXT-X-TILES:RESOLUTION=320x180,LAYOUT=2x2,DURATION=5
sprite-1.jpg
#EXT-X-ENDLIST
`);
  });

  it('are named at the end of the master playlist, where a parser that does not know them reads the rest', () => {
    const master =
      '#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=1000,CODECS="avc1.64001e"\nvideo/v360/playlist.m3u8\n';
    const added = masterWithThumbnails(master, TRACK);
    const line =
      '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=10910,RESOLUTION=320x180,CODECS="jpeg",URI="images/thumbnails.m3u8"';
    expect(added).toBe(`${master}\n${line}\n`);
    expect(parseHls(added)).toMatchObject({
      isMasterPlaylist: true,
      variants: [{ uri: 'video/v360/playlist.m3u8' }],
    });
  });
});

it('the storyboard names a place on a sheet for every time', () => {
  expect(storyboard(TRACK).split('\n\n')).toEqual([
    'WEBVTT',
    '00:00:00.000 --> 00:00:05.000\nsprite-0.jpg#xywh=0,0,320,180',
    '00:00:05.000 --> 00:00:10.000\nsprite-0.jpg#xywh=320,0,320,180',
    '00:00:10.000 --> 00:00:15.000\nsprite-0.jpg#xywh=0,180,320,180',
    '00:00:15.000 --> 00:00:20.000\nsprite-0.jpg#xywh=320,180,320,180',
    '00:00:20.000 --> 00:00:25.000\nsprite-1.jpg#xywh=0,0,320,180',
    '00:00:25.000 --> 00:00:30.000\nsprite-1.jpg#xywh=320,0,320,180',
    '00:00:30.000 --> 00:00:31.000\nsprite-1.jpg#xywh=0,180,320,180\n',
  ]);
});

it('sheets last as long as the title, cues follow each other, whatever its length', () => {
  const length = fc.record({
    frames: fc.integer({ min: 1, max: 300_000 }),
    intervalMs: fc.integer({ min: 1000, max: 20_000 }),
  });
  fc.assert(
    fc.property(length, fc.integer({ min: 1, max: 10 }), ({ frames, intervalMs }, columns) => {
      const fps = { num: 30_000, den: 1001 };
      const seconds = (frames * fps.den) / fps.num;
      const count = Math.ceil((1000 * seconds) / intervalMs);
      const sheets = Array.from({ length: Math.ceil(count / columns) }, (_, i) => ({
        path: sheetPath(i),
        bytes: 1000,
      }));
      const track = { ...TRACK, frames, fps, intervalMs, count, columns, rows: 1, sheets };
      expect(sheetSeconds(track).reduce((sum, each) => sum + each, 0)).toBeCloseTo(seconds, 6);
      expect(Math.min(...sheetSeconds(track))).toBeGreaterThan(0);
      const times = [...storyboard(track).matchAll(/(\d\d):(\d\d):(\d\d)\.(\d{3})/g)].map(
        ([, h, m, s, ms]) => ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms),
      );
      expect(times).toHaveLength(2 * count);
      for (let i = 1; i < times.length; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(i % 2);
      expect(Math.abs(times.at(-1)! - 1000 * seconds)).toBeLessThanOrEqual(1.5);
    }),
    { numRuns: 50 },
  );
});
