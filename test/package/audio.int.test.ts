import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { toneClip } from '../../fixtures/renditions.js';
import type { MasterAudio } from '../../src/ingest/index.js';
import { type AudioParams, type AudioRendition, audioStage } from '../../src/package/index.js';
import { speakersOf } from '../../src/package/audio/layout.js';
import { titleSamples } from '../../src/package/audio/timing.js';
import { ffmpeg, ffprobe, openArgs } from '../../src/media/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { freshContext, masterAudio } from './support.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

const RATE = 48_000;

interface Request {
  path: string;
  demuxer?: string;
  audio?: Partial<MasterAudio>;
  layout?: AudioParams['layout'];
  frames?: number;
  fps?: AudioParams['fps'];
  normaliseLufs?: number;
}

async function encode({
  path,
  audio,
  layout = 'stereo',
  frames = 72,
  fps = { num: 24, den: 1 },
  ...rest
}: Request) {
  const source = await stage.put(path);
  const params = {
    id: 'audio',
    source,
    demuxer: 'mov',
    audio: masterAudio(audio),
    layout,
    frames,
    fps,
    ...rest,
  };
  return audioStage.run(params, await freshContext(stage));
}

/** Samples of every channel, −1..1. */
async function decode({ blob, channels }: AudioRendition): Promise<Float32Array[]> {
  const { context } = stage;
  const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
    args: [...openArgs(await context.path(blob), 'mov'), '-f', 'f32le', '-c:a', 'pcm_f32le', '-'],
    frames: 1000,
  });
  const all = new Float32Array(new Uint8Array(stdout).buffer);
  return Array.from({ length: channels }, (_, channel) =>
    all.filter((__, index) => index % channels === channel),
  );
}

function rms(samples: Float32Array, from = 0, to = samples.length): number {
  const part = samples.subarray(from, to);
  return Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
}

/** Amplitude of one frequency over the second from 0.5 s on (a discrete Fourier transform's one bin). */
function amplitude(samples: Float32Array, hertz: number): number {
  let [re, im] = [0, 0];
  for (let n = RATE / 2; n < RATE * 1.5; n += 1) {
    const phase = (2 * Math.PI * hertz * n) / RATE;
    re += (samples[n] ?? 0) * Math.cos(phase);
    im += (samples[n] ?? 0) * Math.sin(phase);
  }
  return (2 * Math.hypot(re, im)) / RATE;
}

/** An expression for each channel, as PCM in MOV. */
function expressionClip(layout: string, expressions: readonly string[], seconds = 3): Promise<string> {
  const source = `aevalsrc=exprs=${expressions.join('|')}:channel_layout=${layout}:sample_rate=${RATE}:d=${seconds}`;
  return makeClip('expression.mov', [
    '-f',
    'lavfi',
    '-i',
    source,
    '-c:a',
    'pcm_s16le',
    '-fflags',
    '+bitexact',
    '-f',
    'mov',
  ]);
}

/** Two milliseconds at 48 kHz: half the onset of what AAC smears. */
const ONSET = 96;

/** First sample that is at least half of full level. */
function onset(samples: Float32Array): number {
  return samples.findIndex((value) => Math.abs(value) > 0.2);
}

describe('length', () => {
  it.each([
    ['a track that is longer than the picture', 60, { num: 24, den: 1 }],
    ['a track that is shorter', 100, { num: 24, den: 1 }],
    ['a rate that divides into no whole samples', 71, { num: 30_000, den: 1001 }],
  ])('is the title’s to the sample: %s', async (_, frames, fps) => {
    const rendition = await encode({ path: await toneClip('stereo', 3), frames, fps });
    const { context } = stage;
    const probed = (await ffprobe(context.run, context.tools.ffprobe, {
      path: await context.path(rendition.blob),
      demuxer: 'mov',
      show: ['-show_streams'],
    })) as { streams: { duration_ts: number; start_pts: number; time_base: string }[] };
    const samples = titleSamples(frames, fps);
    expect(probed.streams[0]).toMatchObject({ time_base: '1/48000', start_pts: 0 });
    expect(probed.streams[0]?.duration_ts).toBe(samples);
    const [left] = await decode(rendition);
    expect(left?.length).toBeGreaterThanOrEqual(samples);
    expect(left?.length).toBeLessThan(samples + 1024);
  });

  it('is filled up with silence', async () => {
    const [left] = await decode(await encode({ path: await toneClip('stereo', 3), frames: 96 }));
    if (!left) throw new Error('nothing decoded');
    expect(rms(left, RATE * 2, RATE * 2.9)).toBeGreaterThan(0.1);
    expect(rms(left, RATE * 3.1, RATE * 4)).toBeLessThan(1e-4);
  });
});

