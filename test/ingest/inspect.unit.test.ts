import { describe, expect, it } from 'vitest';
import type { MasterAudio } from '../../src/ingest/index.js';
import {
  AudioDetectorLog,
  audioDetectorArgs,
  audioFindings,
  loudnessOf,
} from '../../src/ingest/inspect/audio-detectors.js';
import { DetailLog, detailFindings, detailScales, enlargedFrom } from '../../src/ingest/inspect/detail.js';
import { syncFindings } from '../../src/ingest/inspect/sync.js';
import {
  VideoDetectorLog,
  detectorSize,
  letterbox,
  videoDetectorArgs,
  videoFindings,
} from '../../src/ingest/inspect/video-detectors.js';
import { rational } from '../../src/media/index.js';

describe('videoDetectorArgs', () => {
  it('makes a frame last a second, so that seconds are frame numbers', () => {
    const source = { path: '/a b', demuxer: 'mov', videoStream: 2, frames: 720, fps: rational(24000, 1001) };
    const args = videoDetectorArgs(source, { width: 128, height: 72 });
    expect(args).toEqual([
      ...['-protocol_whitelist', 'file', '-f', 'mov', '-threads', '1', '-i', 'file:/a b'],
      ...['-filter_complex_threads', '1', '-filter_complex'],
      '[0:v:2]trim=start_frame=0:end_frame=720,settb=1001/24000,setpts=N,settb=1,setpts=N,' +
        'scale=w=128:h=72:flags=area+bitexact,format=yuv420p,cropdetect=limit=0.0941:round=2:skip=0:reset=0,' +
        'tpad=stop=1:stop_mode=add:color=white,blackdetect=d=1:pic_th=0.98:pix_th=0.10,freezedetect=n=-60dB:d=48[out]',
      ...['-map', '[out]', '-fps_mode', 'passthrough', '-f', 'null', '-'],
    ]);
  });

  it('measures detail in some frames of a picture that is large enough', () => {
    const source = { path: '/a', demuxer: 'mov', frames: 720, fps: rational(24) };
    const graph = videoDetectorArgs(source, { width: 1920, height: 1080 })
      .find((arg) => arg.includes('psnr'))!
      .split(';');
    const exact = 'flags=bicubic+accurate_rnd+bitexact';
    expect(graph[0]).toMatch(/setpts=N,split\[all\]\[some\]$/);
    expect(graph[1]).toMatch(/^\[all\]scale=w=640:h=360.*\[out\]$/);
    expect(graph[2]).toMatch(/^\[some\]select='not\(mod\(n,30\)\)',split=12\[full0\]/);
    expect(graph.slice(3, 5)).toEqual([
      `[copy0]scale=1280:720:${exact},scale=1920:1080:${exact}[again0]`,
      '[again0][full0]psnr@detail667,nullsink',
    ]);
    const sizes = graph.flatMap((chain) => /^\[copy\d\]scale=(\d+:\d+):/.exec(chain)?.[1] ?? []);
    expect(sizes).toEqual(['1280:720', '960:540', '854:480', '640:360', '568:320', '426:240']);
  });

  it('never enlarges, and keeps even sizes', () => {
    expect(detectorSize(192, 108)).toEqual({ width: 192, height: 108 });
    expect(detectorSize(1080, 1920)).toEqual({ width: 640, height: 1138 });
    expect(detectorSize(8192, 64)).toEqual({ width: 640, height: 16 });
  });
});

