import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Config,
  addConfigOptions,
  loadConfig,
  memoryOf,
  mergeOptions,
  subsampleOf,
} from '../../src/cli/config.js';
import { parseConfigFile } from '../../src/cli/config/file.js';
import { configFlags } from '../../src/cli/config/flags.js';
import { audioTrackOf } from '../../src/cli/config/audio-tracks.js';
import { CONFIG } from '../../src/cli/config/schema.js';
import { CONFIG_KEYS, configKey, editDistance, nearestKey } from '../../src/cli/config/keys.js';
import { HullcastError } from '../../src/errors.js';

const DEFAULTS: Config = {
  encode: {
    codecs: ['h264'],
    preset: 'medium',
    av1Preset: 6,
    vp9Preset: 2,
    tune: 'auto',
    segmentSeconds: 4,
    targetVmaf: 95,
    minVmaf: 40,
    stepVmaf: 6,
    stepRatio: 1.5,
    peakRatio: 2,
    floorDrop: 15,
    strict: false,
    speed: 'default',
    allocate: 'shot',
  },
  chunk: { maxSeconds: 12 },
  score: { subsample: 'auto', neg: false },
  audio: { codecs: ['aac'], passthrough: 'auto' },
  drm: { scheme: 'cbcs', keys: 'tiers', clearLeadSeconds: 0 },
  text: { embedded: 'all' },
  images: { enabled: true, thumbnails: 5, posters: 5 },
  devices: {},
  markers: { detect: 'auto', minConfidence: 0.6 },
  delivery: {},
  watermark: { enabled: false, sessionBits: 32, fromHeight: 0 },
  ingest: { maxDurationSeconds: 43_200, maxPixels: 8192 * 4320, maxStreams: 64 },
  workers: { concurrency: 'auto', memory: 'auto' },
  home: '.hullcast',
};

function refusal(text: string): string {
  try {
    parseConfigFile(text, 'hullcast.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(HullcastError);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', exitCode: 2 });
    return (error as HullcastError).message;
  }
  throw new Error('was not refused');
}

