import { describe, expect, it } from 'vitest';
import type { ContentKey } from '../../../src/keys/index.js';
import { constantIv, counterIv } from '../../../src/package/drm/iv.js';
import { type Protection, obtainProtection } from '../../../src/package/drm/protection.js';
import type { Encryption } from '../../../src/package/index.js';
import type { StageContext } from '../../../src/pipeline/index.js';
import { type MemoryKeysOptions, memoryKeys } from '../../support/keys.js';
import { AUDIO_KID, HD_KID, SD_KID, audio, encryption, video } from './facts.js';

const TITLE = {
  videos: [video(), video({ id: 'v2', width: 1280, height: 720 }), video({ id: 'v3' })],
  audios: [audio()],
};

async function obtained(
  over: Partial<Encryption> = {},
  options: MemoryKeysOptions | null = {},
): Promise<Protection> {
  const context = {
    keys: options ? memoryKeys(options) : undefined,
    signal: new AbortController().signal,
  } as StageContext;
  const [protection] = await obtainProtection(encryption(over), TITLE, context, 'package');
  return protection!;
}

const ivs = ({ renditions }: Protection): string[] => [...renditions.values()].map(({ iv }) => iv);

describe('the keys of a title', () => {
  it('are matched with its renditions by size', async () => {
    const { renditions } = await obtained();
    expect(
      [...renditions].map(([id, { label, kid, key }]) => [id, label, kid, key.reveal().toString('hex')]),
    ).toEqual(
      [
        ['v1', 'SD', SD_KID],
        ['v2', 'HD', HD_KID],
        ['v3', 'SD', SD_KID],
        ['a1', 'AUDIO', AUDIO_KID],
      ].map(([id, label, kid]) => [id, label, kid, memoryKeys().keyOf(kid!)]),
    );
  });

  it('come with an IV for every rendition, where IVs count', async () => {
    const { sha256 } = video().blob;
    const lead = { clearLeadSeconds: 2, segmentSeconds: 4 };
    const start = { sha256, startFrame: 0, ...lead };
    expect(ivs(await obtained({ scheme: 'cenc', ...lead }))).toEqual([
      counterIv({ ...start, kid: SD_KID, id: 'v1' }),
      counterIv({ ...start, kid: HD_KID, id: 'v2' }),
      counterIv({ ...start, kid: SD_KID, id: 'v3' }),
      counterIv({ ...start, kid: AUDIO_KID, id: 'a1' }),
    ]);
  });

  it('come with an IV for every key where IVs stay: FairPlay’s licences bring it along, variants share it', async () => {
    const kids = [SD_KID, HD_KID, SD_KID, AUDIO_KID];
    expect(ivs(await obtained({ scheme: 'cbcs' }))).toEqual(kids.map(constantIv));
  });

  it('with the one that the key service wants, where IVs are constant', async () => {
    const iv = Buffer.alloc(16, 0xab);
    expect(new Set(ivs(await obtained({}, { iv })))).toEqual(new Set(['ab'.repeat(16)]));
    expect(ivs(await obtained({ scheme: 'cenc' }, { iv }))).toEqual(ivs(await obtained({ scheme: 'cenc' })));
  });

  it('are refused where there is nothing to get them from, or something else than was meant', async () => {
    await expect(obtained({}, null)).rejects.toMatchObject({ code: 'DRM_KEY_SERVICE', exitCode: 2 });
    await expect(obtained({}, { name: 'another' })).rejects.toMatchObject({
      code: 'DRM_KEY_SERVICE_OTHER',
      message: expect.stringMatching(/"memory".*"another"/) as string,
      transient: true, // another worker may have the right one
    });
  });

  it.each<[string, MemoryKeysOptions, Partial<Encryption>]>([
    ['a key is missing', { answer: (keys) => keys.slice(1) }, {}],
    ['keys have each other’s labels', { answer: ([a, b, c]) => [swap(a!, b!), swap(b!, a!), c!] }, {}],
    ['an IV has another size', { iv: Buffer.alloc(8) }, {}],
    ['a key of the title was not asked for', {}, { keys: encryption().keys.slice(0, 2) }],
  ])('are refused where %s', async (_, options, over) => {
    await expect(obtained(over, options)).rejects.toMatchObject({ code: 'DRM_KEYS' });
  });
});

function swap(key: ContentKey, other: ContentKey): ContentKey {
  return { ...key, label: other.label };
}
