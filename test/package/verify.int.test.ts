import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24 } from '../../fixtures/renditions.js';
import {
  FINDING_CODES,
  type PackageParams,
  type PackageResult,
  type VerifyResult,
  packageStage,
  verifyStage,
} from '../../src/package/index.js';
import { RULES } from '../../src/conformance/index.js';
import { memoryKeys } from '../support/keys.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { encryptionFor } from './drm/support.js';
import { freshContext, testTitle } from './support.js';

let stage: TestStage;
let title: PackageParams;
let good: PackageResult;
const seen = new Set<string>();

const BIG = 'video/h264-180';
const SMALL = 'video/h264-90';
const SOUND = 'audio/audio-en-stereo';

beforeAll(async () => {
  stage = await stageContext({ keys: memoryKeys() });
  title = await testTitle(stage, TITLE_24, 'stereo');
  good = await packageStage.run(title, await freshContext(stage));
});
afterAll(() => stage.cleanUp());

async function bytesOf(path: string, from = good): Promise<Buffer> {
  const file = from.files.find((each) => each.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob));
}

/** New content of a file of the package; null takes it out. */
type Edits = Record<string, Buffer | string | null>;

async function edited(edits: Edits): Promise<PackageResult> {
  const files = good.files.filter(({ path }) => !(path in edits));
  for (const [path, content] of Object.entries(edits)) {
    if (content === null) continue;
    const temporary = join(stage.context.scratch, randomUUID());
    await writeFile(temporary, content);
    files.push({ path, blob: await stage.context.keep(temporary) });
  }
  return { ...good, files };
}

async function verify({ files }: PackageResult, over: Partial<PackageParams> = {}): Promise<VerifyResult> {
  const { videos, audios, encryption } = { ...title, ...over };
  const params = { files, videos, audios, ...(encryption ? { encryption } : {}) };
  const result = await verifyStage.run(params, await freshContext(stage));
  for (const { code } of result.findings) seen.add(code);
  return result;
}

const RULE_IDS = new Set(RULES.map(({ id }) => id));

/** Codes that a package with these edits is found with, and the files they were found in. */
async function found(edits: Edits, over: Partial<PackageParams> = {}): Promise<Map<string, string[]>> {
  const { findings } = await verify(await edited(edits), over);
  const codes = new Map<string, string[]>();
  for (const { code, file, severity, message } of findings) {
    expect(message).not.toContain(stage.context.scratch);
    if (code in FINDING_CODES) expect(severity).toBe('error');
    else expect(RULE_IDS.has(code)).toBe(true);
    codes.set(code, [...(codes.get(code) ?? []), file]);
  }
  return codes;
}

async function replaced(path: string, from: string | RegExp, to: string): Promise<Edits> {
  const text = (await bytesOf(path)).toString('utf8');
  const edit = text.replace(from, to);
  expect(edit).not.toBe(text);
  return { [path]: edit };
}

/** A copy of a file with some bytes overwritten. */
async function patched(path: string, patch: (bytes: Buffer) => void): Promise<Edits> {
  const bytes = Buffer.from(await bytesOf(path));
  patch(bytes);
  return { [path]: bytes };
}

it('finds nothing wrong with a good package', async () => {
  const { findings, decodedFrames } = await verify(good);
  expect(findings).toEqual([]);
  expect(decodedFrames).toEqual({ 'h264-180': 192, 'h264-90': 192 });
});

