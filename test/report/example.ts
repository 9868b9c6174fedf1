import type { Report } from '../../src/report/index.js';

/** Numbers in [0, 1) that look random and are the same each time (Park and Miller's generator). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

interface ModelShot {
  frames: number;
  detail: number;
  motion: number;
}

const RESOLUTIONS = [
  [256, 144],
  [416, 234],
  [640, 360],
  [960, 540],
  [1280, 720],
  [1920, 1080],
] as const;
type Size = (typeof RESOLUTIONS)[number];
const PROBE_CRFS = [20, 25, 30, 36, 43];
const TARGETS = [96, 91, 85, 78, 70, 61, 50, 38];
const FPS = 24;

/** Bits of an encode: falls by half every 6 crf, grows less than the number of pixels does. */
function bitsOf(shot: ModelShot, [width, height]: Size, crf: number): number {
  const perFrame = 42 * (width * height) ** 0.62 * shot.detail * (0.35 + shot.motion) * 2 ** ((23 - crf) / 6);
  return Math.round(perFrame * shot.frames);
}

/** VMAF of an encode: a ceiling from upscaling, less what quantisation takes. */
function vmafOf(shot: ModelShot, [, height]: Size, crf: number): number {
  const ceiling = 100 - 62 * (1 - height / 1080) ** 2.6 * (0.75 + 0.35 * shot.detail);
  const loss = 2.1 * 2 ** ((crf - 23) / 6.5) * (0.65 + 0.5 * shot.motion) * (1080 / height) ** 0.22;
  return Math.max(3, Math.min(100, ceiling - loss));
}

const exact = (value: number): number => Number(value.toFixed(4));

function pooled(mean: number): Report['probes'][number]['vmaf'] {
  const gap = (100 - mean) * 0.35 + 0.8;
  return {
    mean: exact(mean),
    harmonicMean: exact(Math.max(0, mean - gap * 0.12)),
    p5: exact(Math.max(0, mean - gap)),
    min: exact(Math.max(0, mean - 2.2 * gap)),
  };
}

const hex = (seed: number): string => {
  const next = generator(seed + 17);
  return Array.from({ length: 64 }, () => Math.floor(next() * 16).toString(16)).join('');
};

const CRFS = Array.from({ length: 36 }, (_, i) => 16 + i);

/** For every shot the bits and the frame-weighted score at every crf. */
type Table = { bits: number; quality: number }[][];

function tableOf(shots: readonly ModelShot[], size: Size): Table {
  return shots.map((shot) =>
    CRFS.map((crf) => ({ bits: bitsOf(shot, size, crf), quality: shot.frames * vmafOf(shot, size, crf) })),
  );
}

/** crf of every shot for a slope, at one resolution: argmax of D − λR over whole crf values. */
function atSlope(table: Table, slope: number): number[] {
  return table.map((row) => {
    let best = { crf: 51, value: -Infinity };
    row.forEach(({ bits, quality }, i) => {
      const value = quality - slope * bits;
      if (value > best.value) best = { crf: CRFS[i] ?? 51, value };
    });
    return best.crf;
  });
}

function totals(
  shots: readonly ModelShot[],
  size: Size,
  crfs: readonly number[],
): { bits: number; vmaf: number } {
  const frames = shots.reduce((sum, shot) => sum + shot.frames, 0);
  const crf = (i: number): number => crfs[i] ?? 51;
  return {
    bits: shots.reduce((sum, shot, i) => sum + bitsOf(shot, size, crf(i)), 0),
    vmaf: shots.reduce((sum, shot, i) => sum + shot.frames * vmafOf(shot, size, crf(i)), 0) / frames,
  };
}

