import { describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../../fixtures/renditions.js';
import { testTitle } from '../support.js';
import { readSegment, sampleEntries } from './boxes.js';
import { SCHEMES, compareSamples, drmStage, renditionsOf } from './stage.js';
import { PackageReader, encryptionFor } from './support.js';

const { stage, keys, packaged, findings } = await drmStage();

describe.each(SCHEMES)('a clear lead with %s', (scheme) => {
  it('leaves the first segments as they are, and all later ones encrypted', async () => {
    const title = await testTitle(stage, { ...TITLE_24 }, 'stereo');
    const encryption = encryptionFor(title, { scheme, preset: 'single', clearLeadSeconds: 3 });
    const params = { ...title, encryption };
    const result = await packaged(params);
    expect(await findings(params, result)).toEqual([]);
    const [reader, clear] = [result, await packaged(title)].map((each) => new PackageReader(stage, each));
    for (const rendition of renditionsOf(encryption, title)) {
      await compareSamples(rendition, reader!, clear!, keys);
      const { folder } = rendition;
      const entries = sampleEntries(await reader!.bytes(`${folder}/init.mp4`));
      expect(entries.map(({ type, protection }) => [type, protection !== undefined])).toEqual(
        folder.startsWith('video')
          ? [
              ['encv', true],
              ['avc1', false],
            ]
          : [
              ['enca', true],
              ['mp4a', false],
            ],
      );
      const ivSize = entries[0]!.protection!.ivSize;
      const segments = (await reader!.segments(folder)).map((segment) => readSegment(segment, ivSize));
      // Pictures are cut at 0, 2, 3.75 and 6 s, sound about every 2.25 s.
      expect(segments.map(({ description }) => description)).toEqual([2, 2, 1, 1]);
      const playlist = await reader!.text(`${folder}/playlist.m3u8`);
      const at = (text: string): number => playlist.indexOf(text);
      expect(at('\n2.m4s')).toBeLessThan(at('#EXT-X-KEY'));
      expect(at('#EXT-X-KEY')).toBeLessThan(at('\n3.m4s'));
      expect(playlist).not.toContain('DISCONTINUITY');
    }
  });
});
