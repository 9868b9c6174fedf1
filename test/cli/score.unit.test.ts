import { describe, expect, it } from 'vitest';
import { scoreText } from '../../src/cli/score.js';
import { isTurned, pictureOf } from '../../src/cli/score/source.js';

type Streams = Parameters<typeof pictureOf>[0];

const stream = (fields: object): Streams[number] =>
  ({
    index: 0,
    disposition: {},
    tags: {},
    side_data_list: [],
    width: 64,
    height: 48,
    ...fields,
  }) as unknown as Streams[number];

describe('pictureOf', () => {
  it('counts among video streams only, and takes no cover art', () => {
    const streams = [
      stream({ codec_type: 'audio' }),
      stream({ codec_type: 'video', disposition: { attached_pic: 1 } }),
      stream({ codec_type: 'video', index: 2 }),
    ];
    expect(pictureOf(streams, 'x')).toEqual({ stream: streams[2], videoStream: 1 });
  });

  it.each([
    [[]],
    [[stream({ codec_type: 'audio' })]],
    [[stream({ codec_type: 'video', disposition: { attached_pic: 1 } })]],
    [[stream({ codec_type: 'video', width: 0 })]],
  ])('refuses a file without picture', (streams) => {
    expect(() => pictureOf(streams, 'a.mp4')).toThrow('a.mp4 has no picture');
  });
});

describe('isTurned', () => {
  const matrix = (a: number, b: number, c: number, d: number): Streams[number]['side_data_list'] => [
    {
      side_data_type: 'Display Matrix',
      displaymatrix: `\n00000000: ${a} ${b} 0\n00000001: ${c} ${d} 0\n00000002: 0 0 1073741824\n`,
    },
  ];

  it.each([
    [[], false],
    [matrix(65536, 0, 0, 65536), false],
    [matrix(-65536, 0, 0, -65536), false],
    [matrix(0, 65536, -65536, 0), true],
    [matrix(0, -65536, 65536, 0), true],
  ])('%#', (side_data_list, turned) => {
    expect(isTurned({ side_data_list })).toBe(turned);
  });
});

describe('scoreText', () => {
  it('says what was measured, by what and over how much', () => {
    const pooled = { mean: 93.126, harmonicMean: 92.8, p5: 88, min: 81.25 };
    const score = {
      pooled,
      model: 'vmaf_v0.6.1',
      libvmafVersion: 'dea9a77',
      frames: 48,
      subsample: 5,
      frameScores: [90, 91],
    } as const;
    expect(scoreText({ ...score, frameScores: [90, 91] })).toBe(
      'VMAF 93.13\nharmonic mean 92.80, 5th percentile 88.00, lowest 81.25\nvmaf_v0.6.1 (libvmaf dea9a77), 2 of 48 frames',
    );
    expect(scoreText({ ...score, subsample: 1, frameScores: [] })).toContain('all 48 frames');
  });
});
