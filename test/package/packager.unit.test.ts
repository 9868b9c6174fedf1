import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AudioRendition, PackageParams, VideoInput } from '../../src/package/index.js';
import { audioPackagerArgs, videoPackagerArgs } from '../../src/package/packager/args.js';
import { formatAttributes, parseAttributes } from '../../src/package/packager/attributes.js';
import { bandwidthOf, channelBandwidth, peakBandwidth } from '../../src/package/packager/bandwidth.js';
import { checkPackageInput, segmentDuration, segmentFrames } from '../../src/package/packager/boundaries.js';
import { titleMpd } from '../../src/package/packager/dash.js';
import { byteRanges, exactDurations, titleMaster } from '../../src/package/packager/hls.js';
import { checkVideoTimeline } from '../../src/package/packager/manifests.js';
import { audioGroups, defaultTrack, trackNames } from '../../src/package/packager/names.js';
import { readTimelines } from '../../src/package/packager/timeline.js';

const blob = { sha256: '0'.repeat(64), bytes: 1 };

function video(over: Partial<VideoInput> = {}): VideoInput {
  return {
    id: 'v1',
    blob,
    width: 320,
    height: 180,
    frames: 192,
    fps: { num: 24, den: 1 },
    averageBitrate: 1,
    peakBitrate: 1,
    segmentStarts: [0, 48, 90, 144],
    ...over,
  };
}

function audio(over: Partial<AudioRendition> = {}): AudioRendition {
  return {
    id: 'a1',
    track: 0,
    language: 'en',
    default: true,
    channels: 2,
    codecString: 'mp4a.40.2',
    sampleRate: 48_000,
    bitrate: 128_000,
    blob,
    ...over,
  };
}

describe('segment boundaries', () => {
  it('are half a frame below the smallest distance between key frames', () => {
    expect(segmentDuration([0, 48, 90, 144], 192, { num: 24, den: 1 })).toBe('1.729167');
    expect(segmentDuration([0, 47, 48], 100, { num: 24_000, den: 1001 })).toBe('0.020854');
  });

  it('hold a title of one segment', () => {
    expect(segmentDuration([0], 48, { num: 24, den: 1 })).toBe('2.041667');
  });

  it('make the packager cut at every key frame', () => {
    const shape = fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 60 }),
      fps: fc.constantFrom(
        { num: 24, den: 1 },
        { num: 24_000, den: 1001 },
        { num: 25, den: 1 },
        { num: 60_000, den: 1001 },
      ),
    });
    fc.assert(
      fc.property(shape, ({ gaps, fps }) => {
        const starts = gaps
          .reduce<number[]>((all, gap) => [...all, (all.at(-1) ?? 0) + gap], [0])
          .slice(0, -1);
        const frames = gaps.reduce((sum, gap) => sum + gap, 0);
        const timescale = fps.num * 1000;
        // What the packager does: its bins have a whole number of ticks.
        const bin = Math.trunc(Number(segmentDuration(starts, frames, fps)) * timescale);
        const bins = starts.map((start) => Math.floor((start * fps.den * 1000) / bin));
        expect(new Set(bins).size).toBe(starts.length);
        expect(segmentFrames(starts, frames)).toEqual(gaps);
      }),
    );
  });
});

