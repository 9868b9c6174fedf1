import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProgressParser } from '../../src/media/progress.js';

const REPORT = (frame: number, micros: string, progress: string): string =>
  `frame=${frame}\nfps=31.20\nstream_0_0_q=28.0\nbitrate= 512.3kbits/s\ntotal_size=262192\nout_time_us=${micros}\n` +
  `out_time=00:00:04.166667\nspeed= 1.3x\nprogress=${progress}\n`;

const STREAM =
  REPORT(0, 'N/A', 'continue') + REPORT(120, '4166667', 'continue') + REPORT(240, '9958333', 'end');

const EXPECTED = [
  { frame: 0, seconds: undefined, ended: false },
  { frame: 120, seconds: 4.166667, ended: false },
  { frame: 240, seconds: 9.958333, ended: true },
];

describe('ProgressParser', () => {
  it('reads reports', () => {
    expect(new ProgressParser().push(STREAM)).toEqual(EXPECTED);
  });

  it('gives the same reports however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 20 }), (points) => {
        const cuts = [0, ...points.sort((a, b) => a - b), STREAM.length];
        const parser = new ProgressParser();
        const reports = cuts.slice(1).flatMap((end, i) => parser.push(STREAM.slice(cuts[i], end)));
        expect(reports).toEqual(EXPECTED);
      }),
    );
  });

  it('forgets a report when the next one begins: audio has no frames', () => {
    const parser = new ProgressParser();
    parser.push(REPORT(7, '1000000', 'continue'));
    expect(parser.push('out_time_us=2000000\nprogress=continue\n')).toEqual([
      { frame: 0, seconds: 2, ended: false },
    ]);
  });

  it('has no position before the first packet, which ffmpeg writes as a huge negative time', () => {
    expect(new ProgressParser().push(REPORT(1, '-577014:32:22.77', 'continue'))[0]?.seconds).toBeUndefined();
    expect(
      new ProgressParser().push(REPORT(1, '-9223372036854775807', 'continue'))[0]?.seconds,
    ).toBeUndefined();
  });

  it('ignores lines that are no field', () => {
    expect(new ProgressParser().push('\nhello\nframe=3\nprogress=end\n')).toEqual([
      { frame: 3, seconds: undefined, ended: true },
    ]);
  });
});
