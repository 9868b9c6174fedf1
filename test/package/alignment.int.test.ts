import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SoundTrack, atmosMaster, holedMaster, soundMaster } from '../../fixtures/sound-masters.js';
import { titleSamples } from '../../src/package/audio/timing.js';
import { AUDIO_CODECS, verifyStage } from '../../src/package/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { SHAPE, type Shipped, heard, lagOf, ship, textOf } from './sound.js';
import { freshContext } from './support.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

const FPS = `${SHAPE.fps.num}/${SHAPE.fps.den}`;
/** 7.8 s */
const SECONDS = (SHAPE.frames * SHAPE.fps.den) / SHAPE.fps.num;
const BURSTS = [0.5, 7];

/** Every kind of track that masters have, in one. */
const TRACKS: (SoundTrack & { what: string })[] = [
  { what: 'stereo', layout: 'stereo', channels: 2, bursts: BURSTS, seconds: SECONDS, language: 'eng' },
  { what: 'mono', layout: 'mono', channels: 1, bursts: BURSTS, seconds: SECONDS, language: 'fra' },
  { what: '5.1', layout: '5.1', channels: 6, bursts: BURSTS, seconds: SECONDS, language: 'ger' },
  { what: '5.1(side)', layout: '5.1(side)', channels: 6, bursts: BURSTS, seconds: SECONDS, language: 'spa' },
  {
    what: '7.1, and longer',
    layout: '7.1',
    channels: 8,
    bursts: BURSTS,
    seconds: SECONDS + 1,
    language: 'ita',
  },
  {
    what: '44.1 kHz',
    layout: 'stereo',
    channels: 2,
    bursts: BURSTS,
    seconds: SECONDS,
    rate: 44_100,
    language: 'por',
  },
  { what: 'short', layout: 'stereo', channels: 2, bursts: [0.5, 6], seconds: 6.2, language: 'dan' },
  {
    what: 'late',
    layout: 'stereo',
    channels: 2,
    bursts: BURSTS,
    seconds: SECONDS - 0.25,
    delay: 0.25,
    language: 'dut',
  },
  {
    what: 'a second English one',
    layout: 'stereo',
    channels: 2,
    bursts: [1, 6.5],
    seconds: SECONDS,
    language: 'eng',
  },
];

describe('every kind of track in every codec', () => {
  let shipped: Shipped;
  beforeAll(async () => {
    const master = await soundMaster({ fps: FPS, frames: SHAPE.frames, tracks: TRACKS });
    shipped = await ship(stage, master, { codecs: ['aac', 'eac3', 'opus'] });
  }, 120_000);

  it.each(TRACKS.map((track, index) => [track.what, index, track] as const))(
    'is heard when the master has it, at the start and at the end: %s',
    async (_, index, { bursts, delay = 0 }) => {
      const own = shipped.params.audios.filter(({ track }) => track === index);
      expect(new Set(own.map(({ codec = 'aac' }) => codec))).toEqual(new Set(['aac', 'eac3', 'opus']));
      const samples = titleSamples(SHAPE.frames, SHAPE.fps);
      for (const { id, codec = 'aac' } of own) {
        const { frame } = AUDIO_CODECS[codec];
        const channel = await heard(stage, shipped, id);
        expect(channel.length).toBeGreaterThanOrEqual(samples);
        expect(channel.length).toBeLessThan(samples + frame);
        // A frame is what is asked for; what is left is what codecs blur.
        const lags = bursts.map((at) => lagOf(channel, at + delay));
        for (const lag of lags)
          expect(Math.abs(lag), `${id}: ${lags.join(', ')} samples`).toBeLessThanOrEqual(16);
      }
    },
  );

  it('passes verification', async () => {
    const { params, packaged } = shipped;
    const context = await freshContext(stage);
    const { findings } = await verifyStage.run({ ...params, files: packaged.files }, context);
    expect(findings).toEqual([]);
  });

  it('has a name of its own in HLS, and an adaptation set of its own in DASH', async () => {
    const master = await textOf(stage, shipped, 'master.m3u8');
    const lines = master.split('\n').filter((line) => line.startsWith('#EXT-X-MEDIA:TYPE=AUDIO'));
    for (const group of ['stereo', 'surround', 'eac3']) {
      const names = lines
        .filter((line) => line.includes(`GROUP-ID="${group}"`))
        .map((line) => /NAME="([^"]*)"/.exec(line)?.[1]);
      expect(names).toHaveLength(TRACKS.length);
      expect(new Set(names)).toEqual(new Set(['en', 'fr', 'de', 'es', 'it', 'pt', 'da', 'nl', 'en 2']));
    }
    expect(master).not.toContain('opus');
    const mpd = await textOf(stage, shipped, 'manifest.mpd');
    const sets = mpd.match(/<AdaptationSet[^>]*contentType="audio"/g) ?? [];
    expect(sets).toHaveLength(shipped.params.audios.length);
  });
});

