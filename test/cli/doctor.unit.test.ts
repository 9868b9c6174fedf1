import { describe, expect, it } from 'vitest';
import { FILTERS, checkTable, checksOf, isNodeRecent } from '../../src/cli/doctor/checks.js';
import type { Facts } from '../../src/cli/doctor/facts.js';
import { type CandidateReport, type ToolName, VMAF_MODELS } from '../../src/media/index.js';

function found(name: ToolName, rejected?: string): CandidateReport {
  const candidate = { origin: 'npm', path: `/bin/${name}` };
  return { candidate, tool: { name, version: '7.0', ...candidate }, rejected };
}

const ALL: Facts = {
  tools: { ffmpeg: [found('ffmpeg')], ffprobe: [found('ffprobe')], packager: [found('packager')] },
  ffmpeg: {
    encoders: new Set([
      ...['libx264', 'aac', 'libx265', 'libsvtav1', 'libvpx-vp9'],
      ...['eac3', 'libopus', 'libfdk_aac'],
    ]),
    filters: new Set(FILTERS),
    models: [...VMAF_MODELS],
    libvmafVersion: 'dea9a77',
  },
  nodeVersion: 'v20.19.0',
  cores: 2,
  home: '/h',
  freeBytes: 5 * 1024 ** 3,
  chromium: '/usr/bin/chromium',
};

const missingOf = (facts: Facts): string[] =>
  checksOf(facts)
    .filter(({ state }) => state === 'missing')
    .map(({ group, name }) => `${group} ${name}`);

describe('checksOf', () => {
  it('misses nothing where all is there', () => {
    expect(checksOf(ALL).map(({ state }) => state)).not.toContain('absent');
    expect(missingOf(ALL)).toEqual([]);
  });

  it.each([
    ['tools packager', { ...ALL, tools: { ...ALL.tools, packager: [] } }],
    ['encoders aac', { ...ALL, ffmpeg: { ...ALL.ffmpeg!, encoders: new Set(['libx264']) } }],
    [
      'filters bwdif',
      { ...ALL, ffmpeg: { ...ALL.ffmpeg!, filters: new Set(FILTERS.filter((f) => f !== 'bwdif')) } },
    ],
    [
      'models vmaf_4k_v0.6.1',
      { ...ALL, ffmpeg: { ...ALL.ffmpeg!, models: VMAF_MODELS.filter((m) => !m.endsWith('4k_v0.6.1')) } },
    ],
    ['machine node', { ...ALL, nodeVersion: 'v20.18.3' }],
    ['machine disk', { ...ALL, freeBytes: 1024 ** 3 - 1 }],
  ])('misses %s, and says how to get it', (name, facts) => {
    expect(missingOf(facts)).toEqual([name]);
    const missing = checksOf(facts).find(({ state }) => state === 'missing');
    expect(missing?.fix).toMatch(/\w+/);
  });

  it('says what HE-AAC needs, which no free ffmpeg has', () => {
    const encoders = new Set(ALL.ffmpeg!.encoders);
    encoders.delete('libfdk_aac');
    const checks = checksOf({ ...ALL, ffmpeg: { ...ALL.ffmpeg!, encoders } });
    const absent = checks.filter(({ state }) => state === 'absent');
    expect(absent.map(({ name }) => name)).toEqual(['libfdk_aac']);
    expect(absent[0]?.found).toMatch(/HE-AAC .*HULLCAST_FFMPEG/);
  });

  it('misses ffmpeg where each one found is passed over, with the reasons', () => {
    const rejected = found('ffmpeg', 'built without libvmaf');
    const facts: Facts = { ...ALL, tools: { ...ALL.tools, ffmpeg: [rejected] }, ffmpeg: undefined };
    expect(missingOf(facts)).toEqual(['tools ffmpeg']);
    expect(checksOf(facts)[0]).toMatchObject({
      state: 'passed over',
      found: '/bin/ffmpeg: built without libvmaf',
      tool: { version: '7.0', origin: 'npm', path: '/bin/ffmpeg' },
    });
  });

  it('can do without encoders of other codecs and without Chromium', () => {
    const facts: Facts = {
      ...ALL,
      chromium: undefined,
      ffmpeg: { ...ALL.ffmpeg!, encoders: new Set(['libx264', 'aac']) },
    };
    expect(missingOf(facts)).toEqual([]);
    const absent = checksOf(facts).filter(({ state }) => state === 'absent');
    expect(absent.map(({ name }) => name)).toEqual([
      ...['libx265', 'libsvtav1', 'libvpx-vp9', 'eac3', 'libopus', 'libfdk_aac', 'chromium'],
    ]);
  });
});

describe('isNodeRecent', () => {
  it.each([
    ['v20.19.0', true],
    ['v20.20.2', true],
    ['v22.0.0', true],
    ['v20.18.9', false],
    ['v18.99.0', false],
  ])('%s: %s', (version, recent) => {
    expect(isNodeRecent(version)).toBe(recent);
  });
});

describe('checkTable', () => {
  it('has a block a group, columns, and the fix under what is missing', () => {
    const facts: Facts = { ...ALL, tools: { ...ALL.tools, packager: [] }, chromium: undefined };
    const [ffmpeg, ffprobe, packager, encoders] = checksOf(facts);
    const cores = checksOf(facts).find(({ name }) => name === 'cores');
    expect(checkTable([ffmpeg!, ffprobe!, packager!, encoders!, cores!])).toBe(
      [
        'tools',
        '  ffmpeg    ok       7.0  npm  /bin/ffmpeg',
        '  ffprobe   ok       7.0  npm  /bin/ffprobe',
        '  packager  missing  found nowhere',
        '            fix: npm install, or set HULLCAST_PACKAGER to a Shaka Packager 3',
        '',
        'encoders',
        '  needed    ok       libx264 aac',
        '',
        'machine',
        '  cores     ok       2',
      ].join('\n'),
    );
  });
});