describe('segments', () => {
  it('missing', async () => {
    const codes = await found({ [`${SMALL}/2.m4s`]: null });
    expect(new Set(codes.get('SOURCE-MISSING'))).toEqual(new Set([`${SMALL}/2.m4s`]));
    expect(codes.has('frame-count')).toBe(true);
    expect([...codes.keys()].filter((code) => code.startsWith('decode-'))).not.toEqual([]);
  });

  it('swapped with a neighbour', async () => {
    const codes = await found({
      [`${BIG}/2.m4s`]: await bytesOf(`${BIG}/3.m4s`),
      [`${BIG}/3.m4s`]: await bytesOf(`${BIG}/2.m4s`),
    });
    expect(codes.get('ISO-TFDT-CONTINUITY')).toContain(`${BIG}/2.m4s`);
    expect(new Set(codes.get('segment-boundary'))).toEqual(new Set([`${BIG}/2.m4s`, `${BIG}/3.m4s`]));
    expect(codes.has('playlist-duration')).toBe(true);
  });

  it('swapped with the same segment of another rendition', async () => {
    const codes = await found({ [`${BIG}/2.m4s`]: await bytesOf(`${SMALL}/2.m4s`) });
    expect(codes.has('payload-differs') || codes.has('decode-failed')).toBe(true);
  });

  it('truncated', async () => {
    const whole = await bytesOf(`${BIG}/4.m4s`);
    const codes = await found({ [`${BIG}/4.m4s`]: whole.subarray(0, whole.length - 1000) });
    expect(codes.get('ISO-BOX-STRUCTURE')).toEqual([`${BIG}/4.m4s`]);
  });

  it('truncated in their head', async () => {
    const whole = await bytesOf(`${BIG}/4.m4s`);
    const codes = await found({ [`${BIG}/4.m4s`]: whole.subarray(0, 200) });
    expect(codes.get('ISO-BOX-STRUCTURE')).toEqual([`${BIG}/4.m4s`]);
  });

  it('that do not begin with a key frame', async () => {
    const codes = await found(
      await patched(`${BIG}/3.m4s`, (bytes) => {
        const trun = bytes.indexOf('trun');
        // Version and flags, sample count, data offset; then size, flags and composition offset of sample 1.
        expect(bytes.readUInt32BE(trun + 4) & 0xfff).toBe(0xe01);
        expect(bytes.readUInt32BE(trun + 20)).toBe(0);
        bytes.writeUInt32BE(0x0001_0000, trun + 20); // sample_is_non_sync_sample
      }),
    );
    expect(codes.get('CMAF-SAP')).toEqual([`${BIG}/3.m4s`]);
  });

  it('with another frame rate', async () => {
    const codes = await found(
      await patched(`${SMALL}/4.m4s`, (bytes) => {
        const tfhd = bytes.indexOf('tfhd');
        expect(bytes.readUInt32BE(tfhd + 16)).toBe(1000); // default_sample_duration
        bytes.writeUInt32BE(1001, tfhd + 16);
      }),
    );
    expect(codes.get('DASH-TIMELINE-MEDIA')).toEqual(['manifest.mpd']);
    expect(codes.get('playlist-duration')).toEqual([`${SMALL}/playlist.m3u8`]);
  });

  it('with a wrong bit in a picture', async () => {
    const codes = await found(
      await patched(`${BIG}/2.m4s`, (bytes) => {
        const at = bytes.length - 2000;
        bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at);
      }),
    );
    expect(codes.has('payload-differs') || codes.has('decode-failed')).toBe(true);
    expect([...codes.keys()].filter((code) => !/^(payload|decode)-/.test(code))).toEqual([]);
  });

  it('of a rendition that was made of other frames', async () => {
    // The package is whole; what was encoded and scored is something else.
    const [first, second] = title.videos;
    if (!first || !second) throw new Error('two renditions are needed');
    const codes = await found({}, { videos: [{ ...first, blob: second.blob }, second] });
    expect([...codes]).toEqual([['payload-differs', [`${BIG}/playlist.m3u8`]]]);
  });

  it('that no playlist names', async () => {
    const codes = await found({ [`${BIG}/5.m4s`]: await bytesOf(`${BIG}/4.m4s`) });
    expect([...codes]).toEqual([['file-unlisted', [`${BIG}/5.m4s`]]]);
  });

  it('cut elsewhere than planned', async () => {
    const videos = title.videos.map((video) => ({ ...video, segmentStarts: [0, 48, 91, 144] }));
    const codes = await found({}, { videos });
    // Two segments of two renditions have other frames, and one of each begins at another one.
    expect(codes.get('segment-boundary')).toHaveLength(6);
  });
});

