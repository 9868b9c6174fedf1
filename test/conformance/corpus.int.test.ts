import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_NTSC } from '../../fixtures/renditions.js';
import { RULES } from '../../src/conformance/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { CMAF_BREAKERS, ISO_BREAKERS } from './breakers/boxes.js';
import type { Base, Breaker } from './breakers/breaker.js';
import { MEDIA_BREAKERS, MPD_BREAKERS, SEGMENT_BREAKERS, SOURCE_BREAKERS } from './breakers/dash.js';
import { CENC_BREAKERS } from './breakers/encryption.js';
import { APPLE_BREAKERS, MASTER_BREAKERS, PLAYLIST_BREAKERS } from './breakers/hls.js';
import { type Files, Package, rulesBroken } from './memory.js';
import { codecClip, ffmpegDash, ourPackage, shakaPackage } from './streams.js';

const GROUPS: [string, Breaker[]][] = [
  ['files', SOURCE_BREAKERS],
  ['boxes', ISO_BREAKERS],
  ['CMAF', CMAF_BREAKERS],
  ['encryption', CENC_BREAKERS],
  ['playlists', PLAYLIST_BREAKERS],
  ['master playlists', MASTER_BREAKERS],
  ["Apple's rules", APPLE_BREAKERS],
  ['MPDs', MPD_BREAKERS],
  ['segments of MPDs', SEGMENT_BREAKERS],
  ['what MPDs say of media', MEDIA_BREAKERS],
];
const ALL = GROUPS.flatMap(([, breakers]) => breakers);

let stage: TestStage;
const bases = new Map<Base, Files>();

beforeAll(async () => {
  stage = await stageContext();
  bases.set('ours', await ourPackage(stage, TITLE_24, 'stereo'));
  bases.set('surround', await ourPackage(stage, TITLE_NTSC, '5.1'));
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
  });
});

it('every rule is broken by one of them', () => {
  const covered = new Set(ALL.flatMap(({ rules }) => rules));
  expect(RULES.map(({ id }) => id).filter((id) => !covered.has(id))).toEqual([]);
  expect(ALL.length).toBeGreaterThan(100);
});