describe('checkPackageInput', () => {
  const params: PackageParams = { videos: [video()], audios: [audio()], segmentSeconds: 2 };

  it.each([
    ['no video', { ...params, videos: [] }],
    ['segments of no length', { ...params, segmentSeconds: 0 }],
    ['an id that is a path', { ...params, videos: [video({ id: '../v' })] }],
    ['an id that is an option', { ...params, videos: [video({ id: '--v' })] }],
    ['the same id twice', { ...params, audios: [audio({ id: 'v1' })] }],
    ['starts that do not begin with 0', { ...params, videos: [video({ segmentStarts: [1, 48] })] }],
    ['starts that do not ascend', { ...params, videos: [video({ segmentStarts: [0, 48, 48] })] }],
    ['a start after the end', { ...params, videos: [video({ segmentStarts: [0, 192] })] }],
    ['different lengths', { ...params, videos: [video(), video({ id: 'v2', frames: 191 })] }],
    ['different starts', { ...params, videos: [video(), video({ id: 'v2', segmentStarts: [0, 90, 144] })] }],
    ['different rates', { ...params, videos: [video(), video({ id: 'v2', fps: { num: 25, den: 1 } })] }],
  ])('refuses %s', (_, wrong) => {
    expect(() => checkPackageInput(wrong)).toThrowError(
      expect.objectContaining({ code: 'PACKAGE_INPUT' }) as Error,
    );
  });

  it('passes what fits', () => {
    expect(checkPackageInput(params).id).toBe('v1');
  });
});

describe('packager arguments', () => {
  const params: PackageParams = {
    videos: [video(), video({ id: 'v2' })],
    audios: [
      audio(),
      audio({ id: 'a1-5.1', channels: 6 }),
      audio({ id: 'a2', track: 1, language: 'und', default: false, title: 'Director, a=b "x"' }),
    ],
    segmentSeconds: 2.25,
  };

  it('for pictures', () => {
    expect(videoPackagerArgs(params)).toEqual([
      'in=in/v1,stream=video,init_segment=package/video/v1/init.mp4,segment_template=package/video/v1/$Number$.m4s,' +
        'playlist_name=video/v1/playlist.m3u8,iframe_playlist_name=video/v1/iframes.m3u8',
      'in=in/v2,stream=video,init_segment=package/video/v2/init.mp4,segment_template=package/video/v2/$Number$.m4s,' +
        'playlist_name=video/v2/playlist.m3u8,iframe_playlist_name=video/v2/iframes.m3u8',
      ...['--segment_duration', '1.729167', '--min_buffer_time', '2.25'],
      ...['--mpd_output', 'package/manifest.mpd', '--generate_static_live_mpd'],
      ...['--hls_master_playlist_output', 'package/master.m3u8', '--hls_playlist_type', 'VOD'],
      ...['--use_fake_clock_for_muxer', '--quiet', '--io_cache_size', '1048576'],
    ]);
  });

  it('for sound', () => {
    expect(audioPackagerArgs(params)).toEqual([
      'in=in/a1,stream=audio,init_segment=package/audio/a1/init.mp4,segment_template=package/audio/a1/$Number$.m4s,' +
        'playlist_name=audio/a1/playlist.m3u8,language=en,dash_label=en stereo,dash_roles=main',
      'in=in/a1-5.1,stream=audio,init_segment=package/audio/a1-5.1/init.mp4,' +
        'segment_template=package/audio/a1-5.1/$Number$.m4s,playlist_name=audio/a1-5.1/playlist.m3u8,' +
        'language=en,dash_label=en 5.1,dash_roles=main',
      'in=in/a2,stream=audio,init_segment=package/audio/a2/init.mp4,segment_template=package/audio/a2/$Number$.m4s,' +
        'playlist_name=audio/a2/playlist.m3u8,dash_label=Director a b x stereo,dash_roles=alternate',
      ...['--segment_duration', '2.250000', '--min_buffer_time', '2.25'],
      ...['--mpd_output', 'package/audio.mpd', '--generate_static_live_mpd'],
      ...['--hls_master_playlist_output', 'package/audio.m3u8', '--hls_playlist_type', 'VOD'],
      ...['--use_fake_clock_for_muxer', '--quiet', '--io_cache_size', '1048576'],
    ]);
  });
});