/** For a target score, the cheapest resolution and its crf values. */
function rung(
  shots: readonly ModelShot[],
  tables: readonly Table[],
  target: number,
): { size: Size; crfs: number[] } {
  const found = RESOLUTIONS.map((size, index) => {
    const table = tables[index] ?? [];
    let [low, high] = [1e-9, 1];
    for (let i = 0; i < 26; i++) {
      const middle = Math.sqrt(low * high);
      if (totals(shots, size, atSlope(table, middle)).vmaf >= target) low = middle;
      else high = middle;
    }
    const crfs = atSlope(table, low);
    return { size, crfs, ...totals(shots, size, crfs) };
  });
  const reaching = found.filter((candidate) => candidate.vmaf >= target);
  const best = (reaching.length > 0 ? reaching : found.slice(-1)).sort((a, b) => a.bits - b.bits)[0];
  if (best === undefined) throw new Error('no resolutions');
  return best;
}

function renditionOf(
  shots: readonly ModelShot[],
  size: Size,
  crfs: readonly number[],
  seed: number,
): Report['renditions'][number] {
  const frames = shots.reduce((sum, shot) => sum + shot.frames, 0);
  const { bits, vmaf } = totals(shots, size, crfs);
  const rates = shots.map((shot, i) => (bitsOf(shot, size, crfs[i] ?? 51) / shot.frames) * FPS);
  const averageBitrate = exact((bits / frames) * FPS);
  return {
    id: `h264-${size[1]}p-${Math.round(averageBitrate / 1000)}k`,
    codec: 'h264',
    width: size[0],
    height: size[1],
    averageBitrate,
    peakBitrate: exact(Math.max(...rates) * 1.2),
    bits,
    frames,
    sha256: hex(seed),
    vmaf: { ...pooled(vmaf), model: 'vmaf_v0.6.1', subsample: 1 },
    chunks: shots.map((shot, i) => ({
      shot: i,
      crf: crfs[i] ?? 51,
      bits: bitsOf(shot, size, crfs[i] ?? 51),
      vmaf: pooled(vmafOf(shot, size, crfs[i] ?? 51)),
      artifact: hex(seed * 1000 + i),
    })),
  };
}

/** What a report says of an encrypted title, for one that has it. */
export function exampleProtection(report: Report): NonNullable<Report['protection']> {
  return {
    ...{ scheme: 'cbcs', systems: ['widevine', 'fairplay'], preset: 'tiers', clearLeadSeconds: 6 },
    ...{ contentId: hex(1).slice(0, 32), keyService: 'built in' },
    keys: [
      { label: 'HD', keyId: hex(2).slice(0, 32), renditions: report.renditions.map(({ id }) => id) },
      {
        label: 'AUDIO',
        keyId: hex(3).slice(0, 32),
        constantIv: hex(4).slice(0, 32),
        renditions: ['audio-en'],
      },
    ],
  };
}

export interface ExampleOptions {
  shots?: number;
  seed?: number;
  name?: string;
}