describe('a configuration file', () => {
  it.each(['', '# nothing\n', '{}', '---\n', 'encode:\n  # preset: slow\nscore:\n'])(
    'may say nothing: %j',
    (text) => {
      expect(mergeOptions(parseConfigFile(text, 'x'), {})).toMatchObject(DEFAULTS);
    },
  );

  it('gives what it says and leaves the rest to the defaults', () => {
    const file = parseConfigFile('encode:\n  preset: slow\n  maxHeight: 720\nscore: { neg: true }\n', 'x');
    expect(mergeOptions(file, {})).toMatchObject({
      ...DEFAULTS,
      encode: { ...DEFAULTS.encode, preset: 'slow', maxHeight: 720 },
      score: { subsample: 'auto', neg: true },
    });
  });

  it.each([
    [
      '# c\n\nenocde:\n  preset: slow\n',
      'unknown key `enocde.preset` in hullcast.yaml line 3: did you mean `encode.preset`?',
    ],
    [
      'encode:\n  preset: slow\n  segmentSecond: 4\n',
      'unknown key `encode.segmentSecond` in hullcast.yaml line 3: did you mean `encode.segmentSeconds`?',
    ],
    [
      'chunk:\n  preset: slow\n',
      'unknown key `chunk.preset` in hullcast.yaml line 2: did you mean `encode.preset`?',
    ],
    ['hme: /x\n', 'unknown key `hme` in hullcast.yaml line 1: did you mean `home`?'],
    ['encodes: 5\n', 'unknown key `encodes` in hullcast.yaml line 1: did you mean `encode`?'],
    ['colour:\n', 'unknown key `colour` in hullcast.yaml line 1'],
    ['colour: blue\n', 'unknown key `colour` in hullcast.yaml line 1'],
  ])('refuses an unknown key: %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each([
    [
      'encode:\n  segmentSeconds: ten\n',
      '`encode.segmentSeconds` in hullcast.yaml line 2: found "ten", allowed is a number from 2 to 6',
    ],
    [
      'encode:\n  segmentSeconds: 7\n',
      '`encode.segmentSeconds` in hullcast.yaml line 2: found 7, allowed is a number from 2 to 6',
    ],
    [
      'encode:\n  maxHeight: 720.5\n',
      '`encode.maxHeight` in hullcast.yaml line 2: found 720.5, allowed is a whole number from 64 to 4320',
    ],
    [
      'score:\n\n  subsample: 4\n',
      '`score.subsample` in hullcast.yaml line 3: found 4, allowed is auto, every, or an odd whole number from 1 to 99',
    ],
    ['score:\n  neg: yes\n', '`score.neg` in hullcast.yaml line 2: found "yes", allowed is true or false'],
    [
      'encode:\n  codecs: [h264, vp8]\n',
      '`encode.codecs` in hullcast.yaml line 2: found ["h264","vp8"], allowed is a list without repeats, each one of h264, hevc, av1, vp9',
    ],
    [
      'encode:\n  codecs: []\n',
      '`encode.codecs` in hullcast.yaml line 2: found [], allowed is a list without repeats, each one of h264, hevc, av1, vp9',
    ],
    ['encode: 5\n', '`encode` in hullcast.yaml line 1: found 5, allowed is a mapping of keys'],
    ['home: ""\n', '`home` in hullcast.yaml line 1: found "", allowed is text'],
    ['- a\n', 'hullcast.yaml holds ["a"], allowed is a mapping of keys'],
  ])('refuses a wrong value: %j', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it('says which values an enumeration has', () => {
    expect(refusal('encode: { preset: fastish }')).toContain(
      'allowed is one of ultrafast, superfast, veryfast, ',
    );
  });

  it('refuses text that is no YAML, with the line', () => {
    expect(refusal('encode:\n  preset: [slow\n')).toMatch(/^hullcast\.yaml line \d is not valid YAML: /);
    expect(refusal('home: a\nhome: b\n')).toBe(
      'hullcast.yaml line 2 is not valid YAML: Map keys must be unique',
    );
  });

  it('tells of several mistakes at once, but not of all', () => {
    const lines = refusal(
      'encode: { preset: 1, speed: 2, minVmaf: x, stepVmaf: x, stepRatio: x, peakRatio: x }',
    ).split('\n');
    expect(lines).toHaveLength(6);
    expect(lines.at(-1)).toBe('  and 1 more');
  });

  it('never fails in another way, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseConfigFile(JSON.stringify(value), 'x');
        } catch (error) {
          expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
        }
      }),
    );
  });
});

describe('mergeOptions', () => {
  it('takes the flag over the file over the default, key by key, and changes neither', () => {
    const file = Object.freeze({ encode: Object.freeze({ preset: 'slow', minVmaf: 50 } as const) });
    const flags = Object.freeze({ encode: Object.freeze({ preset: 'fast' } as const), home: '/h' });
    const merged = mergeOptions(file, flags);
    expect(merged.encode).toMatchObject({ preset: 'fast', minVmaf: 50, targetVmaf: 95 });
    expect(merged.home).toBe('/h');
  });

  it('takes a list as a whole', () => {
    expect(
      mergeOptions({ encode: { codecs: ['h264', 'h264'] } }, { encode: { codecs: ['h264'] } }).encode.codecs,
    ).toEqual(['h264']);
  });

  it('refuses values that contradict each other', () => {
    expect(() => mergeOptions({ encode: { minVmaf: 95 } }, {})).toThrow(
      /encode\.minVmaf \(95\) must be less/,
    );
    expect(() => mergeOptions({ chunk: { maxSeconds: 3 } }, {})).toThrow(/chunk\.maxSeconds \(3\)/);
    expect(() => mergeOptions({ chunk: { maxSeconds: 3 } }, { encode: { segmentSeconds: 3 } })).not.toThrow();
  });
});

