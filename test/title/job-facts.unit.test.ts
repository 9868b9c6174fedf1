import { describe, expect, it } from 'vitest';
import { encodeMeasure, jobFacts } from '../../src/title/index.js';

const encode = {
  codec: 'h264',
  resolution: { width: 640, height: 360 },
  crf: 23,
  source: { blob: { sha256: 'x', bytes: 1 }, frames: 93 },
};

describe('what a job works on', () => {
  it('is read from the name and the parameters of probes and encodes', () => {
    for (const stage of ['probe', 'encode']) {
      expect(jobFacts({ stage, job: `${stage}.h264-12-640x360-23`, params: encode })).toEqual({
        ...{ shot: 12, codec: 'h264', width: 640, height: 360, crf: 23, frames: 93 },
      });
    }
  });

  it('is read from those of the other stages', () => {
    expect(jobFacts({ stage: 'tone-map', job: 'tone-map.7', params: { frames: 24 } })).toEqual({
      ...{ shot: 7, frames: 24 },
    });
    const chunks = [{ frames: 10 }, { frames: 20 }];
    expect(jobFacts({ stage: 'assemble', job: 'assemble.vp9-1080p-3476k', params: { chunks } })).toEqual({
      ...{ rung: 'vp9-1080p-3476k', codec: 'vp9', frames: 30 },
    });
    expect(jobFacts({ stage: 'audio', job: 'audio.audio-en-2', params: { frames: 720 } })).toEqual({
      ...{ rung: 'audio-en-2', frames: 720 },
    });
  });

  it('is nothing where there is nothing to know, and never throws', () => {
    expect(jobFacts({ stage: 'ingest', job: 'ingest', params: { name: 'a.mov' } })).toEqual({});
    for (const stage of ['probe', 'encode', 'tone-map', 'assemble', 'audio', 'no-such-stage'])
      for (const params of [null, 1, 'x', [], {}, { codec: 1 }, { chunks: [1] }])
        expect(jobFacts({ stage, job: stage, params })).toEqual({});
    expect(jobFacts({ stage: 'encode', job: 'encode.av1-3-1x1-40', params: null })).toEqual({ shot: 3 });
  });
});

describe('what an encode measured', () => {
  it('is its mean VMAF and its frames', () => {
    const score = { pooled: { mean: 94.25, harmonicMean: 94, p5: 90, min: 80 }, frames: 93 };
    expect(encodeMeasure({ frames: 93, bits: 1, score })).toEqual({ vmaf: 94.25, frames: 93 });
    for (const other of [undefined, null, {}, { frames: 1 }]) expect(encodeMeasure(other)).toBeUndefined();
  });
});
