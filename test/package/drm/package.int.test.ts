import { createCipheriv } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, type TitleShape } from '../../../fixtures/renditions.js';
import type { Encryption, PackageParams, PackageResult } from '../../../src/package/index.js';
import { memoryKeys } from '../../support/keys.js';
import { testTitle } from '../support.js';
import { find, readSegment, sampleEntries } from './boxes.js';
import { type Rendition, SCHEMES, compareSamples, drmStage, renditionsOf } from './stage.js';
import { PackageReader, dataOf, encryptionFor, keyTags } from './support.js';
import { readPlayReady, readProtobuf, readPssh } from './systems.js';
import { outOfOrder } from '../../support/mpd-order.js';

const SHAPE: TitleShape = {
  ...TITLE_24,
  sizes: [
    [1280, 720],
    [320, 180],
    [160, 90],
  ],
};

const { stage, keys, started, packaged, findings } = await drmStage();

describe.each(SCHEMES)('a title encrypted with %s', (scheme) => {
  let params: PackageParams & { encryption: Encryption };
  let result: PackageResult;
  let reader: PackageReader;
  let clear: PackageReader;
  let renditions: Rendition[];
  beforeAll(async () => {
    const title = await testTitle(stage, SHAPE, '5.1(side)');
    const licenseUrls = {
      playready: 'https://licences.example/pr?a=1&b=2',
      clearkey: 'https://licences.example/ck',
    };
    params = { ...title, encryption: encryptionFor(title, { scheme, licenseUrls }) };
    result = await packaged(params);
    reader = new PackageReader(stage, result);
    clear = new PackageReader(stage, await packaged(title));
    renditions = renditionsOf(params.encryption, title);
    expect(renditions).toHaveLength(5);
  });

  it('holds, once decrypted, what the same title holds in the clear, sample by sample', async () => {
    for (const rendition of renditions) {
      const { samples, hidden, bytes } = await compareSamples(rendition, reader, clear, keys);
      expect(samples).toBeGreaterThan(100);
      // All of a sample but its heads; with cbcs a tenth of pictures.
      const share = scheme === 'cenc' || rendition.folder.startsWith('audio') ? 0.8 : 0.05;
      expect(hidden / bytes, rendition.folder).toBeGreaterThan(share);
    }
  });

  it('is what the key says and no other: with another one samples are different', async () => {
    const others = memoryKeys({ seed: 'another' });
    await expect(compareSamples(renditions[0]!, reader, clear, others)).rejects.toThrow(/sample 0/);
  });

  it('passes the verification, which decodes it; with other keys nothing decodes', async () => {
    expect(await findings(params, result)).toEqual([]);
    const wrong = await findings(params, result, memoryKeys({ seed: 'another' }));
    const broken = new Set(
      wrong
        .filter((finding) => /^(decode-failed|payload-differs)/.test(finding))
        .map((finding) => finding.split(/[ :]/)[1]),
    );
    expect([...broken].sort()).toEqual(renditions.map(({ folder }) => `${folder}/playlist.m3u8`).sort());
  });

  it('says in every sample entry what it is, by which scheme and key', async () => {
    for (const { folder, kid } of renditions) {
      const video = folder.startsWith('video');
      const entries = sampleEntries(await reader.bytes(`${folder}/init.mp4`));
      const { constantIv, ...said } = entries[0]!.protection!;
      expect(entries).toHaveLength(1);
      expect(entries[0]!.type).toBe(video ? 'encv' : 'enca');
      expect(said).toEqual({
        ...{ format: video ? 'avc1' : 'mp4a', scheme, schemeVersion: 0x10000, isProtected: 1, kid },
        ivSize: scheme === 'cenc' ? 8 : 0,
        ...(scheme === 'cbcs' && video ? { crypt: 1, skip: 9 } : { crypt: 0, skip: 0 }),
      });
      expect(constantIv).toHaveLength(scheme === 'cenc' ? 0 : 32);
    }
  });

  it('has IVs as its scheme needs them, the same ones each time', async () => {
    const ivs = new Map(result.protection!.map(({ id, iv }) => [id, iv]));
    const starts: bigint[] = [];
    for (const { folder } of renditions) {
      const iv = ivs.get(folder.slice(folder.indexOf('/') + 1))!;
      const { constantIv, ivSize } = sampleEntries(await reader.bytes(`${folder}/init.mp4`))[0]!.protection!;
      const samples = (await reader.segments(folder)).flatMap(
        (segment) => readSegment(segment, ivSize).samples,
      );
      if (scheme === 'cbcs') {
        expect(constantIv).toBe(iv);
        expect(samples.every((sample) => sample.iv === '')).toBe(true);
      } else {
        const first = BigInt(`0x${iv}`);
        const counted = samples.map((_, n) =>
          BigInt.asUintN(64, first + BigInt(n))
            .toString(16)
            .padStart(16, '0'),
        );
        expect(samples.map((sample) => sample.iv)).toEqual(counted);
        starts.push(first);
      }
    }
    // FairPlay is among the systems of cbcs: one IV a key. In counter mode no two renditions come near each other.
    expect(new Set(ivs.values()).size).toBe(scheme === 'cbcs' ? 3 : 5);
    for (const [index, a] of starts.entries())
      for (const b of starts.slice(index + 1)) expect(a > b ? a - b : b - a).toBeGreaterThan(1_000_000n);
  });

  it('has a pssh box of every system in every initialisation segment, as another reader reads it', async () => {
    const all = params.encryption.keys.map(({ kid }) => kid);
    expect(all).toHaveLength(3);
    for (const { folder, kid } of renditions) {
      const boxes = find(await reader.bytes(`${folder}/init.mp4`), 'moov/pssh').map(({ payload }) => {
        const header = Buffer.alloc(8);
        header.writeUInt32BE(payload.length + 8);
        header.write('pssh', 4);
        return readPssh(Buffer.concat([header, payload]));
      });
      const [widevine, playready, common] = boxes;
      expect(boxes).toHaveLength(3);
      expect([widevine!.systemId, widevine!.version]).toEqual(['edef8ba979d64acea3c827dcd51d21ed', 0]);
      expect(readProtobuf(widevine!.data)).toEqual([
        ...all.map((each) => [2, Buffer.from(each, 'hex')]),
        [9, Buffer.from(scheme).readUInt32BE()],
      ]);
      expect(common).toEqual({
        ...{ systemId: '1077efecc0b24d02ace33c1e52e2fb4b', version: 1, kids: all, data: Buffer.alloc(0) },
      });
      expect([playready!.systemId, playready!.version]).toEqual(['9a04f07998404286ab92e65be0885f95', 0]);
      const { xml: _, ...header } = readPlayReady(playready!.data);
      const cipher = createCipheriv('aes-128-ecb', Buffer.from(keys.keyOf(kid), 'hex'), null);
      const guid = Buffer.from(kid, 'hex');
      for (const [from, to] of [
        [0, 4],
        [4, 6],
        [6, 8],
      ])
        guid.subarray(from, to).reverse();
      expect(header).toEqual({
        kid,
        licenseUrl: 'https://licences.example/pr?a=1&#38;b=2',
        ...(scheme === 'cenc'
          ? { version: '4.0.0.0', algorithm: 'AESCTR', checksum: cipher.update(guid).toString('hex', 0, 8) }
          : { version: '4.3.0.0', algorithm: 'AESCBC', checksum: undefined }),
      });
    }
  });

  it('says the same in the MPD: key ids, boxes, licence servers, and which sets are one', async () => {
    const mpd = await reader.text('manifest.mpd');
    expect(outOfOrder(mpd)).toEqual([]);
    expect(mpd).toMatch(/<MPD [^>]*xmlns:cenc="urn:mpeg:cenc:2013"/);
    const sets = mpd.match(/<AdaptationSet[\s\S]*?<\/AdaptationSet>/g) ?? [];
    const seen: string[] = [];
    for (const set of sets) {
      const folders = [...set.matchAll(/initialization="([^"]*)\/init.mp4"/g)].map(([, folder]) => folder!);
      seen.push(...folders);
      const elements = [
        ...set.matchAll(/<ContentProtection ([^>]*?)(?:\/>|>([\s\S]*?)<\/ContentProtection>)/g),
      ];
      const schemes = elements.map(([, attributes = '']) => /schemeIdUri="([^"]*)"/.exec(attributes)?.[1]);
      expect(schemes).toEqual([
        'urn:mpeg:dash:mp4protection:2011',
        'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
        'urn:uuid:9a04f079-9840-4286-ab92-e65be0885f95',
        ...(scheme === 'cbcs' ? ['urn:uuid:94ce86fb-07ff-4f43-adb8-93d2fa968ca2'] : []),
        'urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e',
        'urn:uuid:1077efec-c0b2-4d02-ace3-3c1e52e2fb4b',
      ]);
      const kid = /cenc:default_KID="([^"]*)"/.exec(elements[0]![1]!)![1]!;
      expect(kid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(elements[0]![1]).toContain(`value="${scheme}"`);
      const boxes = [...set.matchAll(/<cenc:pssh>([^<]*)</g)].map(([, base64 = '']) =>
        Buffer.from(base64, 'base64'),
      );
      for (const folder of folders) {
        expect(renditions.find((rendition) => rendition.folder === folder)!.kid).toBe(
          kid.replaceAll('-', ''),
        );
        const init = await reader.bytes(`${folder}/init.mp4`);
        expect(boxes.length).toBe(3);
        for (const box of boxes) expect(init.includes(box)).toBe(true);
      }
      const object = Buffer.from(/<mspr:pro>([^<]*)</.exec(set)![1]!, 'base64');
      expect(object).toEqual(readPssh(boxes[1]!).data);
      expect(/<dashif:Laurl>([^<]*)</.exec(elements.at(-2)![2]!)?.[1]).toBe('https://licences.example/ck');
    }
    expect(seen.sort()).toEqual(renditions.map(({ folder }) => folder).sort());
    // Pictures of two keys are two sets, each of which names the other; SD is one set of two renditions.
    const switching = sets.map((set) => [
      /id="(\d+)"/.exec(set)?.[1],
      /adaptation-set-switching:2016" value="([^"]*)"/.exec(set)?.[1],
    ]);
    expect(switching).toEqual([
      ['0', '1'],
      ['1', '0'],
      ['2', undefined],
      ['3', undefined],
    ]);
  });

  it('tells HLS players of the keys, in media and in I-frame playlists', async () => {
    const method = scheme === 'cbcs' ? 'SAMPLE-AES' : 'SAMPLE-AES-CTR';
    const ivs = new Map(result.protection!.map(({ id, iv }) => [id, iv]));
    for (const { folder, kid } of renditions) {
      const playlist = await reader.text(`${folder}/playlist.m3u8`);
      const tags = keyTags(playlist);
      expect(tags.map((tag) => tag.get('KEYFORMAT'))).toEqual([
        'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed',
        'com.microsoft.playready',
        ...(scheme === 'cbcs' ? ['com.apple.streamingkeydelivery'] : []),
        'org.w3.clearkey',
      ]);
      expect(new Set(tags.map((tag) => tag.get('METHOD')))).toEqual(new Set([method]));
      expect(playlist.indexOf('#EXT-X-KEY')).toBeLessThan(playlist.indexOf('#EXTINF'));
      const iv =
        scheme === 'cbcs' ? `0x${ivs.get(folder.slice(folder.indexOf('/') + 1))!.toUpperCase()}` : undefined;
      const boxes = find(await reader.bytes(`${folder}/init.mp4`), 'moov/pssh').map(({ payload }) => payload);
      const [widevine, playready] = tags;
      const clearkey = tags.at(-1)!;
      expect(dataOf(widevine!.get('URI')).subarray(8)).toEqual(boxes[0]);
      expect(dataOf(playready!.get('URI'))).toEqual(boxes[1]!.subarray(24));
      expect(dataOf(clearkey.get('URI')).toString('hex')).toBe(kid);
      for (const tag of [widevine!, clearkey])
        expect([tag.get('KEYID'), tag.get('IV')]).toEqual([`0x${kid.toUpperCase()}`, iv]);
      // Nobody who takes a URI for the key itself finds a line that he knows.
      expect(playlist).not.toContain('identity');
      if (scheme === 'cbcs') {
        expect([tags[2]!.get('URI'), tags[2]!.has('IV')]).toEqual([`skd://${kid}`, false]);
      }
      if (folder.startsWith('video')) {
        expect(keyTags(await reader.text(`${folder}/iframes.m3u8`))).toEqual(tags);
      }
    }
    const session = keyTags(await reader.text('master.m3u8'), 'EXT-X-SESSION-KEY');
    if (scheme === 'cenc') expect(session).toEqual([]);
    else {
      const uris = session
        .filter((tag) => tag.get('KEYFORMAT')?.startsWith('com.apple'))
        .map((tag) => tag.get('URI'));
      expect(uris.sort()).toEqual(params.encryption.keys.map(({ kid }) => `skd://${kid}`).sort());
      expect(session.some((tag) => tag.has('IV'))).toBe(false);
    }
  });

  it('is byte-identical when made again, whatever the threads of the packager did', async () => {
    expect(await packaged(params)).toEqual(result);
  });

  it('was made with keys that are in no argument, environment or file, in no form', () => {
    expect(started.length).toBeGreaterThan(10);
    const secrets = params.encryption.keys.map(({ kid }) => Buffer.from(keys.keyOf(kid), 'hex'));
    const forms = secrets.flatMap((secret) => [
      secret.toString('hex'),
      secret.toString('hex').toUpperCase(),
      secret.toString('base64'),
      secret.toString('base64url'),
      secret.toString('latin1'),
    ]);
    for (const { file, args, env, cwd } of started) {
      const said = [file, ...args, cwd ?? '', ...Object.values(env ?? {})].join('\n');
      for (const form of forms) expect(said).not.toContain(form);
    }
  });

  it('asks the key service for what it needs, and says what for', () => {
    const { keys: wanted, systems } = params.encryption;
    const request = keys.requests.find((each) => each.scheme === scheme && each.use.purpose === 'package');
    expect(request).toEqual({
      ...{ contentId: 'a title', scheme, systems, keys: wanted },
      use: { purpose: 'package', subject: 'a title' },
    });
    expect(keys.requests.some((each) => each.scheme === scheme && each.use.purpose === 'verify')).toBe(true);
  });
});
