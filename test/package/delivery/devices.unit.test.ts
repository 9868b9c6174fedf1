import { describe, expect, it } from 'vitest';
import { audioFamily, codecLevel } from '../../../src/package/delivery/devices/codec-level.js';
import { selectFor, videoObstacle } from '../../../src/package/delivery/devices/select.js';
import { filterMpd } from '../../../src/package/delivery/dash/filter-mpd.js';
import { DEVICE_CLASSES } from '../../../src/title/index.js';
import { device, facts, video } from './support.js';

describe('codec strings', () => {
  it.each([
    ['avc1.640028', 'h264', 4],
    ['avc1.64001f', 'h264', 3.1],
    ['avc3.4d400b', 'h264', 1.1],
    ['hvc1.2.4.L123.B0', 'hevc', 4.1],
    ['hev1.1.6.L93.90', 'hevc', 3.1],
    ['hvc1.2.4.H153.B0', 'hevc', 5.1],
    ['av01.0.08M.10', 'av1', 4],
    ['av01.0.13M.08', 'av1', 5.1],
    ['vp09.00.41.08', 'vp9', 4.1],
  ] as const)('%s is %s %d', (text, codec, level) => {
    expect(codecLevel(text)).toEqual({ codec, level });
  });

  it('of other codecs have no level, and no family', () => {
    for (const text of ['', 'mp4a.40.2', 'dvav.1', 'avc1', 'hvc1']) expect(codecLevel(text)).toBeUndefined();
    expect(['mp4a.40.5', 'ec-3', 'ac-3', 'ac-4.02.01.00', 'Opus', 'fLaC', 'wvtt'].map(audioFamily)).toEqual([
      ...['aac', 'eac3', 'ac3', 'ac4', 'opus', 'flac'],
      undefined,
    ]);
  });
});

describe('what a class gets', () => {
  it.each([
    [{}, undefined],
    [{ codecs: 'av01.0.08M.08' }, 'its devices do not play av1'],
    [{ codecs: 'xyz1' }, 'its devices do not play xyz1'],
    [{ range: 'PQ' }, 'it is PQ, and its devices show SDR'],
    [{ width: 1920, height: 1080 }, '1080 lines are more than 720'],
    [{ width: 720, height: 1280 }, undefined],
    [{ codecs: 'avc1.640029' }, 'level 4.1 is above 4.0'],
    [{ fps: { num: 60, den: 1 } }, '60.00 frames a second are more than 30'],
    [{ fps: { num: 30_000, den: 1001 } }, undefined],
    [{ averageBitrate: 2_000_001 }, '2000 kbit/s are more than 2000'],
  ] as const)('%j: %s', (over, obstacle) => {
    expect(videoObstacle(video('a', over), device())).toBe(obstacle);
  });

  it('is every rendition that it can play, or a reason', () => {
    const title = facts();
    expect(selectFor(title, device())).toEqual({
      lostTracks: [],
      selection: { videos: ['low'], audios: ['aac'], texts: { hls: ['text-en'], dash: ['text-en'] } },
    });
    expect(selectFor(title, device({ text: ['wvtt'] }))).toMatchObject({
      selection: { texts: { hls: [], dash: ['text-en'] } },
    });
    expect(selectFor(title, device({ maxLevel: {} }))).toEqual({
      obstacle: 'no picture is left: its devices do not play h264 (2 renditions)',
    });
    expect(selectFor(title, device({ audio: ['opus'] }))).toEqual({
      obstacle: 'no sound is left: its devices do not play aac; its devices do not play eac3',
    });
    expect(selectFor({ ...title, audios: [] }, device({ audio: ['opus'] }))).toMatchObject({
      lostTracks: [],
    });
    const other = { id: 'other', track: 1, codecs: 'ec-3', channels: 6 };
    expect(selectFor({ ...title, audios: [...title.audios, other] }, device())).toMatchObject({
      lostTracks: [1],
    });
  });

  it('is nothing of a title that its devices cannot decrypt', () => {
    const title = (scheme: 'cbcs' | 'cenc', systems: ('widevine' | 'clearkey')[]) => ({
      ...facts(),
      protection: { scheme, systems },
    });
    const old = device({ drm: ['widevine'], schemes: ['cenc'] });
    expect(selectFor(title('cenc', ['widevine', 'clearkey']), old)).toHaveProperty('selection');
    expect(selectFor(title('cbcs', ['widevine']), old)).toEqual({
      obstacle: 'the title is encrypted with cbcs, and its devices decrypt cenc',
    });
    expect(selectFor(title('cenc', ['clearkey']), old)).toEqual({
      obstacle: 'the title is for clearkey, and its devices have widevine',
    });
  });

  it('by default grows from legacy to tv-4k', () => {
    const { legacy, mobile, web } = DEVICE_CLASSES;
    for (const known of [legacy, mobile, web, DEVICE_CLASSES['tv-hd']]) {
      const largest = DEVICE_CLASSES['tv-4k'];
      expect(known.maxHeight).toBeLessThanOrEqual(largest.maxHeight);
      expect(known.maxBitrate).toBeLessThanOrEqual(largest.maxBitrate);
      for (const [codec, level] of Object.entries(known.maxLevel)) {
        expect(Number(level)).toBeLessThanOrEqual(Number(largest.maxLevel[codec as 'h264']));
      }
    }
    // An AV1-only title has nothing for old devices.
    const av1 = { ...facts(), videos: [video('a', { codecs: 'av01.0.00M.08' })] };
    expect(selectFor(av1, legacy)).toEqual({ obstacle: 'no picture is left: its devices do not play av1' });
  });
});