describe('VideoDetectorLog', () => {
  const lines = [
    '[blackdetect @ 0x7f] [info] black_start:0 black_end:16 black_duration:16',
    '[freezedetect @ 0x7f] [info] lavfi.freezedetect.freeze_start: 2',
    '[Parsed_cropdetect_6 @ 0x7f] [info] x1:0 x2:639 y1:50 y2:309 w:640 h:260 x:0 y:50 pts:9 t:9.000000 limit:0.094118 crop=640:260:0:50',
    '[freezedetect @ 0x7f] [info] lavfi.freezedetect.freeze_duration: 13',
    '[freezedetect @ 0x7f] [info] lavfi.freezedetect.freeze_end: 15',
    '[freezedetect @ 0x7f] [info] lavfi.freezedetect.freeze_start: 540',
    '[Parsed_cropdetect_6 @ 0x7f] [info] x1:0 x2:639 y1:45 y2:314 w:640 h:270 x:0 y:45 pts:19 t:19.000000 limit:0.094118 crop=640:270:0:45',
  ];

  it('gathers ranges, closes an open freeze, keeps the last crop', () => {
    const log = new VideoDetectorLog();
    for (const line of lines) log.push(line);
    log.end(720);
    expect(log.black).toEqual([{ start: 0, end: 16 }]);
    expect(log.frozen).toEqual([
      { start: 2, end: 15 },
      { start: 540, end: 720 },
    ]);
    expect(log.area).toEqual({ left: 0, right: 639, top: 45, bottom: 314 });
    const found = videoFindings(log, { width: 1920, height: 1080 }, 720);
    // what stands still in black is only told as black
    expect(found.map(({ code, startFrame, endFrame }) => [code, startFrame, endFrame])).toEqual([
      ['black-frames', 0, 16],
      ['frozen-frames', 540, 720],
      ['letterbox', undefined, undefined],
    ]);
    expect(found[2]?.message).toContain('1920x810');
  });

  it('sees no bars in a full picture, in thin ones, and where all is black', () => {
    const full = { left: 0, right: 639, top: 0, bottom: 359 };
    expect(letterbox(full, 1920, 1080)).toBeUndefined();
    expect(letterbox({ ...full, top: 3, bottom: 356 }, 1920, 1080)).toBeUndefined();
    expect(letterbox({ left: 639, right: 0, top: 359, bottom: 0 }, 1920, 1080)).toBeUndefined();
    expect(letterbox(undefined, 1920, 1080)).toBeUndefined();
    expect(letterbox({ ...full, left: 80, right: 559 }, 1920, 1080)?.message).toContain('1440x1080');
  });
});

const AUDIO: MasterAudio = {
  ...{
    track: 1,
    codec: 'aac',
    channels: 2,
    layout: 'stereo',
    sampleRate: 48000,
    language: 'und',
    default: true,
  },
  ...{ durationSeconds: 30, packets: 1407, offsetSeconds: 0 },
};
const PICTURE = { fps: rational(24), frames: 720 };

function summary(integrated: string, range: string, peak: string): string[] {
  return [
    ...[
      '[Parsed_ebur128_1 @ 0x7f] [info] Summary:',
      '',
      '  Integrated loudness:',
      `    I:         ${integrated} LUFS`,
    ],
    ...[
      '    Threshold: -34.9 LUFS',
      '',
      '  Loudness range:',
      `    LRA:        ${range} LU`,
      '    Threshold: -44.6 LUFS',
    ],
    ...[
      '    LRA low:   -38.4 LUFS',
      '    LRA high:  -20.7 LUFS',
      '',
      '  True peak:',
      `    Peak:       ${peak} dBFS`,
    ],
  ];
}

function logOf(lines: readonly string[]): AudioDetectorLog {
  const log = new AudioDetectorLog();
  for (const line of lines) log.push(line);
  log.end();
  return log;
}

describe('AudioDetectorLog', () => {
  it('reads the summary of ebur128', () => {
    const log = logOf(summary('-21.6', '17.7', '-0.8'));
    expect(loudnessOf(1, log)).toEqual({
      track: 1,
      measured: { integrated: -21.6, range: 17.7, truePeak: -0.8 },
    });
    expect(audioFindings(AUDIO, log, PICTURE)).toEqual([]);
  });

  it('measures nothing of silence', () => {
    const log = logOf([...summary('-70.0', '0.0', '-inf'), '[silencedetect @ 0x7] [info] silence_start: 0']);
    expect(loudnessOf(1, log)).toEqual({ track: 1 });
    expect(audioFindings(AUDIO, log, PICTURE).map(({ code }) => code)).toEqual(['silent-track']);
  });

  it('turns silences to frames of the picture, by the offset of the track', () => {
    const log = logOf([
      '[silencedetect @ 0x7] [info] silence_start: -0.001',
      '[silencedetect @ 0x7] [info] silence_end: 2.5 | silence_duration: 2.5',
      '[silencedetect @ 0x7] [info] silence_start: 27',
      ...summary('-20.0', '1.0', '0.4'),
    ]);
    const found = audioFindings({ ...AUDIO, offsetSeconds: -1 }, log, PICTURE);
    expect(found.map(({ code, startFrame, endFrame }) => [code, startFrame, endFrame])).toEqual([
      ['audio-clipping', undefined, undefined],
      ['silence', 0, 36],
      ['silence', 624, 720],
    ]);
  });

  it('notes faults of the decoder', () => {
    const log = logOf([
      '[aac @ 0x7] [error] channel element 0.0 is not allocated',
      ...summary('-20.0', '1.0', '-3.0'),
    ]);
    expect(audioFindings(AUDIO, log, PICTURE).map(({ code }) => code)).toEqual(['audio-faults']);
  });

  it('has arguments that open one track of one file', () => {
    expect(audioDetectorArgs('/x', 'mov', 3)).toEqual([
      ...[
        '-protocol_whitelist',
        'file',
        '-f',
        'mov',
        '-threads',
        '1',
        '-i',
        'file:/x',
        '-map',
        '0:a:3',
        '-af',
      ],
      'asetpts=PTS-STARTPTS,silencedetect=n=-60dB:d=2,ebur128=peak=true:framelog=quiet',
      ...['-f', 'null', '-'],
    ]);
  });
});