/** A report as a real title gives it, from a model of rate and quality; the same for equal options. */
export function exampleReport({
  shots: count = 5,
  seed = 7,
  name = 'Example title',
}: ExampleOptions = {}): Report {
  const random = generator(seed);
  const shots = Array.from({ length: count }, (): ModelShot => ({
    frames: 24 + Math.floor(random() ** 2 * 220),
    detail: 0.4 + random() * 1.2,
    motion: random() ** 1.5,
  }));
  const tables = RESOLUTIONS.map((size) => tableOf(shots, size));
  const frames = shots.reduce((sum, shot) => sum + shot.frames, 0);
  let end = 0;
  const starts = shots.map((shot) => (end += shot.frames) - shot.frames);
  const probes = shots.flatMap((shot, index) =>
    RESOLUTIONS.flatMap((size) =>
      PROBE_CRFS.map((crf) => ({
        shot: index,
        codec: 'h264',
        width: size[0],
        height: size[1],
        crf,
        bits: bitsOf(shot, size, crf),
        vmaf: pooled(vmafOf(shot, size, crf)),
        cpuSeconds: exact((shot.frames * size[0] * size[1]) / 4e6 + shot.frames / 12),
      })),
    ),
  );
  const cpu = probes.reduce((sum, probe) => sum + probe.cpuSeconds, 0);
  return {
    schemaVersion: 1,
    title: { name, durationSeconds: exact(frames / FPS), frames, fps: '24/1', width: 1920, height: 1080 },
    master: {
      sha256: hex(seed),
      container: 'mov',
      video: {
        codec: 'h264',
        profile: 'High',
        width: 1920,
        height: 1080,
        pixelFormat: 'yuv420p',
        bitDepth: 8,
        sampleAspectRatio: '1:1',
        rotation: 0,
        fieldOrder: 'progressive',
        fps: '24/1',
        variableFrameRate: false,
        colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
        bitrate: 5_940_000,
      },
      audio: [
        {
          track: 0,
          codec: 'aac',
          channels: 6,
          layout: '5.1',
          sampleRate: 48_000,
          language: 'eng',
          title: 'Surround',
          default: true,
          durationSeconds: exact(frames / FPS),
          offsetSeconds: 0,
        },
      ],
      text: [{ track: 0, codec: 'subrip', language: 'eng' }],
      findings: [
        {
          code: 'black-frames',
          severity: 'warning',
          startFrame: 0,
          endFrame: 12,
          message: 'The picture is black for 12 frames at the start.',
        },
        {
          code: 'loudness-high',
          severity: 'info',
          message: 'Integrated loudness is -16.2 LUFS, 6.8 LU above -23 LUFS.',
        },
        {
          code: 'frozen-frames',
          severity: 'error',
          startFrame: Math.floor(frames * 0.6),
          endFrame: Math.floor(frames * 0.6) + Math.min(18, Math.ceil(frames * 0.02)),
          message: 'The picture does not change although the sound goes on.',
        },
      ],
    },
    shots: shots.map((shot, index) => ({
      index,
      startFrame: starts[index] ?? 0,
      endFrame: (starts[index] ?? 0) + shot.frames,
      complexity: {
        spatial: exact(18 + 30 * shot.detail),
        temporal: exact(1 + 16 * shot.motion),
        palette: exact(0.3 / (1 + shot.detail)),
        unchanged: exact(0.9 / (1 + shot.motion)),
      },
    })),
    probes,
    renditions: TARGETS.map((target, i) => {
      const { size, crfs } = rung(shots, tables, target);
      return renditionOf(shots, size, crfs, seed * 100 + i);
    }),
    cost: {
      wallSeconds: exact(cpu * 0.62),
      cpuSeconds: {
        ingest: exact(frames / 90),
        chunk: exact(frames / 60),
        probe: exact(cpu),
        encode: exact(cpu * 0.21),
        assemble: 0.42,
        package: 1.9,
        verify: exact(frames / 40),
      },
      encodes: probes.length + 4 * count,
      cacheHits: 4 * count,
    },
    tools: {
      ffmpeg: 'n7.0-7-gd38bf5e08e-20240407',
      libvmaf: '3.0.0',
      packager: 'v3.4.2-c819dea-release',
      node: 'v20.20.0',
      hullcast: '0.1.0',
    },
  };
}

/** Sound of a title: AAC, a copy with Dolby Atmos, a silent commentary. */
export function exampleAudios(): NonNullable<Report['audios']> {
  const common = { track: 0, language: 'en', name: 'en', sampleRate: 48_000, sha256: hex(9) };
  return [
    {
      ...common,
      ...{ id: 'audio-en-stereo', role: 'main', default: true, codec: 'aac', codecString: 'mp4a.40.2' },
      ...{ copied: false, channels: 2, bitrate: 128_000 },
      loudness: { integrated: -23.1, range: 6, truePeak: -2 },
    },
    {
      ...common,
      ...{ id: 'audio-en-5.1-eac3', role: 'main', default: true, codec: 'eac3', codecString: 'ec-3' },
      ...{ copied: true, channels: 6, bitrate: 768_000, joc: 16, dialnorm: -24 },
      loudness: { integrated: -24, range: 8, truePeak: -3 },
    },
    {
      ...common,
      ...{ id: 'audio-en-2-stereo', track: 1, name: 'en (commentary)', role: 'commentary', default: false },
      ...{ codec: 'opus', codecString: 'opus', copied: false, channels: 2, bitrate: 96_000 },
    },
  ];
}
