import { describe, expect, it } from 'vitest';
import { DamageReader, damagedRanges, joinRanges } from '../../src/ingest/corruption.js';
import { decodeCheckArgs } from '../../src/ingest/decode-check.js';
import { DecodeLog, FrameTimesReader } from '../../src/ingest/decode-log.js';
import { type MezzanineRequest, mezzanineArgs } from '../../src/ingest/mezzanine.js';
import { rational } from '../../src/media/index.js';

const HOSTILE = `/store/-i 'a b' "c" %d.mp4`;

describe('decodeCheckArgs', () => {
  it('decodes as stored, on one thread, only this file, and lists frame times', () => {
    const request = { path: HOSTILE, demuxer: 'mov', videoStream: 1, frames: 9, maxPixels: 1000 };
    expect(decodeCheckArgs(request)).toEqual([
      ...['-max_pixels', '1000', '-max_error_rate', '1', '-noautorotate'],
      ...['-protocol_whitelist', 'file', '-f', 'mov', '-threads', '1', '-i', `file:${HOSTILE}`],
      ...['-map', '0:v:1', '-map', '0:v:1', '-filter:v:0'],
      'crop=w=max(16\\,floor(iw/8)*2):h=ih,idet=intl_thres=1.5,crop=w=2:h=2:x=0:y=0',
      ...['-filter:v:1', 'crop=w=2:h=2:x=0:y=0,sidedata=mode=select:type=A53_CC'],
      ...[
        '-fps_mode',
        'passthrough',
        '-enc_time_base',
        'demux',
        '-c:v',
        'rawvideo',
        '-f',
        'framecrc',
        'pipe:1',
      ],
    ]);
  });
});

