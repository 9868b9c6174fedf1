import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyIdOf } from '../../../src/keys/index.js';
import { checkEncryption, protectionConflict } from '../../../src/package/drm/check.js';
import { checkCounters, constantIv, counterIv } from '../../../src/package/drm/iv.js';
import { audioLabel, titleKeys, videoLabel } from '../../../src/package/drm/labels.js';
import { encryptionArgs, keysFlags } from '../../../src/package/drm/packager-args.js';
import { secretsOf } from '../../../src/package/drm/protection.js';
import { audioPackagerArgs, videoPackagerArgs } from '../../../src/package/packager/args.js';
import { AUDIO_KID, SD_KID, audio, encryption, packageParams, protection, video } from './facts.js';

describe('labels of keys', () => {
  it.each([
    [1024, 576, 'SD'],
    [576, 1024, 'SD'],
    [1026, 576, 'HD'],
    [1920, 1080, 'HD'],
    [1080, 1920, 'HD'],
    [1922, 1080, 'UHD'],
    [2160, 3840, 'UHD'],
    [16, 16, 'SD'],
  ])('%i × %i: %s', (width, height, label) => {
    expect(videoLabel({ width, height }, 'tiers')).toBe(label);
    expect(videoLabel({ width, height }, 'single')).toBe('ALL');
  });

  it('do not depend on which way up a picture is, and never fall as it grows', () => {
    const side = fc.integer({ min: 2, max: 5000 });
    const rank = (width: number, height: number): number =>
      ['SD', 'HD', 'UHD'].indexOf(videoLabel({ width, height }, 'tiers'));
    fc.assert(
      fc.property(side, side, fc.integer({ min: 0, max: 500 }), (width, height, more) => {
        expect(rank(width, height)).toBe(rank(height, width));
        expect(rank(width + more, height)).toBeGreaterThanOrEqual(rank(width, height));
      }),
    );
  });

  it('are those that a title has, in order, with key ids of their own', () => {
    const videos = [
      { width: 3840, height: 2160 },
      { width: 640, height: 360 },
      { width: 426, height: 240 },
    ];
    const keys = titleKeys({ videos, sound: true }, 'tiers', 'title');
    expect(keys.map(({ label }) => label)).toEqual(['SD', 'UHD', 'AUDIO']);
    expect(keys.map(({ kid }) => kid)).toEqual(
      (['SD', 'UHD', 'AUDIO'] as const).map((label) => keyIdOf('title', label, 0)),
    );
    expect(titleKeys({ videos, sound: false }, 'tiers', 'title')).toEqual(keys.slice(0, 2));
    expect(titleKeys({ videos, sound: true }, 'single', 'title')).toEqual([
      { label: 'ALL', kid: keyIdOf('title', 'ALL', 0) },
    ]);
    expect(audioLabel('single')).toBe('ALL');
  });
});

describe('IVs', () => {
  const SHA = 'cd'.repeat(32);

  it('that count follow from key, rendition and bytes, and from where encryption begins', () => {
    const start = { kid: SD_KID, id: 'v1', sha256: SHA, startFrame: 0, clearLeadSeconds: 0 };
    const iv = counterIv(start);
    expect(iv).toMatch(/^[0-9a-f]{16}$/);
    expect(counterIv({ ...start })).toBe(iv);
    const others = [
      counterIv({ ...start, kid: AUDIO_KID }),
      counterIv({ ...start, id: 'v2' }),
      counterIv({ ...start, sha256: 'ce'.repeat(32) }),
      counterIv({ ...start, startFrame: 48 }),
      counterIv({ ...start, clearLeadSeconds: 48 }),
      counterIv({ ...start, clearLeadSeconds: 48, segmentSeconds: 4 }),
      counterIv({ ...start, clearLeadSeconds: 48, segmentSeconds: 6 }),
      constantIv(SD_KID).slice(0, 16),
    ];
    expect(new Set([iv, ...others]).size).toBe(9);
  });

  it('that stay are what a licence server can derive: the first half of a SHA-256 (docs/packaging.md)', () => {
    // printf '["hullcast iv","cbcs","%s"]' 10…10 | sha256sum | cut -c1-32
    expect(constantIv(SD_KID)).toBe('60ea78fcec8026a21f6db9b801e01b0a');
  });

  const at = (id: string, iv: bigint, kid = SD_KID) => ({
    id,
    kid,
    iv: BigInt.asUintN(64, iv).toString(16).padStart(16, '0'),
  });

  it('of one key are refused where their counters could meet, across the end of all counters too', () => {
    const near = fc.bigInt({ min: -(2n ** 32n) + 1n, max: 2n ** 32n - 1n });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), near, (iv, distance) => {
        const pair = [at('a', iv), at('b', iv + distance)];
        expect(() => checkCounters(pair)).toThrow(expect.objectContaining({ code: 'DRM_IV' }));
        expect(() => checkCounters([pair[0]!, { ...pair[1]!, kid: AUDIO_KID }])).not.toThrow();
      }),
    );
  });

  it('pass where they are far apart', () => {
    const far = fc.bigInt({ min: 2n ** 32n, max: 2n ** 64n - 2n ** 32n });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), far, (iv, distance) => {
        expect(() => checkCounters([at('a', iv), at('b', iv + distance)])).not.toThrow();
      }),
    );
  });
});

