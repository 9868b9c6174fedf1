import { expect, it } from 'vitest';
import type { FoundRung, Measured, RungTarget, SearchInput } from '../../src/encode/index.js';
import { missFindings, rungFindings } from '../../src/title/search-findings.js';

const SIZE = { width: 1280, height: 720 };
const CHUNK: Measured = { shot: 0, resolution: SIZE, crf: 30, bits: 2e6, peakBitrate: 3e6, vmaf: 80 };

function input(overrides: Partial<SearchInput>): SearchInput {
  return {
    codec: 'h264',
    shots: [{ index: 0, frames: 48 }],
    fps: { num: 24, den: 1 },
    resolutions: [SIZE],
    referenceHeight: 1080,
    crf: { min: 14, max: 46, step: 0.5 },
    speed: 'default',
    ladder: { topVmaf: 95, bottomVmaf: 40, stepVmaf: 6, stepRatio: 1.5, peakRatio: 2, floorDrop: 15 },
    ...overrides,
  };
}

const found = (target?: RungTarget): FoundRung => ({
  resolution: SIZE,
  chosen: [CHUNK],
  bits: 2e6,
  vmaf: 80,
  ...(target ? { target } : {}),
});

it('tells of rungs that do not ship, or not as asked', () => {
  const rungs: RungTarget[] = [
    { resolution: SIZE, vmaf: 95 },
    { bitrate: 1_500_000 },
    { vmaf: 79 },
    { resolution: { width: 720, height: 1280 }, bitrate: 300_000 },
  ];
  const findings = rungFindings(input({ rungs }), [found(rungs[0]), found(rungs[1]), found(rungs[2])]);
  const nearest = 'VMAF 80.0 at 1000 kbit/s';
  expect(findings).toEqual([
    {
      code: 'rung-missed',
      severity: 'warning',
      message: `rung h264 720p at VMAF 95: the nearest that could be had is ${nearest}`,
    },
    {
      code: 'rung-left-out',
      severity: 'warning',
      message: 'rung h264 720p at 300 kbit/s is left out: a cheaper rung is as good',
    },
  ]);
});

it('tells of a rung that nothing keeps below the cap', () => {
  const base = input({});
  const capped = { ...base, ladder: { ...base.ladder, maxBitrate: 400_000 } };
  expect(rungFindings(capped, [found()]).map(({ code, message }) => [code, message])).toEqual([
    [
      'bitrate-above-limit',
      'rung h264 720p at VMAF 80.0 takes 1000 kbit/s, more than 400 kbit/s: nothing costs less',
    ],
  ]);
  expect(rungFindings(base, [found()])).toEqual([]);
});

it('tells of chunks below the floor and of segments above their limit', () => {
  const chunked = { shots: [{ index: 0, startFrame: 0, endFrame: 48 }] } as unknown as Parameters<
    typeof missFindings
  >[3];
  const both = [
    { rung: 0, position: 0, kind: 'floor' },
    { rung: 0, position: 0, kind: 'peak' },
  ] as const;
  const findings = missFindings(
    input({ peakCaps: [{ height: 720, bitrate: 1e6 }] }),
    [found()],
    both,
    chunked,
  );
  expect(findings.map(({ code, startFrame, endFrame }) => [code, startFrame, endFrame])).toEqual([
    ['quality-floor-missed', 0, 48],
    ['peak-above-limit', 0, 48],
  ]);
  expect(findings[1]!.message).toContain("or above its level's");
});
