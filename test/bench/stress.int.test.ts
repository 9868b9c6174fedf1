import { beforeAll, describe, expect, it } from 'vitest';
import { STRESS_CLIPS, concatenation } from '../../fixtures/stress/index.js';
import {
  type Run,
  type Tools,
  createRunner,
  ffmpeg,
  ffprobe,
  findTools,
  openArgs,
} from '../../src/media/index.js';

let run: Run;
let tools: Tools;
beforeAll(async () => {
  run = createRunner();
  tools = await findTools(run);
});

/** Mean luma of every frame, and its mean absolute difference to the frame before. */
async function luma(path: string): Promise<{ means: number[]; differences: number[] }> {
  const { stdout } = await ffmpeg(run, tools.ffmpeg, {
    args: [...openArgs(path, 'mov'), ...['-vf', 'signalstats,metadata=mode=print:file=-', '-f', 'null', '-']],
    frames: 72,
  });
  const values = (key: string): number[] =>
    [...stdout.toString('latin1').matchAll(new RegExp(`signalstats.${key}=([\\d.]+)`, 'g'))].map((m) =>
      Number(m[1]),
    );
  return { means: values('YAVG'), differences: values('YDIF').slice(1) };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function videoOf(path: string): Promise<Record<string, unknown>> {
  const show = ['-count_packets', '-select_streams', 'v', '-show_streams'];
  const found = (await ffprobe(run, tools.ffprobe, { path, demuxer: 'mov', show })) as {
    streams: Record<string, unknown>[];
  };
  return found.streams[0]!;
}

describe('stress clips', () => {
  it.each(Object.entries(STRESS_CLIPS))(
    '%s has 72 frames of 720p, each unlike the one before',
    async (_, make) => {
      const path = await make();
      expect(await videoOf(path)).toMatchObject({
        ...{ width: 1280, height: 720, pix_fmt: 'yuv420p', color_range: 'tv', color_space: 'bt709' },
        ...{ r_frame_rate: '24/1', nb_frames: '72', codec_name: 'h264' },
      });
      const { means, differences } = await luma(path);
      expect(means).toHaveLength(72);
      expect(differences.every((difference) => difference > 0)).toBe(true);
    },
  );

  it('stress what they are named for', async () => {
    const { grain, motion, flat, terminal, fades } = STRESS_CLIPS;
    const faded = await luma(await fades());
    expect(faded.means[0]).toBe(16);
    expect(faded.means[71]).toBeGreaterThan(220);
    const changes = await Promise.all(
      [grain, motion, flat, terminal].map(async (make) => (await luma(await make())).differences),
    );
    const [ofGrain = 0, ofMotion = 0, ofFlat = 0] = changes.map(median);
    expect(ofGrain).toBeGreaterThan(8);
    expect(ofMotion).toBeGreaterThan(2 * ofGrain);
    expect(ofFlat).toBeLessThan(ofGrain / 4);
    // A terminal types a few letters or moves everything by a line: nothing in between.
    const scrolls = changes[3]!.filter((difference) => difference > 4);
    expect(scrolls.length).toBeGreaterThan(20);
    expect(scrolls.length).toBeLessThan(52);
  });
});

describe('concatenation', () => {
  it('is Big Buck Bunny and the same run of frames of every clip', async () => {
    const flat = await STRESS_CLIPS.flat();
    const path = await concatenation([{ path: flat, start: 0 }]);
    expect(await videoOf(path)).toMatchObject({
      width: 1280,
      height: 720,
      nb_frames: String(141 + 144 + 72),
    });
    const frames = async (file: string, from: number): Promise<string> => {
      const { stdout } = await ffmpeg(run, tools.ffmpeg, {
        args: [
          ...openArgs(file, 'mov'),
          ...[
            '-vf',
            `trim=start_frame=${from},setpts=N`,
            '-fps_mode',
            'passthrough',
            '-f',
            'framemd5',
            'pipe:1',
          ],
        ],
        frames: 357,
      });
      return stdout
        .toString('latin1')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(',').at(-1))
        .join();
    };
    // Lossless all the way: the clip's own frames come out at the end.
    expect(await frames(path, 285)).toBe(await frames(flat, 0));
  });
});
