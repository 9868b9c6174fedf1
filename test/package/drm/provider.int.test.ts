import { describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../../fixtures/renditions.js';
import { packageStage } from '../../../src/package/index.js';
import { memoryKeys } from '../../support/keys.js';
import { freshContext, testTitle } from '../support.js';
import { sampleEntries } from './boxes.js';
import { drmStage, renditionsOf } from './stage.js';
import { PackageReader, dataOf, encryptionFor, keyTags } from './support.js';
import { psshBox } from './systems.js';

const { stage, findings } = await drmStage();

describe('a key service that says what players are to be told', () => {
  it('has it in the segments, the manifests and the IVs, and passes the verification', async () => {
    const title = await testTitle(stage, TITLE_24, 'stereo');
    const iv = Buffer.alloc(16, 0x5a);
    const box = (kid: string): Buffer => psshBox('edef8ba979d64acea3c827dcd51d21ed', [], `theirs ${kid}`);
    const skd = (kid: string): string =>
      `URI="skd://provider/${kid}",KEYFORMAT="com.apple.streamingkeydelivery"`;
    const provider = memoryKeys({
      iv,
      signalling: ({ keys: wanted }) =>
        wanted.flatMap(({ kid }) => [
          { system: 'widevine' as const, kid, pssh: box(kid), dash: `<x:y xmlns:x="urn:x" kid="${kid}"/>` },
          {
            ...{ system: 'fairplay' as const, kid },
            hlsMedia: `#EXT-X-KEY:METHOD=SAMPLE-AES,${skd(kid)}\n`,
            hlsMaster: `#EXT-X-SESSION-KEY:METHOD=SAMPLE-AES,${skd(kid)}`,
          },
        ]),
    });
    const params = {
      ...title,
      encryption: encryptionFor(title, { systems: ['widevine', 'playready', 'fairplay'] }),
    };
    const context = { ...(await freshContext(stage)), keys: provider };
    const result = await packageStage.run(params, context);
    expect(await findings(params, result, provider)).toEqual([]);
    const reader = new PackageReader(stage, result);
    const mpd = await reader.text('manifest.mpd');
    const session = keyTags(await reader.text('master.m3u8'), 'EXT-X-SESSION-KEY').map((tag) =>
      tag.get('URI'),
    );
    for (const { folder, kid } of renditionsOf(params.encryption, title)) {
      const init = await reader.bytes(`${folder}/init.mp4`);
      expect(init.includes(box(kid))).toBe(true);
      expect(sampleEntries(init)[0]!.protection!.constantIv).toBe(iv.toString('hex'));
      const tags = keyTags(await reader.text(`${folder}/playlist.m3u8`));
      expect(tags.map((tag) => tag.get('KEYFORMAT')?.slice(0, 9))).toEqual([
        'urn:uuid:',
        'com.micro',
        'com.apple',
      ]);
      expect(dataOf(tags[0]!.get('URI'))).toEqual(box(kid));
      expect(tags[2]!.get('URI')).toBe(`skd://provider/${kid}`);
      expect(session).toContain(`skd://provider/${kid}`);
      expect(mpd).toContain(
        `<cenc:pssh>${box(kid).toString('base64')}</cenc:pssh>\n        <x:y xmlns:x="urn:x" kid="${kid}"/>`,
      );
    }
  });
});
