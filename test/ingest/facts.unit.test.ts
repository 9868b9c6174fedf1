import { describe, expect, it } from 'vitest';
import { HullcastError } from '../../src/errors.js';
import { accept, chooseVideo } from '../../src/ingest/accept.js';
import {
  declaredFrames,
  judgeCompleteness,
  parseDurationTag,
  presentShare,
} from '../../src/ingest/completeness.js';
import { MAX_RANGES, rangeFindings } from '../../src/ingest/findings.js';
import { DEFAULT_LIMITS } from '../../src/ingest/index.js';
import { PacketScan } from '../../src/ingest/packets.js';
import { parseFrames, parseStreams } from '../../src/ingest/probe-json.js';
import type { Probe } from '../../src/ingest/probe.js';
import { audioTracks, languageOf, textTracks } from '../../src/ingest/tracks.js';
import { rational } from '../../src/media/index.js';

const VIDEO = {
  ...{ codec_type: 'video', codec_name: 'h264', width: 1920, height: 1080, pix_fmt: 'yuv420p' },
  ...{ time_base: '1/24000', r_frame_rate: '24/1', duration: '10.0' },
};
const AUDIO = {
  ...{ codec_type: 'audio', codec_name: 'aac', sample_rate: '48000', channels: 2, channel_layout: 'stereo' },
  ...{ time_base: '1/48000', start_time: '0.5' },
};

function probed(streams: object[], over: object = {}, demuxer: Probe['container']['demuxer'] = 'mov'): Probe {
  const json = {
    streams: streams.map((stream, index) => ({ index, ...stream })),
    format: { nb_streams: streams.length, duration: '10.0', ...over },
  };
  return { container: { name: demuxer, demuxer }, ...parseStreams(json) };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof HullcastError && error.exitCode === 3 && error.hint) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('parseStreams', () => {
  it('takes numbers as numbers, as text, as N/A and as nothing', () => {
    const { streams, format } = probed([{ ...VIDEO, bit_rate: 'N/A', nb_frames: '240', start_pts: 0 }], {
      duration: 'N/A',
    });
    expect(streams[0]).toMatchObject({ nb_frames: 240, start_pts: 0, duration: 10 });
    expect(streams[0]?.bit_rate).toBeUndefined();
    expect(format.duration).toBeUndefined();
  });

  it('refuses another form, and says where', () => {
    expect(() => parseStreams({ streams: [{ index: 'x' }], format: { nb_streams: 1 } })).toThrow(
      /streams\.0\.index/,
    );
    expect(() => parseStreams({})).toThrow(HullcastError);
    expect(() => parseFrames({ frames: [{ pix_fmt: 7 }] })).toThrow(/frames\.0\.pix_fmt/);
  });
});

describe('accept', () => {
  const judge = (found: Probe, limits = DEFAULT_LIMITS): string => codeOf(() => accept(found, limits, 'it'));

  it.each([
    ['accepted', [VIDEO]],
    ['accepted', [AUDIO, VIDEO]],
    ['accepted', [{ ...VIDEO, width: 16, height: 16 }]],
    ['MASTER_NO_VIDEO', []],
    ['MASTER_NO_VIDEO', [AUDIO]],
    ['MASTER_NO_VIDEO', [AUDIO, { ...VIDEO, codec_name: 'mjpeg', disposition: { attached_pic: 1 } }]],
    ['MASTER_NO_VIDEO', [{ ...VIDEO, disposition: { timed_thumbnails: 1 } }]],
    ['MASTER_UNSUPPORTED_CODEC', [{ ...VIDEO, codec_name: 'snow' }]],
    ['MASTER_UNSUPPORTED_CODEC', [{ ...VIDEO, codec_name: undefined }]],
    ['MASTER_UNSUPPORTED_PIXELS', [{ ...VIDEO, pix_fmt: 'xyz12le' }]],
    ['MASTER_TOO_SMALL', [{ ...VIDEO, width: 3, height: 3 }]],
    ['MASTER_TOO_SMALL', [{ ...VIDEO, width: 1920, height: 15 }]],
    ['MASTER_TOO_LARGE', [{ ...VIDEO, width: 16384, height: 8192 }]],
    ['MASTER_TOO_LONG', [{ ...VIDEO, duration: '43201' }]],
    ['MASTER_TOO_MANY_STREAMS', Array.from({ length: 65 }, () => VIDEO)],
  ])('%s', (code, streams) => {
    expect(judge(probed(streams))).toBe(code);
  });

  it('follows the limits that it is given', () => {
    const found = probed([VIDEO, AUDIO]);
    expect(judge(found, { ...DEFAULT_LIMITS, maxDurationSeconds: 9.9 })).toBe('MASTER_TOO_LONG');
    expect(judge(found, { ...DEFAULT_LIMITS, maxPixels: 1920 * 1080 - 1 })).toBe('MASTER_TOO_LARGE');
    expect(judge(found, { ...DEFAULT_LIMITS, maxStreams: 1 })).toBe('MASTER_TOO_MANY_STREAMS');
    expect(judge(found, { maxDurationSeconds: 10, maxPixels: 1920 * 1080, maxStreams: 2 })).toBe('accepted');
  });

  it('chooses the default video stream, counting pictures as ffmpeg does', () => {
    const cover = { ...VIDEO, codec_name: 'png', disposition: { attached_pic: 1 } };
    const found = probed([cover, AUDIO, VIDEO, { ...VIDEO, disposition: { default: 1 } }]);
    expect(chooseVideo(found, 'it')).toMatchObject({ videoStream: 2, others: 1, stream: { index: 3 } });
  });
});