describe('an MPD of some renditions', () => {
  const set = (id: number, body: string, attributes = ''): string =>
    `    <AdaptationSet id="${id}" contentType="video"${attributes}>\n${body}    </AdaptationSet>\n`;
  const representation = (id: string, width: number, height: number): string =>
    `      <Representation id="${id}" bandwidth="1" width="${width}" height="${height}">\n        <SegmentTemplate/>\n      </Representation>\n`;
  const switching = (value: string): string =>
    `      <SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="${value}"/>\n`;
  const protection = (uuid: string): string =>
    `      <ContentProtection schemeIdUri="urn:uuid:${uuid}">\n        <cenc:pssh>x</cenc:pssh>\n      </ContentProtection>\n`;
  const MP4 = `      <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs"/>\n`;
  const [WIDEVINE, PLAYREADY] = [
    'edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
    '9A04F079-9840-4286-AB92-E65BE0885F95',
  ];
  const image = `    <AdaptationSet id="3" contentType="image">\n      <SegmentTemplate media="images/$Number$.jpg"/>\n      <Representation id="thumbs" bandwidth="9" width="2000" height="1000"/>\n    </AdaptationSet>\n`;
  const sized = (width: number, height: number): string => ` maxWidth="${width}" maxHeight="${height}"`;
  const mpd = (...sets: string[]): string =>
    `<MPD>\n  <Period id="0">\n${sets.join('')}  </Period>\n</MPD>\n`;

  it('keeps numbers, other sets and the signalling of systems that the class has', () => {
    const before = mpd(
      set(
        0,
        MP4 +
          protection(WIDEVINE) +
          protection(PLAYREADY) +
          switching('1,2') +
          representation('a', 1920, 1080) +
          representation('b', 1280, 720),
        sized(1920, 1080),
      ),
      set(1, switching('0,2') + representation('c', 3840, 2160), sized(3840, 2160)),
      set(2, switching('0,1') + representation('d', 640, 360), sized(640, 360)),
      image,
    );
    const after = mpd(
      set(0, MP4 + protection(PLAYREADY) + switching('2') + representation('b', 1280, 720), sized(1280, 720)),
      set(2, switching('0') + representation('d', 640, 360), sized(640, 360)),
      image,
    );
    const all = new Set(['a', 'b', 'c', 'd']);
    expect(filterMpd(before, { all, kept: new Set(['b', 'd']), systems: ['playready'] })).toBe(after);
    expect(filterMpd(before, { all, kept: all })).toBe(before);
    expect(filterMpd(before, { all, kept: new Set(['c']) })).toBe(
      mpd(set(1, representation('c', 3840, 2160), sized(3840, 2160)), image),
    );
  });
});
