import { describe, expect, it } from 'vitest';
import { detectMarkers } from '../../../src/package/delivery/markers/detect.js';
import { manualMarkers, markersFile, titleMarkers } from '../../../src/package/delivery/markers/merge.js';
import { spliceSection } from './sections.js';
import { LevelLog, musicLike, secondsOf, silences } from '../../../src/package/delivery/markers/sound.js';
import type { GivenMarker, Marker } from '../../../src/package/index.js';
import { FPS } from './support.js';

/** Levels of 0.05 s: music is steady, speech has pauses, silence is silent. */
const of = (seconds: number, level: (block: number) => number): number[] =>
  Array.from({ length: Math.round(seconds * 20) }, (_, block) => level(block));
const music = (seconds: number): number[] => of(seconds, (block) => -18 + (block % 3));
/** Syllables of 0.2 s with pauses as long every other time. */
const speech = (seconds: number): number[] => of(seconds, (block) => (block % 8 < 5 ? -20 : -42));
const quiet = (seconds: number): number[] => of(seconds, () => -80);

describe('levels', () => {
  it('are read however the pipe cuts them', () => {
    const lines =
      'frame:0 pts:0\nlavfi.astats.Overall.RMS_level=-20.5\nframe:1\nlavfi.astats.Overall.RMS_level=-inf\n';
    for (let cut = 0; cut <= lines.length; cut += 1) {
      const log = new LevelLog();
      log.push(Buffer.from(lines.slice(0, cut)));
      log.push(Buffer.from(lines.slice(cut)));
      expect(log.end()).toEqual([-20.5, -200]);
    }
  });

  it('tell silence, and music from speech', () => {
    const levels = [...speech(10), ...quiet(0.3), ...music(10), ...quiet(0.25), ...speech(10), ...quiet(1)];
    expect(silences(levels).map(({ start, end }) => [start.toFixed(2), end.toFixed(2)])).toEqual([
      ['10.00', '10.30'],
      ['30.55', '31.55'],
    ]);
    const heard = musicLike(secondsOf([...speech(20), ...music(20), ...quiet(20)]));
    expect(heard).toHaveLength(60);
    expect([heard.slice(0, 17), heard.slice(23, 37), heard.slice(43)].map((part) => new Set(part))).toEqual([
      new Set([false]),
      new Set([true]),
      new Set([false]),
    ]);
  });
});

describe('guesses', () => {
  const frames = 600 * 24;
  const nothing = { frames, fps: FPS, black: [], plain: [] };
  /** A cold open, an intro, two acts, credits. */
  const levels = [
    ...[
      speech(40),
      quiet(1),
      music(45),
      quiet(1),
      speech(213),
      quiet(1),
      speech(239),
      quiet(1),
      music(59),
    ].flat(),
  ];
  const black = [40, 86, 300, 540].map((second) => ({ start: second * 24, end: (second + 1) * 24 }));

  it('are what black, silence and music say', () => {
    expect(detectMarkers({ ...nothing, black }, { levels })).toEqual([
      {
        ...{ id: 'intro-1', kind: 'intro', source: 'detected', confidence: 0.95 },
        ...{ startFrame: 41 * 24, endFrame: 86 * 24 },
        evidence: ['100% like music', 'black and silence before it', 'black and silence after it'],
      },
      {
        ...{ id: 'adbreak-1', kind: 'adbreak', source: 'detected', confidence: 0.55 },
        ...{ startFrame: 300.5 * 24, endFrame: 300.5 * 24, evidence: ['1.00 s black and silent'] },
      },
      {
        ...{ id: 'credits-1', kind: 'credits', source: 'detected', confidence: 0.7 },
        ...{ startFrame: 541 * 24, endFrame: frames },
        evidence: ['100% like music', 'black and silence before it'],
      },
    ]);
  });

  it('are less sure with less evidence, and none without any', () => {
    const heard = detectMarkers(nothing, { levels });
    expect(heard.map(({ kind, confidence }) => [kind, confidence])).toEqual([
      ['intro', 0.7],
      ['credits', 0.55],
    ]);
    expect(detectMarkers({ ...nothing, black }, { levels: speech(600) })).toEqual([]);
    expect(detectMarkers({ ...nothing, black }, { levels: [] })).toEqual([]);
    expect(detectMarkers({ ...nothing, frames: 119 * 24, black }, { levels })).toEqual([]);
  });

  it('at credits are made of plain shots too, without sound', () => {
    const plain = [
      { start: 0, end: 541 * 24, palette: 0.1 },
      { start: 541 * 24, end: frames, palette: 0.9 },
    ];
    expect(detectMarkers({ ...nothing, black, plain }, { levels: [] })).toMatchObject([
      {
        kind: 'credits',
        startFrame: 541 * 24,
        confidence: 0.6,
        evidence: ['100% of few shades', 'black before it'],
      },
    ]);
  });
});