describe('PacketScan', () => {
  it('sums by stream, over any cut of the text, and skips what is no packet', () => {
    const text =
      '0,0,-1024,512,1111,K__\n1,-1024,-1024,1024,44,KD_,\n\n0,1024,-512,512,222,___\n0,512,0,512,212,__C\n' +
      '1,0,0,1024,40,K__\n2,N/A,300,N/A,10,K__\nside,data\n';
    for (const step of [1, 7, 1000]) {
      const scan = new PacketScan();
      for (let at = 0; at < text.length; at += step) scan.push(text.slice(at, at + step));
      const found = scan.end();
      expect(found.get(0)).toEqual({
        packets: 3,
        discarded: 0,
        corrupt: 1,
        bytes: 1545,
        start: 0,
        end: 1536,
      });
      expect(found.get(1)).toEqual({ packets: 2, discarded: 1, corrupt: 0, bytes: 84, start: 0, end: 1024 });
      expect(found.get(2)).toEqual({ packets: 1, discarded: 0, corrupt: 0, bytes: 10, start: 300, end: 300 });
    }
  });
});

describe('completeness', () => {
  const facts = { decoded: 100, discarded: 0, declared: 100, presentShare: 1 };
  const judge = (over: object): string =>
    codeOf(() => {
      const [found] = judgeCompleteness({ ...facts, ...over }, 'it', ['bad']);
      if (found) throw new HullcastError(found.code, '', { exitCode: 3, hint: 'x' });
    });

  it.each([
    ['accepted', {}],
    ['accepted', { declared: undefined }],
    ['accepted', { decoded: 98 }],
    ['accepted', { decoded: 60, discarded: 40 }],
    ['accepted', { decoded: 1, declared: 1 }],
    ['truncated', { decoded: 97 }],
    ['truncated', { decoded: 50 }],
    ['MASTER_TRUNCATED', { decoded: 49 }],
    ['truncated', { declared: undefined, presentShare: 0.7 }],
    ['MASTER_TRUNCATED', { declared: undefined, presentShare: 0.4 }],
    ['MASTER_NO_FRAMES', { decoded: 0 }],
    ['MASTER_NO_FRAMES', { decoded: 0, declared: undefined }],
  ])('%s for %o', (code, over) => {
    expect(judge(over)).toBe(code);
  });

  it('reads what containers declare', () => {
    const tagged = probed([{ ...VIDEO, tags: { DURATION: '00:00:10.500000000' } }], {}, 'matroska');
    expect(declaredFrames(tagged, tagged.streams[0]!, rational(24))).toBe(252);
    const late = { ...tagged.streams[0]!, start_time: 8 };
    expect(declaredFrames(tagged, late, rational(24))).toBe(60);
    const counted = probed([{ ...VIDEO, nb_frames: '240' }]);
    expect(declaredFrames(counted, counted.streams[0]!, rational(24))).toBe(240);
    const stream = probed([{ ...VIDEO, nb_frames: '240' }], {}, 'mpegts');
    expect(declaredFrames(stream, stream.streams[0]!, rational(24))).toBeUndefined();
    expect(parseDurationTag('01:02:03.5')).toBe(3723.5);
    expect(parseDurationTag('ten')).toBeUndefined();
  });

  it('compares the declared duration with the last packet of any stream', () => {
    const found = probed([VIDEO, AUDIO], {}, 'matroska');
    const packets = new Map([
      [0, { packets: 1, discarded: 0, corrupt: 0, bytes: 1, start: 0, end: 24000 * 3 }],
      [1, { packets: 1, discarded: 0, corrupt: 0, bytes: 1, start: 0, end: 48000 * 4 }],
    ]);
    expect(presentShare(found, packets)).toBeCloseTo(0.4);
    expect(presentShare(probed([VIDEO], {}, 'mpegts'), packets)).toBe(1);
  });
});

