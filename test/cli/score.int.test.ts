import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { registerScore } from '../../src/cli/score.js';
import { BITEXACT_OUTPUT } from '../../src/media/index.js';
import { type CliRun, cli } from './terminal.js';

const FRAMES = 24;
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', ...BITEXACT_OUTPUT];
const source = (frames: number): string[] => [
  ...['-f', 'lavfi', '-i', 'mandelbrot=size=192x144:rate=24:start_scale=0.5'],
  ...['-frames:v', String(frames)],
];

let folder: string;
let reference: string;
let good: string;
let poor: string;
let short: string;
let turned: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-score-test-'));
  reference = await makeClip('reference.mp4', [...source(FRAMES), ...X264, '-qp', '0']);
  good = await makeClip('good.mp4', [...source(FRAMES), ...X264, '-crf', '10']);
  poor = await makeClip('poor.mkv', [...source(FRAMES), '-vf', 'scale=96:72', ...X264, '-crf', '40']);
  short = await makeClip('short.mp4', [...source(FRAMES - 1), ...X264, '-crf', '10']);
  const rotate = ['-display_rotation', '90', '-i', `file:${reference}`, '-c', 'copy', ...BITEXACT_OUTPUT];
  turned = await makeClip('turned.mp4', rotate);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const score = (...argv: string[]): Promise<CliRun> =>
  cli(['score', ...argv], { commands: [registerScore], cwd: folder });

interface ScoreLine {
  type: string;
  vmaf: { mean: number; min: number; p5: number };
  frames: number;
  subsample: number;
  frameScores: number[];
  model: string;
}

async function scored(...argv: string[]): Promise<ScoreLine> {
  const { code, stdout, stderr } = await score(...argv, '--json');
  expect(stderr.text).toBe('');
  expect(code).toBe(0);
  return stdout.json().at(-1) as unknown as ScoreLine;
}

describe('hullcast score', () => {
  it('ranks encodes as they are, and a file against itself as nearly perfect', async () => {
    const [same, close, far] = [
      await scored(reference, reference, '--score', 'every'),
      await scored(reference, good, '--score', 'every'),
      await scored(reference, poor, '--score', '1'),
    ];
    expect(same.vmaf.mean).toBeGreaterThan(97);
    expect(close.vmaf.mean).toBeLessThanOrEqual(same.vmaf.mean);
    expect(close.vmaf.mean).toBeGreaterThan(90);
    expect(far.vmaf.mean).toBeLessThan(close.vmaf.mean - 20);
    for (const { frames, frameScores, vmaf, model } of [same, close, far]) {
      expect([frames, frameScores.length, model]).toEqual([FRAMES, FRAMES, 'vmaf_v0.6.1']);
      expect(vmaf.min).toBe(Math.min(...frameScores));
      expect(vmaf.mean).toBeCloseTo(frameScores.reduce((sum, one) => sum + one, 0) / FRAMES, 6);
    }
  });

  it('scores every frame of so few unless told, in which the configuration has a say', async () => {
    expect(await scored(reference, good)).toMatchObject({ subsample: 1, frames: FRAMES });
    await writeFile(join(folder, 'my.yaml'), 'score: { subsample: 7, neg: true }\n');
    const configured = await scored(reference, good, '--config', 'my.yaml');
    expect(configured).toMatchObject({ subsample: 7, model: 'vmaf_v0.6.1neg' });
    expect(configured.frameScores).toHaveLength(Math.ceil(FRAMES / 7));
  });

  it('tells its stage before the score, as JSON lines', async () => {
    const { stdout } = await score(reference, good, '--json');
    const lines = stdout.json();
    expect(lines[0]).toEqual({ type: 'stage', stage: 'score', state: 'started' });
    expect(lines.at(-2)).toMatchObject({ type: 'stage', stage: 'score', state: 'finished', frames: FRAMES });
  });

  it('prints the score for people on standard output', async () => {
    const { stdout, stderr } = await score(reference, good);
    expect(stdout.text).toMatch(
      /^VMAF \d\d\.\d\d\nharmonic mean .*\nvmaf_v0\.6\.1 \(libvmaf \w+\), all 24 frames\n$/,
    );
    expect(stderr.text).toContain('score: done, 1 job');
  });

  it('compares pictures as they are shown: a turned copy is not of the same size', async () => {
    expect((await scored(turned, turned, '--score', '1')).vmaf.mean).toBeGreaterThan(97);
  });

  it('refuses files of different length instead of scoring them', async () => {
    const { code, stderr, stdout } = await score(reference, short);
    expect(code).toBe(1);
    expect(stderr.text).toContain('error SCORE_FRAME_COUNT: ');
    expect(stdout.text).toBe('');
  });

  it.each([
    ['nothing.mp4', 3, 'MASTER_UNREADABLE'],
    ['text.mp4', 3, 'MASTER_UNKNOWN_CONTAINER'],
  ])('refuses %s', async (name, exitCode, errorCode) => {
    await writeFile(join(folder, 'text.mp4'), 'no video');
    const { code, stderr } = await score(reference, name);
    expect(code).toBe(exitCode);
    expect(stderr.text).toContain(`error ${errorCode}: ${name}`);
  });

  it('refuses a file without picture', async () => {
    const sound = await makeClip('sound.mp4', [
      '-f',
      'lavfi',
      '-i',
      'sine=duration=1',
      '-c:a',
      'aac',
      ...BITEXACT_OUTPUT,
    ]);
    const { code, stderr } = await score(reference, sound);
    expect(code).toBe(1);
    expect(stderr.text).toContain('error SCORE_NO_VIDEO');
  });

  it('leaves nothing behind', async () => {
    const own = await mkdtemp(join(folder, 'tmp-'));
    vi.stubEnv('TMPDIR', own);
    try {
      await scored(reference, good);
      await score(reference, short);
    } finally {
      vi.unstubAllEnvs();
    }
    expect(await readdir(own)).toEqual([]);
  });
});