describe('what cannot be meant', () => {
  it.each([
    ['fairplay with cenc', { scheme: 'cenc', systems: ['widevine', 'fairplay'] }, /no Apple device plays/],
    ['no system', { scheme: 'cbcs', systems: [] }, /without a system/],
    ['a system twice', { scheme: 'cbcs', systems: ['widevine', 'widevine'] }, /twice/],
    [
      'a licence server of another system',
      { scheme: 'cbcs', systems: ['widevine'], licenseUrls: { playready: 'https://x' } },
      /licence URL for playready/,
    ],
  ] as const)('is refused: %s', (_, wanted, message) => {
    expect(protectionConflict(wanted)).toMatch(message);
    const params = packageParams({ encryption: encryption({ ...wanted, systems: [...wanted.systems] }) });
    expect(() => checkEncryption(params)).toThrow(
      expect.objectContaining({ code: 'DRM_CONFLICT', exitCode: 2 }),
    );
  });

  it.each([
    [{ scheme: 'cenc', systems: ['widevine', 'playready', 'clearkey'] }],
    [{ scheme: 'cbcs', systems: ['fairplay'] }],
  ] as const)('and nothing else: %j', (wanted) => {
    expect(protectionConflict(wanted)).toBeUndefined();
  });

  it.each([
    // Eight seconds, of which pictures begin their last segment at 6 s; sound at 6 s too, or at 5.
    [6, 2, true],
    [6.1, 2, false],
    [6, 3, true],
    [6, 5, false],
    [5, 5, true],
    [0, 8, true],
  ])('a clear lead of %f s over segments of %f s: %s', (clearLeadSeconds, segmentSeconds, fits) => {
    const params = packageParams({ segmentSeconds, encryption: encryption({ clearLeadSeconds }) });
    const check = expect(() => checkEncryption(params));
    if (fits) check.not.toThrow();
    else check.toThrow(expect.objectContaining({ code: 'DRM_CLEAR_LEAD', exitCode: 2 }));
  });

  it('unless nothing is encrypted', () => {
    const { encryption: _, ...params } = packageParams();
    expect(() => checkEncryption(params)).not.toThrow();
  });
});

describe('packager arguments of an encrypted title', () => {
  it('name systems, scheme and labels, and where the keys are to be read', () => {
    const params = packageParams({
      videos: [video(), video({ id: 'v2' })],
      encryption: encryption({
        systems: ['widevine', 'playready', 'fairplay', 'clearkey'],
        clearLeadSeconds: 4.5,
      }),
    });
    const tail = [
      ...['--enable_raw_key_encryption', '--protection_scheme', 'cbcs'],
      ...['--protection_systems', 'Widevine,PlayReady,FairPlay,CommonSystem'],
      ...['--clear_lead', '4.5', '--flagfile=keys'],
    ];
    const { encryption: _, ...clear } = params;
    for (const args of [videoPackagerArgs, audioPackagerArgs]) {
      const [before, after] = [args(clear), args(params)];
      const streams = before.filter((arg) => arg.startsWith('in='));
      expect(after).toEqual([
        ...streams.map((stream) => {
          const id = /^in=in\/([^,]*)/.exec(stream)![1];
          return stream.replace('.m3u8', `.m3u8,drm_label=${id}`);
        }),
        ...before.slice(streams.length),
        ...tail,
      ]);
    }
  });

  it('tell PlayReady where its licences are', () => {
    const licenseUrls = { playready: 'https://x/?a=1&b=<2>', widevine: 'https://w' };
    const args = encryptionArgs(
      encryption({ scheme: 'cenc', systems: ['playready', 'widevine'], licenseUrls }),
    );
    expect(args).toEqual([
      ...['--enable_raw_key_encryption', '--protection_scheme', 'cenc'],
      ...['--protection_systems', 'PlayReady,Widevine'],
      ...['--playready_extra_header_data', '<LA_URL>https://x/?a=1&#38;b=&#60;2&#62;</LA_URL>'],
      ...['--clear_lead', '0', '--flagfile=keys'],
    ]);
    const without = encryptionArgs(encryption({ licenseUrls }));
    expect(without.join()).not.toContain('https://x');
  });

  it('get keys as flags of their own, each rendition under its label', () => {
    const title = protection();
    const iv = 'ab'.repeat(16);
    expect(keysFlags(title, ['v1', 'a1']).toString()).toBe(
      `--keys=label=v1:key_id=${SD_KID}:key=${'01'.repeat(16)}:iv=${iv},` +
        `label=a1:key_id=${AUDIO_KID}:key=${'03'.repeat(16)}:iv=${iv}\n`,
    );
    expect(secretsOf(title)).toEqual(['01'.repeat(16), '03'.repeat(16)]);
    for (const secret of secretsOf(title))
      expect(JSON.stringify([...title.renditions])).not.toContain(secret);
  });

  it('are without any of it for a title in the clear', () => {
    const { encryption: _, ...clear } = packageParams();
    const args = [...videoPackagerArgs(clear), ...audioPackagerArgs({ ...clear, audios: [audio()] })].join(
      ' ',
    );
    for (const word of ['drm', 'key', 'protection', 'clear_lead']) expect(args).not.toContain(word);
  });
});
