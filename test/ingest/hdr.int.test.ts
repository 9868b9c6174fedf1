import { afterAll, beforeAll, expect, it } from 'vitest';
import { HDR_FRAMES, MASTERING, absurdHdr10Master, hdr10Master, hlgMaster } from '../../fixtures/hdr.js';
import { makeClip } from '../../fixtures/clip.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { codes, ingest } from './support.js';

let stage: TestStage;

beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

const METADATA = { masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } };

it('an HDR10 master is used as it is, with its metadata', async () => {
  const found = await ingest(stage, await hdr10Master());
  expect(found.picture.blob).toEqual(found.source);
  expect(codes(found)).toEqual(['hdr', 'no-audio']);
  expect(found.video.hdr).toEqual(METADATA);
  expect(found.picture).toMatchObject({ bitDepth: 10, frames: HDR_FRAMES, hdr: METADATA });
});

it('a mezzanine of it loses what its file said, not what is known', async () => {
  const turned = await makeClip('hdr10-turned.mp4', [
    ...['-display_rotation:v:0', '90', '-i', `file:${await hdr10Master()}`, '-c', 'copy'],
  ]);
  const found = await ingest(stage, turned);
  expect(found.picture.blob).not.toEqual(found.source);
  expect(found.picture).toMatchObject({ width: 360, height: 640, bitDepth: 10, hdr: METADATA });
  expect(found.picture.colour.transfer).toBe('smpte2084');
});

it('an HLG master needs none', async () => {
  const found = await ingest(stage, await hlgMaster());
  expect(codes(found)).toEqual(['hdr', 'no-audio']);
  expect([found.picture.colour.transfer, 'hdr' in found.picture, 'hdr' in found.video]).toEqual([
    ...['arib-std-b67', false, false],
  ]);
});

it('metadata that cannot be true is not carried', async () => {
  const found = await ingest(stage, await absurdHdr10Master());
  expect(codes(found)).toEqual(['hdr', 'hdr-metadata-invalid', 'no-audio']);
  expect(['hdr' in found.picture, 'hdr' in found.video]).toEqual([false, false]);
  expect(found.findings[1]?.message).toMatch(/outside the primaries.*MaxFALL of 400/);
});