describe('audio tracks', () => {
  const stereo = audio({ id: 'en', default: false });
  const surround = audio({ id: 'en-5.1', channels: 6, default: false });
  const french = audio({ id: 'fr', track: 1, language: 'fr', default: true });
  const unknown = audio({ id: 'und', track: 2, language: 'und', default: false });

  it('have names of their own', () => {
    const twin = audio({ id: 'en2', track: 3 });
    expect([...trackNames([twin, stereo, surround, french, unknown])]).toEqual([
      [0, 'en'],
      [1, 'fr'],
      [2, 'Audio'],
      [3, 'en 2'],
    ]);
  });

  it('have one default', () => {
    expect(defaultTrack([stereo, surround, french])).toBe(1);
    expect(defaultTrack([surround, stereo, unknown])).toBe(0);
    expect(defaultTrack([])).toBeUndefined();
  });

  it('are all in every group, the default first', () => {
    const groups = audioGroups([stereo, surround, french, unknown]);
    expect(groups.map(({ id, members }) => [id, members.map((each) => each.id)])).toEqual([
      ['stereo', ['fr', 'en', 'und']],
      ['surround', ['fr', 'en-5.1', 'und']],
    ]);
    expect(audioGroups([])).toEqual([]);
  });
});

describe('bandwidth', () => {
  it('is measured over windows of 0.5 to 1.5 target durations', () => {
    const sizes = [
      { bytes: 1000, seconds: 2 },
      { bytes: 1000, seconds: 0.5 },
      { bytes: 1000, seconds: 2 },
    ];
    // Target 2 s: the short one alone does not count, with a neighbour it is 2000 bytes in 2.5 s.
    expect(bandwidthOf(sizes, 2)).toEqual({ average: Math.ceil(24_000 / 4.5), peak: 6400 });
  });

  it('is that of a single short segment where there is nothing else', () => {
    expect(bandwidthOf([{ bytes: 100, seconds: 0.25 }], 1)).toEqual({ average: 3200, peak: 3200 });
  });

  it('of a channel is what a player needs at its hardest place, its buffer full', () => {
    const [burst, rest] = [
      { bytes: 3000, seconds: 0.5 },
      { bytes: 100, seconds: 3.5 },
    ];
    expect(channelBandwidth([rest, burst, rest], 2)).toBe(Math.ceil(24_000 / 2.5));
    // Over a run it evens out, but never to less than the average does.
    expect(
      channelBandwidth(
        Array.from({ length: 1000 }, () => burst),
        2,
      ),
    ).toBe(Math.ceil(24_000_000 / 502));
  });

  it('equals the definition, computed naïvely', () => {
    const segment = fc.record({
      bytes: fc.integer({ min: 1, max: 1e6 }),
      seconds: fc.integer({ min: 1, max: 96 }).map((frames) => frames / 24),
    });
    fc.assert(
      fc.property(
        fc.array(segment, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (sizes, target) => {
          const rates: number[] = [];
          for (let from = 0; from < sizes.length; from += 1) {
            for (let to = from + 1; to <= sizes.length; to += 1) {
              const set = sizes.slice(from, to);
              const seconds = set.reduce((sum, each) => sum + each.seconds, 0);
              const bits = set.reduce((sum, each) => sum + each.bytes * 8, 0);
              if (seconds > 0.5 * target - 1e-6 && seconds < 1.5 * target + 1e-6) rates.push(bits / seconds);
            }
          }
          if (rates.length > 0) expect(peakBandwidth(sizes, target)).toBeCloseTo(Math.max(...rates), 3);
        },
      ),
    );
  });
});

const VIDEO_MPD = `<?xml version="1.0" encoding="UTF-8"?>
<MPD minBufferTime="PT2S" type="static" mediaPresentationDuration="PT8.1S">
  <Period id="0">
    <AdaptationSet id="0" contentType="video" segmentAlignment="true">
      <Representation id="0" bandwidth="1" codecs="avc1.64000c">
        <SegmentTemplate timescale="24000" initialization="video/v1/init.mp4" media="video/v1/$Number$.m4s">
          <SegmentTimeline>
            <S t="0" d="48000"/>
            <S t="48000" d="42000" r="2"/>
          </SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
`;
const AUDIO_MPD = VIDEO_MPD.replaceAll('video', 'audio')
  .replaceAll('v1', 'a1')
  .replace('contentType="audio"', 'contentType="audio" startWithSAP="1"')
  .replace('      <Rep', `      <Role value="main"/>\n      <Label>A &amp; $1</Label>\n      <Rep`);

describe('MPD', () => {
  it('is read', () => {
    expect(readTimelines(VIDEO_MPD)).toEqual([
      {
        folder: 'video/v1',
        codecs: 'avc1.64000c',
        timescale: 24_000,
        start: 0,
        durations: [48_000, 42_000, 42_000, 42_000],
      },
    ]);
    expect(() => readTimelines(VIDEO_MPD.replace('codecs', 'x'))).toThrowError(/has no codecs/);
  });

  it('is merged of two', () => {
    const peaks = new Map([
      ['video/v1', 500],
      ['audio/a1', 60],
    ]);
    const mpd = titleMpd(VIDEO_MPD, AUDIO_MPD, {
      frames: 187,
      fps: { num: 24_000, den: 1001 },
      peaks,
      colours: new Map(),
    });
    expect(mpd.match(/<(MPD|AdaptationSet|Representation|Period)\b.*>/g)).toEqual([
      '<MPD minBufferTime="PT2S" type="static" mediaPresentationDuration="PT7.799458S">',
      '<Period id="0">',
      '<AdaptationSet id="0" contentType="video" segmentAlignment="true" startWithSAP="1">',
      '<Representation id="v1" bandwidth="500" codecs="avc1.64000c">',
      '<AdaptationSet id="1" contentType="audio" startWithSAP="1" segmentAlignment="true">',
      '<Representation id="a1" bandwidth="60" codecs="avc1.64000c">',
    ]);
    expect(mpd).toContain(
      '      <Label>A &amp; $1</Label>\n      <Role value="main"/>\n      <Representation',
    );
    expect(mpd.endsWith('    </AdaptationSet>\n  </Period>\n</MPD>\n')).toBe(true);
  });

  it('is held against the plan', () => {
    const plan = video({ frames: 174, segmentStarts: [0, 48, 90, 132] });
    const [timeline] = readTimelines(VIDEO_MPD);
    if (!timeline) throw new Error('no timeline');
    expect(() => checkVideoTimeline(timeline, plan)).not.toThrow();
    for (const wrong of [
      { ...plan, segmentStarts: [0, 48, 90] },
      { ...plan, segmentStarts: [0, 47, 90, 132] },
      { ...plan, frames: 175 },
    ]) {
      expect(() => checkVideoTimeline(timeline, wrong)).toThrowError(
        expect.objectContaining({ code: 'PACKAGE_SEGMENTS' }) as Error,
      );
    }
    expect(() => checkVideoTimeline({ ...timeline, start: 2000 }, plan)).toThrowError(/starts at 2000/);
  });
});

describe('playlists', () => {
  it('get exact durations', () => {
    const written = '#EXT-X-TARGETDURATION:2\n#EXTINF:1.749,\n1.m4s\n#EXTINF:2.000,\n2.m4s\n';
    expect(exactDurations(written, [83_968 / 48_000, 2], 3)).toBe(
      '#EXT-X-TARGETDURATION:3\n#EXTINF:1.749333,\n1.m4s\n#EXTINF:2.000000,\n2.m4s\n',
    );
  });

  it('give byte ranges', () => {
    expect(byteRanges('#EXT-X-BYTERANGE:3925@84\n1.m4s\n#EXT-X-BYTERANGE:12@84\n')).toEqual([3925, 12]);
  });

  it('have attribute lists that survive', () => {
    const list = 'BANDWIDTH=1,CODECS="a,b",URI="x=y",AUDIO="s"';
    expect(parseAttributes(list).get('CODECS')).toBe('"a,b"');
    expect(formatAttributes(parseAttributes(list))).toBe(list);
  });

  const MASTER = [
    '#EXTM3U',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    '',
    '',
    '#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS="avc1",RESOLUTION=320x180',
    'video/v1/playlist.m3u8',
    '',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=1,CODECS="avc1",CLOSED-CAPTIONS=NONE,URI="video/v1/iframes.m3u8"',
    '',
  ].join('\n');
  const bandwidths = new Map([
    ['video/v1/playlist.m3u8', { average: 100, peak: 200 }],
    ['video/v1/iframes.m3u8', { average: 10, peak: 20 }],
    ['audio/a1/playlist.m3u8', { average: 5, peak: 6 }],
    ['audio/a6/playlist.m3u8', { average: 7, peak: 9 }],
  ]);

  it('have one track for the same viewers that players choose by themselves', () => {
    const audios = [
      ...[audio(), audio({ id: 'a2', track: 1 }), audio({ id: 'a3', track: 2, language: 'fr' })],
      audio({ id: 'a4', track: 3, role: 'description' }),
    ];
    const facts = { bandwidths, ranges: new Map(), groups: audioGroups(audios), names: trackNames(audios) };
    const signs = [...titleMaster(MASTER, facts).matchAll(/audio\/(a\d).*AUTOSELECT=(\w+)/g)];
    expect(signs.map(([, id, autoselect]) => [id, autoselect])).toEqual([
      ...[
        ['a1', 'YES'],
        ['a2', 'NO'],
        ['a3', 'YES'],
        ['a4', 'YES'],
      ],
    ]);
  });

  it('are completed with sound and true bit rates', () => {
    const audios = [audio(), audio({ id: 'a6', channels: 6 })];
    const master = titleMaster(MASTER, {
      ...{ bandwidths, ranges: new Map() },
      groups: audioGroups(audios),
      names: trackNames(audios),
    });
    expect(master.split('\n').filter((line) => line !== '')).toEqual([
      '#EXTM3U',
      '#EXT-X-INDEPENDENT-SEGMENTS',
      '#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/a1/playlist.m3u8",GROUP-ID="stereo",LANGUAGE="en",NAME="en",DEFAULT=YES,' +
        'AUTOSELECT=YES,CHANNELS="2"',
      '#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/a6/playlist.m3u8",GROUP-ID="surround",LANGUAGE="en",NAME="en",DEFAULT=YES,' +
        'AUTOSELECT=YES,CHANNELS="6"',
      '#EXT-X-STREAM-INF:BANDWIDTH=206,AVERAGE-BANDWIDTH=105,CODECS="avc1,mp4a.40.2",RESOLUTION=320x180,AUDIO="stereo"',
      'video/v1/playlist.m3u8',
      '#EXT-X-STREAM-INF:BANDWIDTH=209,AVERAGE-BANDWIDTH=107,CODECS="avc1,mp4a.40.2",RESOLUTION=320x180,AUDIO="surround"',
      'video/v1/playlist.m3u8',
      '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=20,AVERAGE-BANDWIDTH=10,CODECS="avc1",URI="video/v1/iframes.m3u8"',
    ]);
  });

  it('of a silent film name no sound', () => {
    const master = titleMaster(MASTER, { bandwidths, ranges: new Map(), groups: [], names: new Map() });
    expect(master).toContain(
      '#EXT-X-STREAM-INF:BANDWIDTH=200,AVERAGE-BANDWIDTH=100,CODECS="avc1",RESOLUTION=320x180\n',
    );
    expect(master).not.toContain('AUDIO');
  });

  it('name no language that is not known', () => {
    const audios = [audio({ language: 'und' })];
    const master = titleMaster(MASTER, {
      ...{ bandwidths, ranges: new Map() },
      groups: audioGroups(audios),
      names: trackNames(audios),
    });
    expect(master).toContain('GROUP-ID="stereo",NAME="Audio",DEFAULT=YES');
  });
});
