import { describe, expect, it } from 'vitest';
import { parseBenchLine, parseProcStat } from '../../src/media/usage.js';

describe('parseBenchLine', () => {
  it('adds user and system time', () => {
    expect(parseBenchLine('[info] bench: utime=4.110s stime=0.140s rtime=4.263s')).toEqual({
      cpuSeconds: 4.11 + 0.14,
    });
  });

  it.each(['bench: maxrss=12345KiB', 'bench: maxrss=12345kB'])('reads %s', (line) => {
    expect(parseBenchLine(line)).toEqual({ peakBytes: 12_345 * 1024 });
  });

  it('leaves other lines alone', () => {
    expect(parseBenchLine('[error] bench: something else')).toBeUndefined();
    expect(parseBenchLine('')).toBeUndefined();
  });
});

describe('parseProcStat', () => {
  const fields = (utime: number, stime: number, cutime: number, cstime: number): string =>
    `S 1 2 3 4 5 6 7 8 9 10 ${utime} ${stime} ${cutime} ${cstime} 20 0 1 0 12345`;

  it('counts from behind the command, whatever its name', () => {
    const expected = { own: 3.5, children: 0.75 };
    expect(parseProcStat(`4711 (ffmpeg) ${fields(300, 50, 70, 5)}`)).toEqual(expected);
    expect(parseProcStat(`4711 (a ) S 9 (b) ${fields(300, 50, 70, 5)}`)).toEqual(expected);
  });
});