describe('a title', () => {
  it('that is one frame short', async () => {
    const videos = title.videos.map((video) => ({ ...video, frames: 193 }));
    const codes = await found({}, { videos });
    for (const code of ['frame-count', 'decode-frames', 'mpd-duration', 'segment-boundary']) {
      expect([...codes.keys()]).toContain(code);
    }
    expect(codes.get('frame-count')).toHaveLength(2);
  });

  it('with sound that is shorter than the picture', async () => {
    const short = await testTitle(stage, { ...TITLE_24, frames: 144 }, 'stereo');
    const other = await packageStage.run({ ...title, audios: short.audios }, await freshContext(stage));
    const { findings } = await verify(other, { audios: short.audios });
    const codes = findings.map(({ code }) => code);
    expect(codes).toContain('audio-duration');
    expect(codes).toContain('decode-duration');
  });

  it('with a rendition missing from the MPD', async () => {
    const codes = await found(
      await replaced('manifest.mpd', /<Representation id="h264-90"[\s\S]*?<\/Representation>/, ''),
    );
    expect([...codes]).toEqual([['rendition-missing', [SMALL]]]);
  });
});

describe('initialisation segments', () => {
  it('of another kind', async () => {
    const codes = await found({ [`${BIG}/init.mp4`]: await bytesOf(`${SOUND}/init.mp4`) });
    expect(codes.get('init-tracks')).toEqual([`${BIG}/init.mp4`]);
    expect(codes.has('HLS-CODECS')).toBe(true);
  });

  it('missing', async () => {
    const codes = await found({ [`${BIG}/init.mp4`]: null });
    expect(codes.get('SOURCE-MISSING')).toContain(`${BIG}/init.mp4`);
  });

  const withoutEdit = (path: string): Promise<Edits> =>
    patched(path, (bytes) => {
      const elst = bytes.indexOf('elst');
      expect(bytes.readUInt32BE(elst + 8)).toBe(1); // one entry: duration, then media time
      expect(bytes.readUInt32BE(elst + 16)).toBeGreaterThan(0);
      bytes.writeUInt32BE(0, elst + 16);
    });

  it('that lost the edit that puts the first frame at 0', async () => {
    const codes = await found(await withoutEdit(`${BIG}/init.mp4`));
    expect(codes.get('start-offset')).toEqual([`${BIG}/playlist.m3u8`]);
    expect(codes.has('segment-boundary')).toBe(false);
  });

  it('that lost the edit that hides the priming of sound', async () => {
    const codes = await found(await withoutEdit(`${SOUND}/init.mp4`));
    expect(codes.get('audio-duration')).toEqual([`${SOUND}/playlist.m3u8`]);
  });

  it('that are none', async () => {
    const codes = await found({ [`${SOUND}/init.mp4`]: Buffer.alloc(600, 7) });
    expect(codes.get('ISO-BOX-STRUCTURE')).toEqual([`${SOUND}/init.mp4`]);
  });
});

describe('playlists', () => {
  const cases: [string, string, string | RegExp, string, string][] = [
    ['a wrong duration', `${BIG}/playlist.m3u8`, '#EXTINF:1.750000', '#EXTINF:1.752000', 'playlist-duration'],
    [
      'a wrong duration of sound',
      `${SOUND}/playlist.m3u8`,
      /#EXTINF:2\.2/,
      '#EXTINF:2.3',
      'playlist-duration',
    ],
    [
      'too short a target duration',
      `${BIG}/playlist.m3u8`,
      'TARGETDURATION:3',
      'TARGETDURATION:1',
      'HLS-TARGETDURATION',
    ],
    ['a segment left out', `${BIG}/playlist.m3u8`, '#EXTINF:2.000000,\n4.m4s\n', '', 'segment-count'],
    ['no end', `${BIG}/playlist.m3u8`, '#EXT-X-ENDLIST\n', '', 'HLS-ENDLIST'],
    ['a file of another package', `${BIG}/playlist.m3u8`, '\n2.m4s', '\n/etc/2.m4s', 'SOURCE-OUTSIDE'],
    ['a wrong byte range', `${BIG}/iframes.m3u8`, '@84\n2.m4s', '@80\n2.m4s', 'HLS-IFRAME-RANGE'],
    ['too low a peak', 'master.m3u8', /(?<=:BANDWIDTH=)\d+/, '100000', 'HLS-BANDWIDTH'],
    ['too high a peak', 'master.m3u8', /(?<=:BANDWIDTH=)\d+/, '900000', 'APPLE-BANDWIDTH'],
    ['a wrong average', 'master.m3u8', /(?<=AVERAGE-BANDWIDTH=)\d+/, '100000', 'HLS-AVERAGE-BANDWIDTH'],
    ['no codec of sound', 'master.m3u8', ',mp4a.40.2', '', 'HLS-CODECS'],
    ['no head', 'master.m3u8', '#EXTM3U', '', 'HLS-EXTM3U'],
  ];
  it.each(cases)('with %s', async (_, path, from, to, code) => {
    const codes = await found(await replaced(path, from, to));
    expect([...codes.keys()]).toContain(code);
  });

  it('that differ from the MPD', async () => {
    const codes = await found(await replaced(`${BIG}/playlist.m3u8`, '#EXTINF:2.000000,\n4.m4s\n', ''));
    expect(codes.get('manifests-differ')).toEqual([`${BIG}/playlist.m3u8`]);
  });

  it('missing', async () => {
    const codes = await found({ 'master.m3u8': null });
    expect(codes.get('manifest-missing')).toEqual(['master.m3u8']);
    expect(codes.get('rendition-missing')).toEqual([BIG, SMALL, SOUND]);
  });
});