describe('syncFindings', () => {
  const codes = (over: Partial<MasterAudio>): string[] => {
    const picture = { ...PICTURE } as Parameters<typeof syncFindings>[0]['picture'];
    return syncFindings({ audio: [{ ...AUDIO, ...over }], picture }).map(({ code }) => code);
  };

  it.each([
    [{}, []],
    [{ offsetSeconds: 0.04, durationSeconds: 30.4 }, []],
    [{ offsetSeconds: 0.041 }, ['audio-offset']],
    [{ offsetSeconds: -0.2, durationSeconds: 30.2 }, ['audio-offset']],
    [{ durationSeconds: 29.4 }, ['audio-length-mismatch']],
    [{ durationSeconds: 31 }, ['audio-length-mismatch']],
    [{ offsetSeconds: 2 }, ['audio-offset', 'audio-length-mismatch']],
  ])('%o gives %j', (over, expected) => {
    expect(codes(over)).toEqual(expected);
  });
});

describe('detail', () => {
  const HD = { width: 1920, height: 1080 };
  /** As ffmpeg logs it, with PSNR at 2/3, 1/2, 4/9, 1/3, 8/27 and 2/9 of the size. */
  const measured = (...psnr: (number | 'inf')[]): DetailLog => {
    const log = new DetailLog();
    detailScales(HD).forEach((scale, i) => {
      const name = `psnr@detail${Math.round(scale * 1000)}`;
      log.push(`[${name} @ 0x5c] [info] PSNR y:${psnr[i]} u:51.4 v:53.7 average:47.0 min:46.5 max:47.5`);
    });
    return log;
  };

  // Figures of real clips.
  it.each<[string, number | undefined, (number | 'inf')[]]>([
    ['a film', undefined, [46.8, 43.8, 42.8, 40.4, 39.5, 37.5]],
    ['a soft film', undefined, [51.2, 47.3, 45.8, 42.4, 41.2, 38.5]],
    ['854x480 enlarged', 4 / 9, [55, 51.6, 52.2, 45.8, 44, 40.4]],
    ['640x360 enlarged', 1 / 3, [50.9, 47.6, 45.6, 41.8, 38.4, 34.6]],
    ['nearly black', undefined, [75.7, 95.4, 73.5, 72.7, 71.9, 70.7]],
    ['one colour', undefined, ['inf', 'inf', 'inf', 'inf', 'inf', 'inf']],
    ['noise', undefined, [12.2, 11.1, 10.9, 10.5, 10.3, 10.2]],
  ])('%s', (_, scale, psnr) => {
    expect(enlargedFrom(measured(...psnr), HD)).toBe(scale);
  });

  it('names the size that would do', () => {
    const [found] = detailFindings(measured(55, 51.6, 52.2, 45.8, 44, 40.4), HD);
    expect(found).toMatchObject({ code: 'master-upscaled', severity: 'warning' });
    expect(found?.message).toContain('854x480');
  });

  it('says nothing without measures, or of a picture too small for them', () => {
    expect(detailFindings(new DetailLog(), HD)).toEqual([]);
    expect(detailScales({ width: 192, height: 108 })).toEqual([]);
    expect(detailScales({ width: 360, height: 240 })).toHaveLength(5);
  });
});
