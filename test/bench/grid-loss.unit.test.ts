import { describe, expect, it } from 'vitest';
import { type GridProbe, gridLoss } from '../../bench/grid-loss.js';

const shots = [
  { index: 0, frames: 10 },
  { index: 4, frames: 30 },
];
const at = (height: number, vmafs: readonly number[], factor: number): GridProbe[] =>
  shots.flatMap(({ index, frames }) =>
    vmafs.map((vmaf, i) => ({ shot: index, height, vmaf, bits: factor * frames * 1000 * 2 ** i })),
  );
// 720p costs 2000 a frame at VMAF 80 and 4000 at 90; 360p half of that, but reaches no more than 80.
const probes = [...at(720, [70, 80, 90], 1), ...at(360, [70, 80], 0.5)];

describe('the loss over a grid', () => {
  it('is none for what the grid has, at the cheapest size', () => {
    expect(gridLoss(shots, probes, [{ bits: 40 * 1000, vmaf: 80 }])).toBeCloseTo(0, 9);
    expect(gridLoss(shots, probes, [{ bits: 40 * 4000, vmaf: 90 }])).toBeCloseTo(0, 9);
  });

  it('is the mean of ratios, in logarithms', () => {
    const rungs = [
      { bits: 40 * 1000 * 1.21, vmaf: 80 },
      { bits: 40 * 4000, vmaf: 90 },
    ];
    expect(gridLoss(shots, probes, rungs)).toBeCloseTo(10, 9);
  });

  it('takes shots by their hulls: one at 90 and one at 80 is a point too', () => {
    const vmaf = (10 * 90 + 30 * 80) / 40;
    expect(gridLoss(shots, at(720, [70, 80, 90], 1), [{ bits: 10 * 4000 + 30 * 2000, vmaf }])).toBeCloseTo(
      0,
      9,
    );
  });

  it('leaves out rungs above the grid, and is undefined without any', () => {
    expect(gridLoss(shots, probes, [{ bits: 1e9, vmaf: 95 }])).toBeUndefined();
    expect(gridLoss(shots, probes, [])).toBeUndefined();
  });
});
