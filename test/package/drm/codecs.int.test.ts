import { beforeAll, describe, expect, it } from 'vitest';
import { codecClips } from '../../../fixtures/renditions.js';
import { type Encryption, type PackageParams } from '../../../src/package/index.js';
import { videoInput } from '../support.js';
import { readSegment, sampleEntries } from './boxes.js';
import { SCHEMES, compareSamples, drmStage, renditionsOf } from './stage.js';
import { PackageReader, dataOf, encryptionFor, keyTags } from './support.js';
import { readPssh } from './systems.js';

const { stage, keys, packaged, findings } = await drmStage();

describe('every codec', () => {
  let title: PackageParams;
  let clear: PackageReader;
  beforeAll(async () => {
    const videos = [];
    for (const clip of await codecClips()) videos.push(await videoInput(stage, clip));
    title = { videos, audios: [], segmentSeconds: 1 };
    clear = new PackageReader(stage, await packaged(title));
  });

  it.each(SCHEMES)('is encrypted in its payload alone with %s', async (scheme) => {
    const systems = ['clearkey'] as Encryption['systems'];
    const params = { ...title, encryption: encryptionFor(title, { scheme, systems, preset: 'single' }) };
    const result = await packaged(params);
    expect(await findings(params, result)).toEqual([]);
    const reader = new PackageReader(stage, result);
    for (const rendition of renditionsOf(params.encryption, title)) {
      const { hidden, bytes } = await compareSamples(rendition, reader, clear, keys);
      expect(hidden / bytes, rendition.folder).toBeGreaterThan(scheme === 'cenc' ? 0.6 : 0.04);
      const codec = rendition.folder.slice('video/'.length);
      const { ivSize } = sampleEntries(await reader.bytes(`${rendition.folder}/init.mp4`))[0]!.protection!;
      for (const segment of await reader.segments(rendition.folder)) {
        for (const { data, subsamples } of readSegment(segment, ivSize).samples) {
          checkHeads(codec, scheme, data, subsamples);
        }
      }
    }
    // Without Widevine a player that knows only its key format finds the common box under it (docs/packaging.md).
    const tags = keyTags(await reader.text('video/av1/playlist.m3u8'));
    expect(tags.map((tag) => tag.get('KEYFORMAT'))).toEqual([
      'org.w3.clearkey',
      'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
    ]);
    expect(readPssh(dataOf(tags[1]!.get('URI')))).toMatchObject({ kids: [params.encryption.keys[0]!.kid] });
  });
});

/** What decoders need to find their way must be in the clear, whatever is encrypted. */
function checkHeads(
  codec: string,
  scheme: (typeof SCHEMES)[number],
  data: Buffer,
  subsamples: { clear: number; protected: number }[],
): void {
  expect(subsamples.length).toBeGreaterThan(0);
  if (codec === 'h264' || codec === 'hevc') {
    // A protected range lies within one NAL unit, behind its length and header.
    const header = codec === 'h264' ? 1 : 2;
    const heads: [number, number][] = [];
    for (let at = 0; at < data.length; at += 4 + data.readUInt32BE(at)) heads.push([at, at + 4 + header]);
    let at = 0;
    for (const part of subsamples) {
      const [from, to] = [at + part.clear, at + part.clear + part.protected];
      at = to;
      if (part.protected === 0) continue;
      expect(heads.some(([start, end]) => start < to && end > from)).toBe(false);
    }
    return;
  }
  for (const part of subsamples) {
    // ISO bindings of AV1 and VP9: whole blocks only in counter mode.
    if (scheme === 'cenc') expect(part.protected % 16).toBe(0);
    // The temporal unit's first header, or the uncompressed header of a frame.
    if (part.protected > 0) expect(part.clear).toBeGreaterThan(0);
  }
}