describe('markers of a title', () => {
  const title = { frames: 2400, fps: FPS };
  const given = (over: Partial<GivenMarker>): GivenMarker => ({
    ...{ kind: 'intro', start: { seconds: 10 }, end: { frame: 480 } },
    ...over,
  });

  it('are given in seconds or frames, and end with it', () => {
    const { end: _end, ...point } = given({ kind: 'adbreak', start: { seconds: 50.02 } });
    expect(
      manualMarkers(
        [given({}), given({ kind: 'credits', start: { frame: 2000 }, end: { seconds: 999 } }), point],
        title,
      ),
    ).toEqual([
      { id: 'intro-1', kind: 'intro', source: 'manual', confidence: 1, startFrame: 240, endFrame: 480 },
      { id: 'adbreak-1', kind: 'adbreak', source: 'manual', confidence: 1, startFrame: 1200, endFrame: 1200 },
      { id: 'credits-1', kind: 'credits', source: 'manual', confidence: 1, startFrame: 2000, endFrame: 2400 },
    ]);
  });

  it.each([
    [[given({ start: { frame: 2400 } })], 'begins at frame 2400, and the title has 2400 (100.000 s)'],
    [[given({ end: { seconds: 10 } })], 'ends where or before it begins'],
    [[given({}), given({ start: { frame: 479 }, end: { frame: 500 } })], 'overlaps marker 2'],
    [[given({ scte35: { out: 'fc' } })], 'which only ad breaks have'],
    [[given({ kind: 'adbreak', scte35: { in: 'fc30' } })], 'cannot be read: it ends too early'],
  ])('are refused: %j', (list, why) => {
    expect(() => manualMarkers(list, title)).toThrow(why);
  });

  it('of SCTE-35 may overlap, and guesses that nobody confirmed stay guesses', () => {
    const scte35 = { out: spliceSection({ eventId: 1, out: true }).toString('hex') };
    const spliced = given({ kind: 'adbreak', scte35 });
    const guess = { confidence: 0.55, evidence: ['0.40 s black and silent'] };
    const markers = manualMarkers([spliced, spliced, given({ guess })], title);
    expect(markers.map(({ id, source, ...marker }) => [id, source, marker.scte35])).toEqual([
      ['adbreak-1', 'manual', scte35],
      ['adbreak-2', 'manual', scte35],
      ['intro-1', 'detected', undefined],
    ]);
    expect(titleMarkers(markers, undefined, 0.6).map(({ inManifests }) => inManifests)).toEqual([
      ...[true, true, false],
    ]);
    expect(markers[2]).toMatchObject(guess);
  });

  it('that people give replace all others of their kind, and SCTE-35 guesses', () => {
    const marker = (kind: Marker['kind'], source: Marker['source'], confidence: number): Marker => ({
      ...{ id: `${kind}-${source}`, kind, source, confidence, startFrame: 10, endFrame: 20 },
    });
    const found = {
      splices: [marker('adbreak', 'scte35', 1)],
      detected: [
        marker('adbreak', 'detected', 0.9),
        marker('intro', 'detected', 0.9),
        marker('credits', 'detected', 0.5),
      ],
      findings: [],
    };
    const ids = (manual: Marker[]) =>
      titleMarkers(manual, found, 0.6).map(({ id, inManifests }) => [id, inManifests]);
    expect(ids([])).toEqual([
      ['adbreak-scte35', true],
      ['credits-detected', false],
      ['intro-detected', true],
    ]);
    expect(ids([marker('intro', 'manual', 1), marker('adbreak', 'manual', 1)])).toEqual([
      ['adbreak-manual', true],
      ['credits-detected', false],
      ['intro-manual', true],
    ]);
    expect(titleMarkers([], undefined, 0.6)).toEqual([]);
    expect(
      JSON.parse(markersFile(titleMarkers([marker('intro', 'manual', 1)], undefined, 1), title)),
    ).toEqual({
      ...{ schemaVersion: 1, frames: 2400, fps: '24/1' },
      markers: [
        {
          ...{ id: 'intro-manual', kind: 'intro', startFrame: 10, endFrame: 20, startSeconds: 0.416667 },
          ...{ endSeconds: 0.833333, source: 'manual', confidence: 1, inManifests: true },
        },
      ],
    });
  });
});
