import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { film720 } from '../../fixtures/hard-masters.js';
import { h264Variant, moving, variant } from '../../fixtures/masters.js';
import { type Finding, type InspectResult, inspectStage } from '../../src/ingest/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { ingest } from './support.js';

let stage: TestStage;
let reported: [number, number][] = [];

beforeAll(async () => {
  stage = await stageContext({ progress: (done, total) => reported.push([done, total]) });
});
afterAll(() => stage.cleanUp());

async function inspect(path: string): Promise<InspectResult> {
  const found = await ingest(stage, path);
  reported = [];
  return inspectStage.run({ ingest: found }, stage.context);
}

const ranges = ({ findings }: { findings: Finding[] }, code: string): unknown[] =>
  findings.filter((found) => found.code === code).map(({ startFrame, endFrame }) => [startFrame, endFrame]);

const sine = (level: string, seconds = 6): string[] => [
  '-f',
  'lavfi',
  '-i',
  `aevalsrc='${level}*sin(880*PI*t)':s=48000:d=${seconds}`,
];

describe('inspectStage', () => {
  it('finds nothing wrong where nothing is', async () => {
    const path = await h264Variant('fine.mp4', '', ['-c:a', 'aac'], [...moving(), ...sine('0.2', 2)]);
    const result = await inspect(path);
    expect(result.findings).toEqual([]);
    expect(result.loudness).toHaveLength(1);
  });

  it.each([
    [undefined, undefined],
    [360, '640x360'],
    [480, '854x480'],
  ])('a film made of a picture of %s lines has the detail of %s', async (lines, size) => {
    const { findings } = await inspect(await film720(lines));
    const message = findings.find(({ code }) => code === 'master-upscaled')?.message;
    if (size === undefined) expect(message).toBeUndefined();
    else expect(message).toContain(` ${size} `);
  });

  it.each(['24', '30000/1001'])(
    'finds black, still pictures and bars to the frame, at %s fps',
    async (rate) => {
      const filters = [
        // movement between bars, black from frame 40 up to 52, then still to the end
        "scale=192:80,setsar=1,lutyuv=y='val/2+90'",
        "drawbox=c=black:t=fill:enable='between(n,40,51)'",
        'tpad=stop=80:stop_mode=clone',
        'pad=192:108:0:14',
      ];
      const path = await variant(
        'defects.mkv',
        filters.join(','),
        ['-c:v', 'ffv1'],
        moving('192x108', rate, 4),
      );
      const result = await inspect(path);
      const frames = (rate === '24' ? 96 : 120) + 80;
      expect(ranges(result, 'black-frames')).toEqual([[40, 52]]);
      expect(ranges(result, 'frozen-frames')).toEqual([[frames - 81, frames]]);
      expect(result.findings.find(({ code }) => code === 'letterbox')?.message).toContain('192x80');
      expect(reported.at(-1)).toEqual([frames, frames]);
    },
  );

  it('finds black up to the last frame', async () => {
    const filter = "drawbox=c=black:t=fill:enable='gte(n,30)'";
    const result = await inspect(await variant('black-end.mkv', filter, ['-c:v', 'ffv1']));
    expect(ranges(result, 'black-frames')).toEqual([[30, 48]]);
  });

  it('sees bars in the reduced picture of a large master', async () => {
    const path = await h264Variant(
      'bars-1080.mp4',
      'pad=1920:1080:0:140',
      ['-frames:v', '4'],
      moving('1920x800'),
    );
    const result = await inspect(path);
    const [, width, height] = /picture of (\d+)x(\d+)/.exec(result.findings[0]?.message ?? '') ?? [];
    expect(width).toBe('1920');
    expect(Math.abs(Number(height) - 800)).toBeLessThanOrEqual(6);
  });

  it('measures loudness as EBU R 128 has it, and finds silence in frames', async () => {
    // a sine of 440 Hz at 0.2 of full scale on one channel: 20·log10(0.2/√2) − 0.691 + the K filter's gain there
    const audio = sine('if(between(t,2,4.5),0,0.2)');
    const path = await h264Variant(
      'sound.mov',
      '',
      ['-c:a', 'pcm_s16le'],
      [...moving('192x108', '24', 6), ...audio],
    );
    const result = await inspect(path);
    const { integrated, truePeak } = result.loudness[0]?.measured ?? { integrated: 0, truePeak: 0 };
    expect(Math.abs(integrated - (20 * Math.log10(0.2 / Math.SQRT2) - 0.691))).toBeLessThan(0.6);
    expect(Math.abs(truePeak - 20 * Math.log10(0.2))).toBeLessThanOrEqual(0.15);
    expect(ranges(result, 'silence')).toEqual([[48, 108]]);
  });

  it('finds clipping, a silent track, an offset and another length, on the right track', async () => {
    const input = [
      ...moving('192x108', '24', 3),
      ...['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo:d=3'],
      ...['-itsoffset', '0.2', ...sine('1.6', 2)],
    ];
    const maps = ['-map', '0:v', '-map', '1:a', '-map', '2:a', '-c:a', 'pcm_f32le'];
    const result = await inspect(await h264Variant('tracks.mkv', '', maps, input));
    expect(result.findings.map(({ code, message }) => [code, /track (\d)/.exec(message)?.[1]])).toEqual([
      ['audio-offset', '1'],
      ['audio-length-mismatch', '1'],
      ['silent-track', '0'],
      ['audio-clipping', '1'],
    ]);
    expect(result.loudness[0]).toEqual({ track: 0 });
    expect(result.loudness[1]?.measured?.truePeak).toBeGreaterThan(3.5);
  });

  it('inspects the normalised picture, in its frames', async () => {
    const filter = "drawbox=c=black:t=fill:enable='between(n,10,14)',select='not(between(n,20,22))'";
    const path = await variant('black-dropped.mkv', filter, ['-c:v', 'ffv1', '-fps_mode', 'passthrough']);
    const found = await ingest(stage, path);
    expect(found.picture.frames).toBe(48);
    const result = await inspectStage.run({ ingest: found }, stage.context);
    expect(ranges(result, 'black-frames')).toEqual([[10, 15]]);
  });
});