describe('a track that is Dolby Atmos', () => {
  const [leadFrames, complexity] = [7, 15];
  const lead = (leadFrames * SHAPE.fps.den) / SHAPE.fps.num;
  let shipped: Shipped;
  beforeAll(async () => {
    const master = await atmosMaster(
      { fps: FPS, frames: SHAPE.frames },
      { bursts: BURSTS.map((at) => at + lead), seconds: 9, leadFrames, complexity },
    );
    shipped = await ship(stage, master, {});
  }, 60_000);

  it('is copied, and in time', async () => {
    expect(shipped.params.audios.map(({ id, copied, joc }) => [id, copied, joc])).toEqual([
      ['audio-en-stereo', undefined, undefined],
      ['audio-en-5.1', undefined, undefined],
      ['audio-en-5.1-eac3', true, complexity],
    ]);
    const channel = await heard(stage, shipped, 'audio-en-5.1-eac3');
    // A raw stream has no place to say what its encoder's delay is: the master is 256 samples late already.
    for (const at of BURSTS) expect(Math.abs(lagOf(channel, at) - 256)).toBeLessThanOrEqual(16);
  });

  it('is said to be by both manifests, and by the sample entry', async () => {
    const master = await textOf(stage, shipped, 'master.m3u8');
    expect(master).toMatch(/GROUP-ID="eac3".*CHANNELS="15\/JOC"/);
    expect(master).toMatch(/CODECS="avc1[^"]*,ec-3"/);
    const mpd = await textOf(stage, shipped, 'manifest.mpd');
    expect(mpd).toContain('tag:dolby.com,2018:dash:EC3_ExtensionType:2018" value="JOC"');
    expect(mpd).toContain('tag:dolby.com,2018:dash:EC3_ExtensionComplexityIndex:2018" value="15"');
  });

  it('passes verification', async () => {
    const { params, packaged } = shipped;
    const context = await freshContext(stage);
    const { findings } = await verifyStage.run({ ...params, files: packaged.files }, context);
    expect(findings).toEqual([]);
  });
});

it.each([
  ['without a hole is copied', [0, 0], true],
  ['with a hole is encoded, so that what comes after the hole is in time', [100, 116], undefined],
] as const)(
  'a track in E-AC-3 %s',
  async (_, hole, copied) => {
    const master = await holedMaster(
      { fps: FPS, frames: SHAPE.frames },
      { bursts: BURSTS, seconds: 9, hole },
    );
    const shipped = await ship(stage, master, { codecs: ['aac', 'eac3'] });
    expect(shipped.params.audios.map(({ id, copied }) => [id, copied])).toEqual([
      ['audio-en-stereo', undefined],
      ['audio-en-5.1', undefined],
      ['audio-en-5.1-eac3', copied],
    ]);
    const channel = await heard(stage, shipped, 'audio-en-5.1-eac3');
    // As above, the master is late by its encoder's delay.
    for (const at of BURSTS) expect(Math.abs(lagOf(channel, at) - 256)).toBeLessThanOrEqual(64);
  },
  60_000,
);