describe('start', () => {
  const burst = ["'if(gte(t,1),0.5*sin(2*PI*1000*t),0)'", "'if(gte(t,1),0.5*sin(2*PI*1000*t),0)'"];

  it.each([
    ['in time', 0, 1],
    ['late', 0.25, 1.25],
    ['early', -0.4, 0.6],
  ])('of a track that is %s keeps its distance to the picture', async (_, offsetSeconds, seconds) => {
    const rendition = await encode({ path: await expressionClip('stereo', burst), audio: { offsetSeconds } });
    const [left] = await decode(rendition);
    if (!left) throw new Error('nothing decoded');
    expect(Math.abs(onset(left) - seconds * RATE)).toBeLessThan(ONSET);
  });

  it('has no audible priming: sound is there from the first sample on', async () => {
    const [left] = await decode(await encode({ path: await toneClip('stereo', 3) }));
    if (!left) throw new Error('nothing decoded');
    const whole = rms(left, RATE, 2 * RATE);
    expect(rms(left, 0, 1024)).toBeGreaterThan(whole * 0.7);
  });

  it('stays in time after a hole in the track', async () => {
    const holed = await makeClip('hole.mkv', [
      ...[
        '-f',
        'lavfi',
        '-i',
        `aevalsrc=exprs=${burst.join('|').replaceAll('gte(t,1)', 'gte(t,2)')}:c=stereo:s=${RATE}:d=3`,
      ],
      ...[
        '-af',
        "asetnsamples=480,aselect='not(between(t,0.5,1.2))'",
        '-c:a',
        'pcm_s16le',
        '-fflags',
        '+bitexact',
      ],
      ...['-f', 'matroska'],
    ]);
    const [left] = await decode(await encode({ path: holed, demuxer: 'matroska' }));
    if (!left) throw new Error('nothing decoded');
    // Matroska keeps milliseconds.
    expect(Math.abs(onset(left) - 2 * RATE)).toBeLessThan(ONSET + 48);
  });

  it('may lie after the end of the picture', async () => {
    const rendition = await encode({
      path: await expressionClip('stereo', burst),
      audio: { offsetSeconds: 10 },
    });
    expect(rendition.loudness).toBeUndefined();
  });
});

it('knows every layout that ffmpeg does, speaker by speaker', async () => {
  const { context } = stage;
  const { stdout } = await context.run({
    ...{ file: context.tools.ffmpeg.path, args: ['-hide_banner', '-layouts'], timeoutMs: 60_000 },
  });
  const [, standard = ''] = stdout.toString('utf8').split('Standard channel layouts:');
  const layouts = [...standard.matchAll(/^(\S+) +([A-Z0-9+]+)$/gm)].filter(([, name]) => name !== 'NAME');
  expect(layouts.length).toBeGreaterThan(35);
  for (const [, name = '', speakers = ''] of layouts) {
    const list = speakers.split('+');
    const wanted = name === 'downmix' ? ['FL', 'FR'] : list;
    expect([name, speakersOf(name, list.length)]).toEqual([name, wanted]);
  }
});