describe('colour', () => {
  const colr = (bytes: Buffer): number => bytes.indexOf('colrnclx') + 'colrnclx'.length;

  it('of the media that is not the rendition’s', async () => {
    const init = `${BIG}/init.mp4`;
    const codes = await found(await patched(init, (bytes) => bytes.writeUInt16BE(9, colr(bytes))));
    expect(codes.get('colour-wrong')).toEqual([init]);
    expect(codes.get('DASH-CICP')).toEqual(['manifest.mpd']);
    expect(codes.has('HLS-VIDEO-RANGE')).toBe(false);
  });

  it('of HDR and of SDR in one adaptation set', async () => {
    const init = `${BIG}/init.mp4`;
    const codes = await found(await patched(init, (bytes) => bytes.writeUInt16BE(16, colr(bytes) + 2)));
    expect(codes.get('DASH-SET-MIXED')).toEqual(['manifest.mpd']);
    expect(codes.get('HLS-VIDEO-RANGE')).toEqual(['master.m3u8', 'master.m3u8']);
  });

  it('of light that should be in the sample entry', async () => {
    const videos = title.videos.map((video) => ({
      ...video,
      hdr: { contentLight: { maxCll: 9, maxFall: 4 } },
    }));
    expect((await found({}, { videos })).get('light-wrong')).toEqual([
      `${BIG}/init.mp4`,
      `${SMALL}/init.mp4`,
    ]);
    const packaged = await packageStage.run({ ...title, videos }, await freshContext(stage));
    expect((await verify(packaged, { videos })).findings).toEqual([]);
    expect((await verify(packaged)).findings.map(({ code }) => code)).toEqual(['light-wrong', 'light-wrong']);
  });
});

