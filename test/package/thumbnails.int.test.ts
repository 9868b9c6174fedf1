import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { mpdWithThumbnails } from '../../src/package/thumbnails/dash.js';
import { masterWithThumbnails, thumbnailPlaylist } from '../../src/package/thumbnails/hls.js';
import type { ThumbnailTrack } from '../../src/package/thumbnails/track.js';
import { checkThumbnails, jpegSize } from '../../src/package/verify/check-thumbnails.js';
import { Findings } from '../../src/package/verify/findings.js';

const TRACK: ThumbnailTrack = {
  ...{ width: 32, height: 18, columns: 2, rows: 2, intervalMs: 5000, count: 7, frames: 744 },
  fps: { num: 24, den: 1 },
  sheets: [0, 1].map((n) => ({ path: `images/sprite-${n}.jpg`, bytes: 1000 })),
};
const MPD = '<MPD type="static">\n  <Period id="0">\n  </Period>\n</MPD>\n';

const jpeg = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: 'teal' } })
    .jpeg({ progressive: width % 2 === 1 })
    .toBuffer();

/** A sound package of thumbnails, with other files in place of some; undefined takes one out. */
async function found(edits: Record<string, Buffer | string | undefined> = {}): Promise<string[]> {
  const sheet = await jpeg(64, 36);
  const files: Record<string, Buffer | string | undefined> = {
    'manifest.mpd': mpdWithThumbnails(MPD, TRACK),
    'master.m3u8': masterWithThumbnails('#EXTM3U\n', TRACK),
    'images/thumbnails.m3u8': thumbnailPlaylist(TRACK),
    ...{ 'images/sprite-0.jpg': sheet, 'images/sprite-1.jpg': sheet },
    ...edits,
  };
  const findings = new Findings();
  const read = (path: string): Promise<Buffer | undefined> => {
    const file = files[path];
    return Promise.resolve(file === undefined ? undefined : Buffer.from(file));
  };
  await checkThumbnails(31, { read, findings });
  return findings.list.map(({ code, file }) => `${code} ${file}`);
}

describe('verification of thumbnails', () => {
  it('finds nothing wrong where nothing is, nor where there are none', async () => {
    expect(await found()).toEqual([]);
    expect(await found({ 'manifest.mpd': MPD, 'master.m3u8': '#EXTM3U\n' })).toEqual([]);
  });

  const playlist = thumbnailPlaylist(TRACK);
  const mpd = mpdWithThumbnails(MPD, TRACK);
  it.each([
    ['no image set', { 'manifest.mpd': MPD }],
    ['no image playlist named', { 'master.m3u8': '#EXTM3U\n' }],
    ['another grid', { 'manifest.mpd': mpd.replace('"2x2"', '"4x1"') }],
    ['another size of a thumbnail', { 'images/thumbnails.m3u8': playlist.replaceAll('32x18', '16x9') }],
    ['a duration for fewer sheets', { 'manifest.mpd': mpd.replace('"20000"', '"40000"') }],
    [
      'numbers from 1',
      { 'manifest.mpd': mpd.replace('startNumber="0"', 'startNumber="1"') },
      'thumbnails-wrong images/sprite-2.jpg',
    ],
    ['a playlist that is not there', { 'images/thumbnails.m3u8': undefined }],
  ] as const)('finds %s', async (_, edits, ...more) => {
    expect(await found(edits)).toEqual(['thumbnails-wrong master.m3u8', ...more]);
  });

  it('finds sheets that are missing, of another size, and no JPEG', async () => {
    expect(await found({ 'images/sprite-1.jpg': undefined })).toEqual([
      'thumbnails-wrong images/sprite-1.jpg',
    ]);
    expect(await found({ 'images/sprite-1.jpg': await jpeg(64, 18) })).toEqual([
      'thumbnails-wrong images/sprite-1.jpg',
    ]);
    expect(await found({ 'images/sprite-0.jpg': 'GIF89a' })).toEqual([
      'thumbnails-wrong images/sprite-0.jpg',
    ]);
  });

  it('reads the size of baseline and progressive JPEG, and none of what is cut off', async () => {
    expect(jpegSize(await jpeg(640, 360))).toBe('640x360');
    expect(jpegSize(await jpeg(333, 57))).toBe('333x57');
    const bytes = await jpeg(64, 36);
    for (const length of [0, 3, 10, 60]) expect(jpegSize(bytes.subarray(0, length))).toBeUndefined();
  });
});
