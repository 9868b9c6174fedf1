import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_NTSC } from '../../fixtures/renditions.js';
import { RULES } from '../../src/conformance/index.js';
import { memoryKeys } from '../support/keys.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { CMAF_BREAKERS, ISO_BREAKERS } from './breakers/boxes.js';
import type { Base, Breaker } from './breakers/breaker.js';
import { MEDIA_BREAKERS, MPD_BREAKERS, SEGMENT_BREAKERS, SOURCE_BREAKERS } from './breakers/dash.js';
import { CENC_BREAKERS } from './breakers/encryption.js';
import { APPLE_BREAKERS, MASTER_BREAKERS, PLAYLIST_BREAKERS } from './breakers/hls.js';
import { ROTATION_BREAKERS } from './breakers/rotation.js';
import { CUE_BREAKERS, KEY_BREAKERS } from './breakers/whole.js';
import { type Files, Package, rulesBroken } from './memory.js';
import { ourPackage } from './our-package.js';
import { codecClip, ffmpegDash, shakaPackage } from './streams.js';

const GROUPS: [string, Breaker[]][] = [
  ['files', SOURCE_BREAKERS],
  ['boxes', ISO_BREAKERS],
  ['CMAF', CMAF_BREAKERS],
  ['encryption', CENC_BREAKERS],
  ['keys', KEY_BREAKERS],
  ['keys that change', ROTATION_BREAKERS],
  ['texts', CUE_BREAKERS],
  ['playlists', PLAYLIST_BREAKERS],
  ['master playlists', MASTER_BREAKERS],
  ["Apple's rules", APPLE_BREAKERS],
  ['MPDs', MPD_BREAKERS],
  ['segments of MPDs', SEGMENT_BREAKERS],
  ['what MPDs say of media', MEDIA_BREAKERS],
];
const ALL = GROUPS.flatMap(([, breakers]) => breakers);
const found = new Set<Breaker>();

let stage: TestStage;
const bases = new Map<Base, Files>();

beforeAll(async () => {
  stage = await stageContext({ keys: memoryKeys() });
  bases.set('ours', await ourPackage(stage, TITLE_24, 'stereo'));
  bases.set('surround', await ourPackage(stage, TITLE_NTSC, '5.1'));
  const encryption = { clearLeadSeconds: 2 };
  bases.set('whole', await ourPackage(stage, TITLE_24, 'stereo', { languages: true, encryption }));
  const rotated = { periodStarts: [0, 48, 144] };
  bases.set('rotated', await ourPackage(stage, TITLE_24, 'stereo', { languages: true, encryption: rotated }));
  bases.set('cenc', await shakaPackage({ scheme: 'cenc' }));
  bases.set('cbcs', await shakaPackage({ scheme: 'cbcs' }));
  bases.set('single', await shakaPackage({ single: true }));
  bases.set('numbers', await ffmpegDash('-use_timeline', '0'));
  bases.set('fast', await shakaPackage({ videos: [await codecClip('hevc', 100)] }));
});
afterAll(() => stage.cleanUp());

function broken({ base, edit, profiles }: Breaker): Promise<string[]> {
  const stream = new Package(bases.get(base)!);
  edit(stream);
  return rulesBroken(stream.files, profiles);
}

describe.each(GROUPS)('%s', (_, breakers) => {
  it.each(breakers.map((breaker) => [breaker.breaks, breaker] as const))('%s', async (__, breaker) => {
    expect(await broken(breaker)).toEqual(breaker.rules);
    found.add(breaker);
  });
});

describe('what only a profile forbids is not found without it', () => {
  const profiled = ALL.filter(({ profiles }) => profiles !== undefined);
  it.each(profiled.map((breaker) => [breaker.breaks, breaker] as const))('%s', async (_, breaker) => {
    const { profiles: __, ...plain } = breaker;
    expect(await broken(plain)).toEqual([]);
  });
});

it('every rule is broken by one of them', () => {
  const covered = new Set(ALL.flatMap(({ rules }) => rules));
  expect(RULES.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
});

it(`all ${ALL.length} broken packages are found`, () => {
  expect(found.size).toBe(ALL.length);
  expect(ALL.length).toBeGreaterThan(150);
});
