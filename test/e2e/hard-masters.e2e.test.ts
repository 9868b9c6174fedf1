import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fiveHundredCuts } from '../../fixtures/cuts.js';
import {
  type OddMaster,
  fewFrames,
  film720,
  oddMaster,
  oneColour,
  pureNoise,
  tenMinuteShot,
} from '../../fixtures/hard-masters.js';
import { h264Level } from '../../src/encode/profile/h264.js';
import type { Report } from '../../src/report/index.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';
import { saneTitle } from './sane-title.js';

const folder = await temporaryFolder();
const home = join(folder, 'home');
const DEFAULT_SPEED = ['--preset', 'ultrafast', '--score', '9', '--no-images'];
const SPEEDS: [speed: string, args: string[]][] = [
  ['draft', LEAN],
  ['default', DEFAULT_SPEED],
];

/** Encodes a master that has something against it; what holds of every title is expected of this one. */
let titles = 0;
const titleOf = (master: string, args: readonly string[] = LEAN): Promise<Report> =>
  saneTitle(master, join(folder, `title-${++titles}`), args, home);

const codes = ({ master }: Report): string[] => master.findings.map(({ code }) => code);
const lengths = ({ shots }: Pick<Report, 'shots'>): number[] =>
  shots.map(({ startFrame, endFrame }) => endFrame - startFrame);

describe('a master too short for a shot', () => {
  test.each([1, 10])('%i frames', async (frames) => {
    const report = await titleOf(await fewFrames(frames));
    expect(report.title.frames).toBe(frames);
    expect(lengths(report)).toEqual([frames]);
    expect(report.renditions.length).toBeGreaterThan(1);
    expect(codes(report)).toContain('very-short');
  });
});

describe('content that does not answer to bits', () => {
  test.each(SPEEDS)('one colour, %s speed: one rung, and the report says why', async (_, args) => {
    const report = await titleOf(await oneColour(), args);
    const [only, ...others] = report.renditions;
    expect(others).toEqual([]);
    expect(only!.vmaf.mean).toBeGreaterThan(95);
    // Next to nothing: hardly more than the cheapest encode that was tried, less than a kilobit a frame.
    expect(only!.bits).toBeLessThan(1.1 * Math.min(...report.probes.map(({ bits }) => bits)));
    expect(only!.bits).toBeLessThan(1000 * report.title.frames);
    expect(codes(report)).toContain('single-rung');
    expect(codes(report)).not.toContain('target-vmaf-missed');
  });

  test.each(SPEEDS)('pure noise, %s speed: what the level can carry', async (_, args) => {
    const report = await titleOf(await pureNoise(), args);
    expect(codes(report)).toContain('target-vmaf-missed');
    const fps = { num: 24, den: 1 };
    for (const { width, height, peakBitrate } of report.renditions) {
      const { maxrate, bufsize } = h264Level({ width, height }, fps);
      // All is one segment of a second: no more than flows into the decoder's buffer, and what the buffer held before.
      expect(peakBitrate).toBeLessThanOrEqual((maxrate + bufsize) * 1000);
    }
    // The buffer was in the way: at full size some encode is larger than the bit rate of its level.
    const { maxrate } = h264Level(report.title, fps);
    const most = Math.max(...report.probes.filter(({ height }) => height === 360).map(({ bits }) => bits));
    expect(most).toBeGreaterThan(maxrate * 1000);
  });
});

describe('cuts', () => {
  // One rung is enough to see where chunks begin and end.
  const ONE = [...LEAN, '--rungs', '@vmaf=70'];

  test('500 in 20 s: no chunk is shorter than half a segment, and none of the frames is lost', async () => {
    const { path, frames, fps } = await fiveHundredCuts();
    const report = await titleOf(path, ONE);
    expect(report.title.frames).toBe(frames);
    expect(report.shots.length).toBeGreaterThan(4);
    expect(Math.min(...lengths(report))).toBeGreaterThanOrEqual((4 / 2) * fps.num);
    expect(lengths(report).reduce((sum, length) => sum + length)).toBe(frames);
  });

  test('none in 10 min: chunks have a longest length', async () => {
    const master = await tenMinuteShot();
    const plan = await cli(['plan', master, '--json', ...LEAN], { home });
    const planned = plan.lines().at(-1) as unknown as Pick<Report, 'shots'>;
    expect(lengths(planned)).toEqual(Array.from({ length: 50 }, () => 24));
    const report = await titleOf(master, [...ONE, '--chunk-max-seconds', '60']);
    expect(report.title).toMatchObject({ frames: 1200, durationSeconds: 600 });
    expect(lengths(report)).toEqual(Array.from({ length: 10 }, () => 120));
  });
});

const ODD: [OddMaster, { width: number; height: number; fps?: string }][] = [
  [
    { width: 1366, height: 768 },
    { width: 1366, height: 768 },
  ],
  // 4:2:0 has no odd widths.
  [
    { width: 853, height: 480, pixelFormat: 'yuv444p10le' },
    { width: 852, height: 480 },
  ],
  [
    { width: 1080, height: 1920, rate: '24000/1001' },
    { width: 1080, height: 1920, fps: '24000/1001' },
  ],
  [
    { width: 4096, height: 1716, pixelFormat: 'yuv420p10le' },
    { width: 4096, height: 1716 },
  ],
];

describe('odd sizes', () => {
  test.each(ODD)('%j', async (master, expected) => {
    const report = await titleOf(await oddMaster(master));
    expect(report.title).toMatchObject({ fps: '24/1', ...expected });
    expect(report.renditions.length).toBeGreaterThan(2);
    // Rungs go down in size at least once, and the shape is kept (that is expected of every title).
    expect(report.renditions.at(-1)!.height).toBeLessThan(report.title.height);
  });
});

describe('an upscaled master', () => {
  test('is told from the same picture in full detail, and its ladder costs less', async () => {
    const native = await titleOf(await film720(), DEFAULT_SPEED);
    const upscaled = await titleOf(await film720(360), DEFAULT_SPEED);
    expect(codes(native)).not.toContain('master-upscaled');
    const found = upscaled.master.findings.find(({ code }) => code === 'master-upscaled');
    expect(found?.message).toContain('640x360');
    const top = ({ renditions }: Report): number => renditions[0]!.averageBitrate;
    expect(top(upscaled)).toBeLessThan(top(native));
    const largest = ({ renditions }: Report): number =>
      renditions.filter(({ height }) => height === 720).length;
    expect(largest(upscaled)).toBeLessThan(largest(native));
  });
});