describe('channels', () => {
  it.each(['5.1', '5.1(side)'])('of %s stay where they are', async (layout) => {
    // In ffmpeg's order; low-frequency effects are low: AAC has only the lowest lines for them.
    const tones = [220, 440, 660, 60, 1100, 1320];
    const path = await expressionClip(
      layout,
      tones.map((hertz) => `'0.2*sin(2*PI*${hertz}*t)'`),
    );
    const rendition = await encode({ path, audio: { channels: 6, layout }, layout: '5.1' });
    expect(rendition.channels).toBe(6);
    const channels = await decode(rendition);
    for (const [index, samples] of channels.entries()) {
      for (const [other, hertz] of tones.entries()) {
        const level = amplitude(samples, hertz);
        if (other === index) expect(level).toBeCloseTo(0.2, 1);
        else expect(level).toBeLessThan(0.01);
      }
    }
  });

  it('of 7.1 fold down to stereo by the matrix', async () => {
    const path = await toneClip('7.1', 3);
    const rendition = await encode({ path, audio: { channels: 8, layout: '7.1' } });
    const [left, right] = await decode(rendition);
    if (!left || !right) throw new Error('nothing decoded');
    const scale = 1 + Math.SQRT1_2 + 0.5 + 0.5;
    // FL FR FC LFE BL BR SL SR
    const toLeft = [1, 0, Math.SQRT1_2, 0, 0.5, 0, 0.5, 0];
    const toRight = [0, 1, Math.SQRT1_2, 0, 0, 0.5, 0, 0.5];
    for (let tone = 0; tone < 8; tone += 1) {
      expect(amplitude(left, 220 * (tone + 1))).toBeCloseTo((0.2 * (toLeft[tone] ?? 0)) / scale, 2);
      expect(amplitude(right, 220 * (tone + 1))).toBeCloseTo((0.2 * (toRight[tone] ?? 0)) / scale, 2);
    }
  });

  it('at full scale together do not clip', async () => {
    const path = await expressionClip(
      '5.1',
      Array.from({ length: 6 }, () => "'0.999*sin(2*PI*440*t)'"),
    );
    const rendition = await encode({ path, audio: { channels: 6, layout: '5.1' } });
    expect(rendition.loudness?.truePeak).toBeLessThan(0.5);
    expect(rendition.loudness?.truePeak).toBeGreaterThan(-1);
  });

  it('leave the low-frequency effects out of stereo', async () => {
    const path = await expressionClip('5.1', ['0', '0', '0', "'0.5*sin(2*PI*60*t)'", '0', '0']);
    const rendition = await encode({ path, audio: { channels: 6, layout: '5.1' } });
    expect(rendition.loudness).toBeUndefined();
  });

  it('of mono go to both sides at the same loudness', async () => {
    const path = await expressionClip('mono', ["'0.5*sin(2*PI*1000*t)'"]);
    const rendition = await encode({ path, audio: { channels: 1, layout: 'mono' } });
    const [left, right] = await decode(rendition);
    const difference = left?.map((value, index) => value - (right?.[index] ?? 0)) ?? new Float32Array();
    expect(rms(difference)).toBeLessThan(0.01);
    // BS.1770: a 1 kHz sine with a peak of 0 dBFS in one channel measures −3.01 LUFS; here it is 6.02 dB lower.
    expect(Math.abs((rendition.loudness?.integrated ?? 0) - -9.0)).toBeLessThanOrEqual(0.2);
  });

  it('are at 48 kHz whatever the master has', async () => {
    const path = await toneClip('stereo', 3, 44_100);
    const rendition = await encode({ path, audio: { sampleRate: 44_100 } });
    expect(rendition.sampleRate).toBe(RATE);
    const [left] = await decode(rendition);
    expect(amplitude(left ?? new Float32Array(), 220)).toBeCloseTo(0.2, 2);
  });
});

describe('loudness', () => {
  it('is brought to what is asked for', async () => {
    const path = await toneClip('stereo', 3);
    const kept = await encode({ path });
    const normalised = await encode({ path, normaliseLufs: -23 });
    expect(Math.abs((kept.loudness?.integrated ?? 0) - -23)).toBeGreaterThan(2);
    expect(Math.abs((normalised.loudness?.integrated ?? 0) - -23)).toBeLessThanOrEqual(0.3);
  });

  it('gives way to the true peak', async () => {
    // Quiet sound with one loud moment in each second.
    const spiky = "'if(lt(mod(t,1),0.005),0.7,0.01)*sin(2*PI*1000*t)'";
    const rendition = await encode({
      path: await expressionClip('stereo', [spiky, spiky]),
      normaliseLufs: -14,
    });
    expect(rendition.loudness?.truePeak).toBeLessThanOrEqual(-1);
    expect(rendition.loudness?.truePeak).toBeGreaterThan(-4);
    expect(rendition.loudness?.integrated).toBeLessThan(-16);
  });

  it('of silence is not given', async () => {
    const rendition = await encode({ path: await expressionClip('stereo', ['0', '0']), normaliseLufs: -23 });
    expect(rendition.loudness).toBeUndefined();
  });
});

it('is encoded to the same bytes again', async () => {
  const request = {
    path: await toneClip('5.1', 3),
    audio: { channels: 6, layout: '5.1' },
    normaliseLufs: -23,
  };
  expect(await encode(request)).toEqual(await encode(request));
});

it('carries what the master says of the track', async () => {
  const rendition = await encode({
    path: await toneClip('stereo', 3),
    audio: { language: 'deu', title: 'Kommentar', default: false },
  });
  expect(rendition).toMatchObject({
    track: 0,
    language: 'de',
    title: 'Kommentar',
    default: false,
    codecString: 'mp4a.40.2',
  });
  expect(rendition.bitrate).toBeGreaterThan(100_000);
});
