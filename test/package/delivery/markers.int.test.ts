import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClip } from '../../../fixtures/clip.js';
import { type MarkersParams, markersStage } from '../../../src/package/index.js';
import type { BlobRef } from '../../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../../support/stage.js';
import { freshContext } from '../support.js';
import { spliceSection } from './sections.js';
import { transportStreamWith } from './transport-stream.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

async function put(content: Buffer): Promise<BlobRef> {
  const path = join(stage.context.scratch, randomUUID());
  await writeFile(path, content);
  return stage.context.keep(path);
}

const FPS = { num: 25, den: 1 };
const PARAMS = { splices: false, fps: FPS, black: [], plain: [] };

/** 180 s of stereo sound: noise in syllables, an intro of a chord between silences, and again noise. */
async function sound(): Promise<BlobRef> {
  const syllables = '(random(0)-0.5)*0.5*lt(mod(t\\,0.4)\\,0.22)';
  const chord = '0.1*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))';
  const silent = 'between(t\\,30\\,31)+between(t\\,61\\,62)';
  const wave = `if(${silent}\\,0\\,if(between(t\\,31\\,61)\\,${chord}\\,${syllables}))`;
  const path = await makeClip('markers.mov', [
    ...['-f', 'lavfi', '-i', `aevalsrc=exprs=${wave}|${wave}:s=16000:d=180`],
    ...['-c:a', 'pcm_s16le', '-fflags', '+bitexact', '-f', 'mov'],
  ]);
  return stage.put(path);
}

it('hears an intro between silences, where it is', async () => {
  const audio = { track: 0, offsetSeconds: 0 };
  const params: MarkersParams = { ...PARAMS, source: await sound(), demuxer: 'mov', audio, frames: 180 * 25 };
  const { detected, splices, findings } = await markersStage.run(params, await freshContext(stage));
  expect({ splices, findings }).toEqual({ splices: [], findings: [] });
  expect(detected.map(({ id, confidence, evidence }) => [id, confidence, evidence])).toEqual([
    ['intro-1', 0.7, ['100% like music', 'silence before it', 'silence after it']],
  ]);
  const [{ startFrame, endFrame } = { startFrame: 0, endFrame: 0 }] = detected;
  // Blocks of 50 ms are two frames at most.
  expect(Math.abs(startFrame - 31 * 25)).toBeLessThanOrEqual(2);
  expect(Math.abs(endFrame - 61 * 25)).toBeLessThanOrEqual(2);

  // Sound that begins two seconds after the picture, and one before it.
  for (const offsetSeconds of [2, -1]) {
    const moved = { ...params, audio: { track: 0, offsetSeconds } };
    const later = await markersStage.run(moved, await freshContext(stage));
    expect(later.detected[0]!.startFrame - startFrame).toBe(offsetSeconds * 25);
  }
  const nothing = await markersStage.run(
    { ...params, source: await put(Buffer.from('no sound')) },
    await freshContext(stage),
  );
  expect(nothing.detected).toEqual([]);
});

it('takes ad breaks from the SCTE-35 messages of a transport stream', async () => {
  const clip = await makeClip('splices.ts', [
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=160x90:rate=25:duration=8',
      '-c:v',
      'mpeg2video',
      '-b:v',
      '400k',
      '-bf',
      '0',
    ],
    ...['-muxdelay', '0', '-muxpreload', '0', '-output_ts_offset', '10', '-f', 'mpegts'],
  ]);
  const ts = await readFile(clip);
  const at = (seconds: number): number => (10 + seconds) * 90_000;
  const out = spliceSection({ eventId: 0x4800008f, out: true, pts: at(2), duration: 3 * 90_000 });
  // ffmpeg itself drops what has a wrong checksum.
  const locked = spliceSection({ eventId: 8, out: true, pts: at(1), encrypted: true });
  const source = await put(
    transportStreamWith(ts, [out, locked, spliceSection({ eventId: 9, out: true, pts: at(60) })]),
  );
  const params = { ...PARAMS, source, demuxer: 'mpegts', splices: true, frames: 200 };
  const { splices, detected, findings } = await markersStage.run(params, await freshContext(stage));
  expect(detected).toEqual([]);
  expect(splices).toEqual([
    {
      ...{
        id: 'splice-4800008f',
        kind: 'adbreak',
        source: 'scte35',
        confidence: 1,
        startFrame: 50,
        endFrame: 125,
      },
      scte35: { out: out.toString('hex') },
    },
  ]);
  expect(findings.map(({ code, message }) => [code, message])).toEqual([
    ['splice-unreadable', '1 SCTE-35 messages cannot be read: it is encrypted'],
    ['splice-outside', '1 SCTE-35 events are not within the title, e.g. splice-00000009'],
  ]);
  const without = await markersStage.run({ ...params, source: await put(ts) }, await freshContext(stage));
  expect(without).toEqual({ splices: [], detected: [], findings: [] });
});