describe('mezzanineArgs', () => {
  const request: MezzanineRequest = {
    source: { path: HOSTILE, demuxer: 'matroska', videoStream: 0 },
    stored: { width: 320, height: 180 },
    plan: {
      filters: ['transpose=clock', 'setsar=1'],
      pixelFormat: 'yuv420p10le',
      colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
    },
    fps: rational(24000, 1001),
    timing: 'renumber',
    frames: 48,
    sizeChanges: false,
    maxPixels: 1000,
    out: '/scratch/mezzanine.mp4',
  };

  it('is lossless, without B-frames, at an explicit rate and count', () => {
    expect(mezzanineArgs(request)).toEqual([
      ...['-max_pixels', '1000', '-max_error_rate', '1', '-noautorotate', '-display_rotation:v:0', '0'],
      ...['-protocol_whitelist', 'file', '-f', 'matroska', '-threads', '1', '-i', `file:${HOSTILE}`],
      ...['-map', '0:v:0', '-vf', 'transpose=clock,setsar=1,settb=1001/24000,setpts=N,fps=24000/1001'],
      ...['-fps_mode', 'passthrough', '-frames:v', '48'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', 'yuv420p10le'],
      ...['-g', '48', '-bf', '0', '-threads', '2'],
      ...['-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709', '-color_range', 'tv'],
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
      ...['-map_metadata', '-1', '-map_chapters', '-1'],
      ...['-video_track_timescale', '24000', '-f', 'mp4', 'file:/scratch/mezzanine.mp4'],
    ]);
  });

  it('places frames in time where they have no constant rate', () => {
    const args = mezzanineArgs({ ...request, timing: 'resample', plan: { ...request.plan, filters: [] } });
    expect(args[args.indexOf('-vf') + 1]).toBe('setpts=PTS-STARTPTS,fps=24000/1001:round=near');
  });

  it('keeps one filter graph where the picture changes its size', () => {
    const plan = { ...request.plan, filters: [] };
    const args = mezzanineArgs({ ...request, plan, sizeChanges: true });
    expect(args.slice(args.indexOf('-reinit_filter'), args.indexOf('-protocol_whitelist'))).toEqual([
      '-reinit_filter',
      '0',
    ]);
    expect(args[args.indexOf('-vf') + 1]).toBe(
      'scale=w=320:h=180:flags=bicubic+bitexact,format=yuv420p10le,settb=1001/24000,setpts=N,fps=24000/1001',
    );
  });
});

describe('FrameTimesReader', () => {
  it('reads times, time base and the last duration, over any cut of the text', () => {
    const text =
      '#software: Lavf\n#tb 0: 1/12288\n#media_type 0: video\n#dimensions 0: 2x2\n' +
      '0,          0,          0,      512,        6, 0x055f0192\n0,       1024,       1024,      500,        6, 0x05600192\n';
    for (const step of [1, 13, 1000]) {
      const reader = new FrameTimesReader();
      for (let at = 0; at < text.length; at += step) reader.push(text.slice(at, at + step));
      expect([reader.pts, reader.timeBase, reader.lastDuration]).toEqual([
        [0, 1024],
        rational(1, 12288),
        500,
      ]);
      expect(reader.captioned).toBe(false);
    }
  });

  it('sees frames of the second stream, which carry captions, and does not count them', () => {
    const reader = new FrameTimesReader();
    reader.push('#tb 0: 1/24\n#tb 1: 1/24\n0, 0, 0, 1, 6, 0x1\n1, 0, 0, 1, 6, 0x1\n0, 1, 1, 1, 6, 0x1\n');
    expect([reader.captioned, reader.pts]).toEqual([true, [0, 1]]);
  });
});

describe('DecodeLog', () => {
  it('counts faults of the picture and of the file, not of other tracks', () => {
    const log = new DecodeLog(['aac']);
    const lines = [
      '[h264 @ 0x55] [error] error while decoding MB 1 10',
      '[h264 @ 0x55] [info] concealing 88 DC, 88 AC, 88 MV errors in I frame',
      '[aac @ 0x55] [error] channel element 0.0 is not allocated',
      '[vist#0:0/h264 @ 0x55] [dec:h264 @ 0x56] [warning] corrupt decoded frame',
      '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x55] [error] stream 0, offset 0x5a: partial file',
      '[swscaler @ 0x55] [warning] deprecated pixel format used',
    ];
    for (const line of lines) log.push(line);
    expect([log.faults, log.sizeChanges]).toEqual([3, 0]);
    expect(log.messages).toEqual([
      'error while decoding MB 1 10',
      'corrupt decoded frame',
      'stream 0, offset 0x5a: partial file',
    ]);
  });

  it('notes changes of size, and keeps the idet line of the graph that ran', () => {
    const log = new DecodeLog();
    const idet = (n: number): string =>
      `[Parsed_idet_1 @ 0x5] [info] Multi frame detection: TFF:  0 BFF: 0 Progressive: ${n} Undetermined: 0`;
    log.push(idet(0));
    log.push(
      '[vf#0:0 @ 0x5] [info] Reconfiguring filter graph because video parameters changed to yuv420p, 160x90',
    );
    log.push(idet(7));
    log.push(idet(0));
    expect([log.sizeChanges, log.idet?.progressive]).toEqual([1, 7]);
  });
});

describe('damage', () => {
  const listing =
    'frame|key_frame=1|pict_type=I|\nframe|key_frame=0|pict_type=B|log|level=16\nlog|level=16\n\nframe|key_frame=0|\nframe|key_frame=1|\nframe|key_frame=0|\n';

  it('is read from the log that follows each frame', () => {
    for (const step of [1, 9, 1000]) {
      const reader = new DamageReader(2);
      for (let at = 0; at < listing.length; at += step) reader.push(listing.slice(at, at + step));
      expect(reader.end()).toEqual({
        ...{ logged: [1], keys: [0, 3], bidirectional: new Set([1]), frames: 5, delay: 2 },
      });
    }
  });

  it('lasts to the first key frame after those that the decoder held back', () => {
    const log = {
      logged: [10, 12],
      keys: [0, 12, 24, 36],
      bidirectional: new Set([11]),
      frames: 48,
      delay: 2,
    };
    const places = Array.from({ length: 48 }, (_, n) => n);
    expect(damagedRanges(log, places, [], 48)).toEqual([{ start: 10, end: 24 }]);
    expect(damagedRanges({ ...log, logged: [40] }, places, [], 48)).toEqual([{ start: 40, end: 48 }]);
    expect(damagedRanges({ ...log, logged: [] }, places, [], 48)).toEqual([]);
  });

  it('counts places without a frame, in frames of the picture', () => {
    // two frames are lost: decoded frame 20 is at place 22
    const places = Array.from({ length: 46 }, (_, n) => (n < 20 ? n : n + 2));
    const log = { logged: [], keys: [0, 22, 34], bidirectional: new Set<number>(), frames: 46, delay: 0 };
    expect(damagedRanges(log, places, [{ start: 20, end: 22 }], 48)).toEqual([{ start: 20, end: 24 }]);
    // B-frames before the gap may have been predicted from what is missing
    const leaning = { ...log, bidirectional: new Set([15, 18, 19]) };
    expect(damagedRanges(leaning, places, [{ start: 20, end: 22 }], 48)).toEqual([{ start: 18, end: 24 }]);
  });

  it('joins ranges that touch', () => {
    expect(
      joinRanges([
        { start: 0, end: 4 },
        { start: 2, end: 3 },
        { start: 4, end: 6 },
        { start: 8, end: 9 },
      ]),
    ).toEqual([
      { start: 0, end: 6 },
      { start: 8, end: 9 },
    ]);
  });
});
