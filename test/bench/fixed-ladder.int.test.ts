import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedLadderRequest, encodeFixedLadder, ladderPoints } from '../../bench/baseline/index.js';
import { makeClip } from '../../fixtures/clip.js';
import type { FrameSource } from '../../src/media/index.js';
import { score } from '../../src/vmaf/index.js';
import { type TestStage, stageContext } from '../support/stage.js';

const SIZE = { width: 320, height: 180 };
const FRAMES = 120;

let stage: TestStage;
let master: FrameSource;

beforeAll(async () => {
  stage = await stageContext();
  const path = await makeClip('ladder.mov', [
    ...[
      '-f',
      'lavfi',
      '-i',
      `mandelbrot=size=320x180:rate=24:start_scale=0.4:end_scale=0.02:end_pts=${FRAMES + 2}`,
    ],
    ...['-frames:v', String(FRAMES + 2), '-c:v', 'libx264', '-qp', '0', '-preset', 'ultrafast', '-bf', '0'],
    ...['-pix_fmt', 'yuv420p', '-f', 'mov'],
  ]);
  // The first two frames do not belong to it: a baseline that ignored that would be two frames off everywhere.
  master = { path, demuxer: 'mov', skipFrames: 2, frames: FRAMES, fps: { num: 24, den: 1 } };
});
afterAll(() => stage.cleanUp());

/** Size of the media data box, read from the file's own box headers: what the packets must add up to. */
async function mediaBytes(path: string): Promise<number> {
  const file = await open(path);
  try {
    let offset = 0;
    for (;;) {
      const header = Buffer.alloc(8);
      if ((await file.read(header, 0, 8, offset)).bytesRead < 8) throw new Error('no mdat box');
      const size = header.readUInt32BE(0);
      if (header.toString('latin1', 4) === 'mdat') return size - 8;
      offset += size;
    }
  } finally {
    await file.close();
  }
}

const request = (over: Partial<FixedLadderRequest> = {}): FixedLadderRequest => ({
  ...{ tools: stage.context.tools, run: stage.context.run, scratch: stage.context.scratch },
  ...{ master, masterSize: SIZE, preset: 'veryfast', concurrency: 2 },
  score: (encode) => score(stage.context, master, encode, { referenceSize: SIZE }),
  rungs: [
    { resolution: { width: 160, height: 90 }, bitrate: 90_000 },
    { resolution: SIZE, bitrate: 200_000 },
    { resolution: SIZE, bitrate: 500_000 },
  ],
  ...over,
});

describe('encodeFixedLadder', () => {
  it('encodes every rung at its bit rate and measures it', async () => {
    const told: number[] = [];
    const renditions = await encodeFixedLadder(request({ onRung: ({ rung }) => told.push(rung.bitrate) }));
    expect(renditions.map(({ rung }) => rung.bitrate)).toEqual([90_000, 200_000, 500_000]);
    expect([...told].sort((a, b) => a - b)).toEqual([90_000, 200_000, 500_000]);

    for (const rendition of renditions) {
      const { rung, encode, bits, segmentBits, averageBitrate, peakBitrate } = rendition;
      expect(bits / 8).toBe(await mediaBytes(encode.path));
      expect(segmentBits).toHaveLength(2); // 5 s in groups of 4 s
      expect(segmentBits[0]! + segmentBits[1]!).toBe(bits);
      expect(averageBitrate).toBe(bits / 5);
      expect(peakBitrate).toBe(Math.max(segmentBits[0]! / 4, segmentBits[1]!));
      // Two passes over five seconds come this close; a wrong frame rate would be off by its ratio.
      expect(averageBitrate / rung.bitrate).toBeGreaterThan(0.8);
      expect(averageBitrate / rung.bitrate).toBeLessThan(1.2);
      expect(rendition.cpuSeconds).toBeGreaterThan(0);
      expect(rendition.score.frameScores).toHaveLength(FRAMES);
    }
    const points = ladderPoints(renditions);
    expect(points.map(({ rate }) => rate)).toEqual(renditions.map(({ averageBitrate }) => averageBitrate));
    expect(points[0]!.quality).toBeLessThan(points[1]!.quality);
    expect(points[1]!.quality).toBeLessThan(points[2]!.quality);

    // The encode holds the master's frames from 2 on and no others: held against those from 0 on it is worse.
    const early = { ...master, skipFrames: 0 };
    const shifted = score(stage.context, early, renditions[2]!.encode, { referenceSize: SIZE });
    await expect(shifted).rejects.toMatchObject({ code: 'SCORE_SHIFTED' });
  });

  it('lets a failed score fail the ladder', async () => {
    const scratch = join(stage.context.scratch, 'failing');
    await mkdir(scratch);
    const rungs = [{ resolution: { width: 160, height: 90 }, bitrate: 90_000 }];
    await expect(
      encodeFixedLadder(request({ score: () => Promise.reject(new Error('no score')), rungs, scratch })),
    ).rejects.toThrow('no score');
  });

  it('says so where no rung fits', async () => {
    await expect(encodeFixedLadder(request({ rungs: [] }))).rejects.toMatchObject({ code: 'BENCH_NO_RUNGS' });
  });
});