describe('the MPD', () => {
  const cases: [string, string | RegExp, string, string][] = [
    ['a wrong duration', 'd="42000"', 'd="42100"', 'DASH-TIMELINE-MEDIA'],
    ['a wrong length', 'Duration="PT8S"', 'Duration="PT8.04S"', 'mpd-duration'],
    ['too low a bandwidth', /(?<=id="h264-180" bandwidth=")\d+/, '1000', 'DASH-BANDWIDTH'],
    ['a wrong codec', 'avc1.64000c', 'avc1.64001f', 'DASH-CODECS'],
    ['a type that changes', 'type="static"', 'type="dynamic"', 'mpd-type'],
    ['broken markup', '</Period>', '<', 'DASH-XML'],
  ];
  it.each(cases)('with %s', async (_, from, to, code) => {
    const codes = await found(await replaced('manifest.mpd', from, to));
    expect(codes.get(code)).toEqual(['manifest.mpd']);
  });
});

describe('encryption', () => {
  const codesOf = async (from: PackageResult, over: Partial<PackageParams>): Promise<string[]> =>
    (await verify(from, over)).findings.map(({ code, file }) => `${code} ${file}`);

  it('that is missing', async () => {
    const codes = await codesOf(good, { encryption: encryptionFor(title) });
    for (const folder of [BIG, SMALL, SOUND]) {
      expect(codes).toContain(`encryption-wrong ${folder}/init.mp4`);
      expect(codes).toContain(`encryption-wrong ${folder}/1.m4s`);
      expect(codes).toContain(`key-signalling-wrong ${folder}/init.mp4`);
      expect(codes).toContain(`key-signalling-wrong ${folder}/playlist.m3u8`);
    }
    expect(codes).toContain('key-signalling-wrong manifest.mpd');
  });

  it('that nobody asked for, or of another scheme, key or lead than was asked for', async () => {
    const encryption = encryptionFor(title, { systems: ['widevine'] });
    const packaged = await packageStage.run({ ...title, encryption }, await freshContext(stage));
    expect(await codesOf(packaged, { encryption })).toEqual([]);
    expect(await codesOf(packaged, {})).toContain(`encryption-wrong ${BIG}/init.mp4`);
    const cenc = await codesOf(packaged, { encryption: { ...encryption, scheme: 'cenc' } });
    expect(cenc).toContain(`encryption-wrong ${BIG}/init.mp4`);
    const others = encryptionFor(title, { systems: ['widevine'], contentId: 'another' });
    const keys = await codesOf(packaged, { encryption: others });
    expect(keys).toContain(`encryption-wrong ${SOUND}/init.mp4`);
    expect(
      keys.some(
        (code) => code === `payload-differs ${BIG}/playlist.m3u8` || code.startsWith('decode-failed'),
      ),
    ).toBe(true);
    const lead = await codesOf(packaged, { encryption: { ...encryption, clearLeadSeconds: 1 } });
    expect(lead.sort()).toEqual(
      [BIG, SMALL, SOUND]
        .flatMap((folder) => [
          `encryption-wrong ${folder}/1.m4s`,
          `key-signalling-wrong ${folder}/playlist.m3u8`,
        ])
        .sort(),
    );
    const system = await codesOf(packaged, {
      encryption: { ...encryption, systems: ['widevine', 'clearkey'] },
    });
    expect(system).toEqual([BIG, SMALL, SOUND].map((folder) => `key-signalling-wrong ${folder}/init.mp4`));
  });

  it('whose keys are another one’s in trick play or in the MPD', async () => {
    const encryption = encryptionFor(title, { systems: ['widevine'] });
    const packaged = await packageStage.run({ ...title, encryption }, await freshContext(stage));
    const iframes = `${BIG}/iframes.m3u8`;
    const key = (await bytesOf(iframes, packaged)).toString('utf8').replace(/KEYID=0x../, 'KEYID=0x00');
    const mpd = (await bytesOf('manifest.mpd', packaged))
      .toString('utf8')
      .replace(/default_KID=".{8}/, 'default_KID="00000000');
    const files = packaged.files.filter(({ path }) => path !== iframes && path !== 'manifest.mpd');
    for (const [path, content] of [
      [iframes, key],
      ['manifest.mpd', mpd],
    ] as const) {
      const temporary = join(stage.context.scratch, randomUUID());
      await writeFile(temporary, content);
      files.push({ path, blob: await stage.context.keep(temporary) });
    }
    expect(await codesOf({ ...packaged, files }, { encryption })).toEqual([
      'DASH-DEFAULT-KID manifest.mpd',
      `HLS-IFRAME-KEYS ${iframes}`,
      `HLS-KEY-ID ${iframes}`,
      `key-signalling-wrong ${iframes}`,
      // Both renditions of pictures are in the set that names it.
      'key-signalling-wrong manifest.mpd',
      'key-signalling-wrong manifest.mpd',
    ]);
  });
});

it('refuses files that would lie outside the package', async () => {
  const [file] = good.files;
  if (!file) throw new Error('no files');
  for (const path of ['../x', '/etc/x', 'a//b', 'a/../../x', '']) {
    await expect(verify({ ...good, files: [{ ...file, path }] })).rejects.toMatchObject({
      code: 'PACKAGE_PATH',
    });
  }
});

it('does not blame the package when it is cancelled', async () => {
  const controller = new AbortController();
  controller.abort();
  const context = { ...(await freshContext(stage)), signal: controller.signal };
  const { videos, audios } = title;
  await expect(verifyStage.run({ files: good.files, videos, audios }, context)).rejects.toMatchObject({
    name: 'AbortError',
  });
});

it('has found everything that it can find itself', () => {
  const own = [...seen].filter((code) => !RULE_IDS.has(code));
  // What concerns texts and thumbnails is found in text.int.test.ts and thumbnails.int.test.ts.
  const elsewhere = /^(?:text|thumbnails)-/;
  const wanted = Object.keys(FINDING_CODES).filter((code) => !elsewhere.test(code));
  expect(own.sort()).toEqual(wanted.sort());
});