describe('flags', () => {
  const parse = (...argv: string[]): ReturnType<typeof configFlags> => {
    const command = addConfigOptions(new Command('x'))
      .exitOverride()
      .configureOutput({ writeErr: () => undefined });
    return configFlags(command.parse(argv, { from: 'user' }).opts());
  };

  it.each([
    ['every', 'every', 1],
    ['1', 1, 1],
    ['7', 7, 7],
  ])('--score %s scores every frame or every n-th', (text, subsample, factor) => {
    expect(parse('--score', text)).toEqual({ score: { subsample } });
    expect(subsampleOf(mergeOptions({}, parse('--score', text)).score)).toBe(factor);
    expect(subsampleOf(mergeOptions(parseConfigFile(`score: { subsample: ${text} }`, 'x'), {}).score)).toBe(
      factor,
    );
  });

  it.each([
    ['8G', 8e9],
    ['1500M', 1.5e9],
    ['0.5G', 5e8],
    ['auto', undefined],
  ])('--memory %s is so many bytes', (text, bytes) => {
    expect(memoryOf(mergeOptions({}, parse('--memory', text)).workers)).toBe(bytes);
    expect(memoryOf(mergeOptions(parseConfigFile(`workers: { memory: ${text} }`, 'x'), {}).workers)).toBe(
      bytes,
    );
  });

  it.each(['8', '8g', '0G', '0.0M', '-1G', '8G;', '80%', '8GiB', '8GB', ''])(
    '--memory %j is refused',
    (text) => {
      expect(() => parse('--memory', text)).toThrow('auto, or a size such as 8G or 1500M');
    },
  );

  it('have the shape of the configuration, without what was not given', () => {
    expect(parse()).toEqual({});
    expect(
      parse(
        '--preset',
        'slow',
        '--max-height',
        '720',
        '--neg',
        '--normalise-lufs',
        '-23',
        '--home',
        '5',
        '--codecs',
        'h264',
      ),
    ).toEqual({
      encode: { preset: 'slow', maxHeight: 720, codecs: ['h264'] },
      score: { neg: true },
      audio: { normaliseLufs: -23 },
      home: '5',
    });
  });

  it('say what is known of audio tracks', () => {
    const flags = (...words: string[]): unknown => {
      const command = addConfigOptions(new Command('x')).exitOverride();
      command.parse(words, { from: 'user' });
      return configFlags(command.opts());
    };
    const tracks = ['1:role=commentary,lang=en,name=Director', '2:role=main'];
    const given = flags(
      '--audio-track',
      tracks[0]!,
      '--audio-track',
      tracks[1]!,
      '--audio-codecs',
      'aac,eac3',
    );
    expect(given).toEqual({ audio: { codecs: ['aac', 'eac3'], tracks } });
    expect(CONFIG.parse(given).audio.tracks?.map(audioTrackOf)).toEqual([
      { track: 1, role: 'commentary', language: 'en', name: 'Director' },
      { track: 2, role: 'main' },
    ]);
  });

  it.each([
    { codecs: ['eac3'] },
    { codecs: ['aac', 'aac'] },
    { codecs: ['aac', 'mp3'] },
    { tracks: ['1'] },
    { tracks: ['x:role=main'] },
    { tracks: ['1:role=director'] },
    { tracks: ['1:lang=xx'] },
    { tracks: ['1:colour=red'] },
    { tracks: [{ track: -1 }] },
    { passthrough: 'yes' },
  ])('of audio are refused where they mean nothing: %j', (audio) => {
    expect(CONFIG.safeParse({ audio }).success).toBe(false);
  });

  it('exist for every key', () => {
    const command = addConfigOptions(new Command('x'));
    const described = command.options.map(({ description }) => description);
    for (const key of CONFIG_KEYS) {
      const wanted = key.path === 'images.enabled' ? `no ${key.description}` : key.description;
      expect(
        described.some((text) => text.startsWith(wanted)),
        key.path,
      ).toBe(true);
    }
    expect(command.options).toHaveLength(CONFIG_KEYS.length + 1);
  });

  it.each([
    [['--max-height', '10'], 'Allowed is a whole number from 64 to 4320.'],
    [['--max-height', '1e3'], 'Allowed is a whole number from 64 to 4320.'],
    [['--max-height', ''], 'Allowed is a whole number from 64 to 4320.'],
    [['--speed', 'warp'], 'Allowed is one of draft, default, thorough, exhaustive.'],
    [['--score', '0'], 'Allowed is auto, every, or an odd whole number from 1 to 99.'],
    [['--score', 'all'], 'Allowed is auto, every, or an odd whole number from 1 to 99.'],
    [['--audio-track', 'x'], 'Allowed is '],
    [['--marker', 'intro'], 'Allowed is '],
    [['--base-url', 'a=ftp://x/'], 'Allowed is '],
    [['--device-class', 'web:maxheight=720'], 'Allowed is '],
    [['--codecs', 'av1,av1'], 'Allowed is a list without repeats, each one of h264, hevc, av1, vp9.'],
    [['--codecs', 'h264,vp8'], 'Allowed is a list without repeats, each one of h264, hevc, av1, vp9.'],
  ])('are refused with what is allowed: %j', (argv, message) => {
    expect(() => parse(...argv)).toThrow(message);
  });

  it('say their defaults, ranges and units', () => {
    const help = addConfigOptions(new Command('x'))
      .configureOutput({})
      .helpInformation()
      .replaceAll(/\s+/g, ' ');
    expect(help).toContain(
      '--segment-seconds <n> longest segment, seconds; a number from 2 to 6 (default: 4)',
    );
    expect(help).toContain('(default: 95)');
  });
});

