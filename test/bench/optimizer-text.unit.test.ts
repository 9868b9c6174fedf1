import { describe, expect, it } from 'vitest';
import { codecsTable } from '../../bench/codecs-text.js';
import { type OptimizerResult, compare, figuresOf } from '../../bench/figures.js';
import type { JudgedRung } from '../../bench/judge.js';
import { cpuTable, optimizerDetails, optimizerTable } from '../../bench/optimizer-text.js';

/** A straight curve over the logarithm of the rate: VMAF 50 at `base` bit/s and 10 more for each doubling. */
const ladder = (base: number, rungs = 4): JudgedRung[] =>
  Array.from({ length: rungs }, (_, i) => ({
    ...{ codec: 'h264', width: 640, height: 360 },
    averageBitrate: base * 2 ** i,
    peakBitrate: 1.5 * base * 2 ** i,
    vmaf: 50 + 10 * i,
  }));

const reported = (rungs: JudgedRung[], error: number): JudgedRung[] =>
  rungs.map((rung, i) => ({ ...rung, reported: rung.vmaf + (i === 1 ? -error : 0) }));

const result = (over: Partial<OptimizerResult> = {}): OptimizerResult => ({
  ...{
    item: 'one',
    title: 'One',
    width: 640,
    height: 360,
    frames: 72,
    fps: '24/1',
    shots: 3,
    preset: 'medium',
  },
  apple: { rungs: ladder(200_000), cpuSeconds: 40 },
  shipped: { rungs: reported(ladder(100_000), 0.13), encodes: 20, searchCpuSeconds: 30 },
  cpuSeconds: { ingest: 4, probe: 10, encode: 20, hullcast: 6.5 },
  perTitle: { rungs: ladder(125_000), encodes: 300, searchCpuSeconds: 400 },
  grid: { rungs: ladder(100_000), encodes: 300, searchCpuSeconds: 400 },
  gridLoss: 0.64,
  ...over,
});

const lines = (table: string): string[][] =>
  table
    .trim()
    .split('\n')
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );

describe('compare', () => {
  it('gives the BD-rate and its range', () => {
    const { percent, low, high } = compare(ladder(200_000), ladder(100_000))!;
    expect(percent).toBeCloseTo(-50, 6);
    expect([low, high]).toEqual([50, 80]);
  });

  it('compares nothing over less than five points of VMAF, nor without a curve', () => {
    const high = ladder(100_000).map((rung) => ({ ...rung, vmaf: rung.vmaf + 26 }));
    expect(compare(ladder(100_000), high)).toBeUndefined();
    expect(compare(ladder(100_000), [])).toBeUndefined();
    expect(compare(ladder(100_000), ladder(100_000, 1))).toBeUndefined();
  });
});

describe('figuresOf', () => {
  it('takes every figure from what was measured', () => {
    const figures = figuresOf(result());
    expect(figures.apple?.percent).toBeCloseTo(-50, 6);
    expect(figures.perTitle?.percent).toBeCloseTo(-20, 6);
    expect(figures.grid?.percent).toBeCloseTo(0, 6);
    expect(figures.searchShare).toBe(30 / 400);
    expect(figures.timesApple).toBe(40.5 / 40);
    expect(figures.reportError).toBeCloseTo(0.13, 6);
  });
});

describe('optimizerTable', () => {
  const small = result({ item: 'small', title: 'Small', apple: { rungs: [], cpuSeconds: 0 } });
  const whole = result({ item: 'all', title: 'All', shots: 14, perTitle: result().apple as never });

  it('has a row an item, the mean of the single ones, the whole title apart, and the bars', () => {
    const [, , ...rows] = lines(optimizerTable([result(), small, whole], ['all']));
    expect(rows.map(([name]) => name)).toEqual(['One', 'Small', '**mean of 2**', 'All', '**bar**']);
    expect(rows[0]).toEqual([
      ...[
        'One',
        '3',
        '−50.0% (50–80)',
        '−20.0% (50–80)',
        '+0.0% (50–80)',
        '+0.6%',
        '20',
        '300',
        '7.5%',
        '1.01×',
        '0.13',
      ],
    ]);
    expect(rows[1]![2]).toBe('n/a');
    expect(rows[1]![9]).toBe('n/a');
    // What one of the two does not have is not in the mean.
    expect(rows[2]).toEqual([
      ...[
        '**mean of 2**',
        '',
        '−50.0%',
        '−20.0%',
        '+0.0%',
        '+0.6%',
        '',
        '',
        '7.5%',
        '1.01×',
        '0.13 (largest)',
      ],
    ]);
    expect(rows[3]![3]).toBe('−50.0% (50–80)');
  });

  it('can be written from the whole title alone', () => {
    const [, , ...rows] = lines(optimizerTable([whole], ['all']));
    expect(rows.map(([name]) => name)).toEqual(['All', '**bar**']);
  });
});

describe('details', () => {
  it('say CPU by stage, of all items alike', () => {
    const other = result({ title: 'Other', cpuSeconds: { ingest: 1, audio: 12.3 } });
    expect(lines(cpuTable([result(), other])).filter((_, i) => i !== 1)).toEqual([
      ['item', 'ingest', 'probe', 'encode', 'hullcast', 'audio', 'all', 'Apple, encodes', 'the grid, search'],
      ['One', '4.0', '10', '20', '6.5', '0.0', '41', '40', '400'],
      ['Other', '1.0', '0.0', '0.0', '0.0', '12', '13', '40', '400'],
    ]);
  });

  it('name every rung of every ladder and the plot', () => {
    const text = optimizerDetails([result()]);
    expect(text.match(/^\| (Apple|hullcast|one crf for all shots|grid) /gm)).toHaveLength(16);
    expect(text).toContain('![Rate against VMAF](one.svg)');
  });
});

describe('codecsTable', () => {
  it('compares every codec with H.264', () => {
    const of = (base: number, cpu: number) => ({ rungs: ladder(base), encodes: 9, searchCpuSeconds: cpu });
    const one = { h264: of(200_000, 10), hevc: of(150_000, 20), av1: of(100_000, 25) };
    const two = { h264: of(200_000, 10), hevc: of(100_000, 40) };
    const item = { item: 'x', preset: 'medium' };
    const [header, , ...rows] = lines(
      codecsTable([
        { ...item, title: 'One', ladders: one },
        { ...item, title: 'Two', ladders: two },
      ]),
    );
    expect(header).toEqual([
      'item',
      ...['hevc, BD-rate', 'hevc, search CPU', 'av1, BD-rate', 'av1, search CPU'],
    ]);
    expect(rows).toEqual([
      ['One', '−25.0% (50–80)', '2.00×', '−50.0% (50–80)', '2.50×'],
      ['Two', '−50.0% (50–80)', '4.00×', 'n/a', 'n/a'],
      ['**mean of 2**', '−37.5%', '3.00×', '−50.0%', '2.50×'],
      ['**bar**', '−25%', '', '−30%', ''],
    ]);
  });
});