describe('tracks', () => {
  const packets = (start: number, end: number) => ({
    packets: 9,
    discarded: 0,
    corrupt: 0,
    bytes: 1,
    start,
    end,
  });

  it('places audio relative to the first video frame, and measures it by its packets', () => {
    const { streams } = probed([
      VIDEO,
      AUDIO,
      { ...AUDIO, start_time: '2.0', tags: { language: 'deu', title: 'Ton\u0007' } },
    ]);
    const found = audioTracks(
      streams,
      new Map([
        [1, packets(24_000, 504_000)],
        [2, packets(96_000, 480_000)],
      ]),
      1.5,
    );
    expect(found.findings).toEqual([]);
    expect(found.audio).toMatchObject([
      {
        track: 0,
        offsetSeconds: -1,
        durationSeconds: 10,
        packets: 9,
        language: 'und',
        layout: 'stereo',
        default: false,
      },
      { track: 1, offsetSeconds: 0.5, durationSeconds: 8, language: 'deu', title: 'Ton' },
    ]);
  });

  it('leaves out what cannot be decoded, and keeps the numbers of the rest', () => {
    const { streams } = probed([{ ...AUDIO, channels: 0 }, AUDIO, AUDIO]);
    const found = audioTracks(
      streams,
      new Map([
        [0, packets(0, 9)],
        [1, packets(0, 9)],
      ]),
      0,
    );
    expect(found.audio.map(({ track }) => track)).toEqual([1]);
    expect(found.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['audio-skipped', 'error'],
      ['audio-skipped', 'error'],
    ]);
  });

  it('notes that there is no sound', () => {
    expect(audioTracks(probed([VIDEO]).streams, new Map(), 0).findings).toMatchObject([{ code: 'no-audio' }]);
  });

  it('says what the file marks tracks as', () => {
    const { streams } = probed([
      { ...AUDIO, disposition: { default: 1, comment: 0 } },
      { ...AUDIO, disposition: { comment: 1 } },
      { ...AUDIO, disposition: { visual_impaired: 1, hearing_impaired: 1 } },
    ]);
    const all = new Map([0, 1, 2].map((index) => [index, packets(0, 9)] as const));
    const flags = audioTracks(streams, all, 0).audio.map(
      ({ default: first, commentary, visualImpaired, hearingImpaired }) => {
        return [first, commentary, visualImpaired, hearingImpaired];
      },
    );
    expect(flags).toEqual([
      [true, undefined, undefined, undefined],
      [false, true, undefined, undefined],
      [false, undefined, true, true],
    ]);
  });

  it('lets only language tags through, and bounds titles', () => {
    expect(languageOf({ language: 'pt-BR' })).toBe('pt-BR');
    expect(languageOf({ language: '"><script>' })).toBe('und');
    expect(languageOf({})).toBe('und');
    const { streams } = probed([{ ...AUDIO, tags: { title: 'x'.repeat(5000) } }]);
    expect(audioTracks(streams, new Map([[0, packets(0, 9)]]), 0).audio[0]?.title).toHaveLength(200);
  });

  it('lists subtitles', () => {
    const { streams } = probed([
      VIDEO,
      { codec_type: 'subtitle', codec_name: 'subrip', tags: { language: 'eng' } },
      {
        ...{ codec_type: 'subtitle', codec_name: 'mov_text', tags: { title: 'for\u0007the deaf' } },
        disposition: { default: 1, forced: 0, hearing_impaired: 1 },
      },
    ]);
    const texts = [
      { track: 0, codec: 'subrip', language: 'eng', pictureStart: 1.4 },
      {
        ...{ track: 1, codec: 'mov_text', language: 'und', title: 'for the deaf', pictureStart: 1.4 },
        ...{ default: true, hearingImpaired: true },
      },
    ];
    expect(textTracks(streams, 1.4, undefined)).toEqual(texts);
    expect(textTracks(streams, 1.4, 3)).toEqual([
      ...texts,
      { track: 3, codec: 'eia_608', language: 'und', inPicture: true, pictureStart: 1.4 },
    ]);
  });
});

describe('rangeFindings', () => {
  it('lists no more than fifty, and says how many there are', () => {
    const ranges = Array.from({ length: 120 }, (_, n) => ({ start: n * 2, end: n * 2 + 1 }));
    const found = rangeFindings('black-frames', ranges, () => 'black');
    expect(found).toHaveLength(MAX_RANGES + 1);
    expect(found[0]).toEqual({
      code: 'black-frames',
      severity: 'info',
      startFrame: 0,
      endFrame: 1,
      message: 'black',
    });
    expect(found.at(-1)?.message).toContain('70 more');
    expect(rangeFindings('black-frames', ranges.slice(0, 50), () => 'black')).toHaveLength(50);
  });
});