describe('loadConfig', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'hullcast-config-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  it('works without a file; the home is absolute', async () => {
    expect(await loadConfig({ cwd, env: {} }, {})).toMatchObject({
      ...DEFAULTS,
      home: join(cwd, '.hullcast'),
    });
  });

  it('reads hullcast.yaml in the folder it is called in', async () => {
    await writeFile(join(cwd, 'hullcast.yaml'), 'encode: { speed: draft }\nhome: state\n');
    const config = await loadConfig({ cwd, env: {} }, { preset: 'slow' });
    expect(config.encode).toMatchObject({ speed: 'draft', preset: 'slow' });
    expect(config.home).toBe(join(cwd, 'state'));
  });

  it('reads --config instead; its home is relative to the file', async () => {
    await writeFile(join(cwd, 'hullcast.yaml'), 'encode: { speed: draft }\n');
    await mkdir(join(cwd, 'sub'));
    await writeFile(join(cwd, 'sub', 'my.yaml'), 'home: ../state\n');
    const config = await loadConfig({ cwd, env: {} }, { config: 'sub/my.yaml' });
    expect(config.encode.speed).toBe('default');
    expect(config.home).toBe(join(cwd, 'state'));
  });

  it('takes --home over HULLCAST_HOME over the file', async () => {
    await writeFile(join(cwd, 'hullcast.yaml'), 'home: file\n');
    const env = { HULLCAST_HOME: '/env' };
    expect((await loadConfig({ cwd, env }, { home: 'flag' })).home).toBe(join(cwd, 'flag'));
    expect((await loadConfig({ cwd, env }, {})).home).toBe('/env');
    expect((await loadConfig({ cwd, env: { HULLCAST_HOME: '' } }, {})).home).toBe(join(cwd, 'file'));
  });

  it('refuses a file that is not there when it was asked for', async () => {
    await expect(loadConfig({ cwd, env: {} }, { config: 'nothing.yaml' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      exitCode: 2,
      message: `the configuration ${join(cwd, 'nothing.yaml')} does not exist`,
    });
  });

  it('names the file as it was given', async () => {
    await writeFile(join(cwd, 'my.yaml'), 'x: 1');
    await expect(loadConfig({ cwd, env: {} }, { config: './my.yaml' })).rejects.toThrow(
      'unknown key `x` in ./my.yaml line 1',
    );
  });
});

describe('keys', () => {
  it('say what they take, and take their defaults', () => {
    for (const { path, allowed, description, fallback, schema } of CONFIG_KEYS) {
      expect(description, path).not.toBe('');
      expect(allowed, path).not.toMatch(/null|undefined|Infinity|^$/);
      if (fallback !== undefined) expect(schema.safeParse(fallback).success, path).toBe(true);
    }
    expect(configKey('encode.preset').fallback).toBe('medium');
    expect(() => configKey('encode.nothing')).toThrow(RangeError);
  });

  it('editDistance is a metric that counts changed letters', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });

  it('every key is nearest to itself, and to itself with a letter missing', () => {
    for (const { path } of CONFIG_KEYS) {
      expect(nearestKey(path)).toBe(path);
      expect(nearestKey(path.slice(0, -1))).toBe(path);
    }
  });
});
