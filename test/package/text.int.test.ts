import { randomUUID } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse as parseHls, type types } from 'hls-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_NTSC } from '../../fixtures/renditions.js';
import { RULES } from '../../src/conformance/index.js';
import { ffmpeg } from '../../src/media/index.js';
import {
  FINDING_CODES,
  type PackageParams,
  type PackageResult,
  type TextTrack,
  packageStage,
  verifyStage,
} from '../../src/package/index.js';
import { type Cue, formatCues } from '../../src/text/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { cue } from '../text/support.js';
import { freshContext, testTitle } from './support.js';
import { outOfOrder } from '../support/mpd-order.js';

const RULE_IDS: ReadonlySet<string> = new Set(RULES.map(({ id }) => id));

let stage: TestStage;
let title: PackageParams & { texts: TextTrack[] };
let result: PackageResult;

/** 187 frames at 24000/1001 fps: 7.799… s, which is no whole number of milliseconds. */
const END = 7799;
const CUES: Record<string, Cue[]> = {
  // Two at once, one over three segments, one to the very end, and a quiet segment between.
  en: [
    { ...cue(0, 4600, ['long & <odd>']), settings: { line: { value: 10, percent: true }, align: 'start' } },
    cue(1000, 2000, ['two\n', { tag: 'i', content: ['lines'] }]),
    cue(7000, END, ['the end']),
  ],
  fr: [cue(2250, 4500, ['à la frontière'])],
  'fr-sdh': [cue(100, 200, ['[bruit]'])],
};

async function textTrack(id: string, over: Partial<TextTrack>): Promise<TextTrack> {
  const path = join(stage.context.scratch, randomUUID());
  const cues = CUES[id]!;
  await writeFile(path, formatCues(cues));
  return {
    ...{
      id: `text-${id}`,
      language: id.slice(0, 2),
      name: id,
      kind: 'subtitles',
      forced: false,
      default: false,
      autoselect: true,
    },
    ...{ blob: await stage.context.keep(path), cues: cues.length },
    ...over,
  };
}

beforeAll(async () => {
  stage = await stageContext();
  const texts = [
    await textTrack('en', { name: 'English', default: true }),
    await textTrack('fr', { forced: true }),
    await textTrack('fr-sdh', { kind: 'captions' }),
  ];
  title = { ...(await testTitle(stage, TITLE_NTSC, 'stereo')), texts };
  result = await packageStage.run(title, await freshContext(stage));
});
afterAll(() => stage.cleanUp());

async function bytesOf(path: string): Promise<Buffer> {
  const file = result.files.find((each) => each.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob));
}
const textOf = async (path: string): Promise<string> => (await bytesOf(path)).toString('utf8');

async function verified(files = result.files, over: Partial<typeof title> = {}): Promise<string[]> {
  const { videos, audios, texts } = { ...title, ...over };
  const { findings } = await verifyStage.run({ files, videos, audios, texts }, await freshContext(stage));
  for (const { code } of findings) expect(code in FINDING_CODES || RULE_IDS.has(code)).toBe(true);
  return [...new Set(findings.map(({ code }) => code))];
}

/** The package with other bytes for a file; null takes it out. */
async function edited(
  path: string,
  change: (bytes: Buffer) => Buffer | string | null,
): Promise<PackageResult['files']> {
  const before = await bytesOf(path);
  const content = change(Buffer.from(before));
  const others = result.files.filter((file) => file.path !== path);
  if (content === null) return others;
  expect(Buffer.from(content).equals(before)).toBe(false);
  const temporary = join(stage.context.scratch, randomUUID());
  await writeFile(temporary, content);
  return [...others, { path, blob: await stage.context.keep(temporary) }];
}

const replacing = (from: string, to: string) => (bytes: Buffer) => {
  const at = bytes.indexOf(from);
  if (at < 0) throw new Error(`no ${from} there`);
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(to),
    bytes.subarray(at + Buffer.byteLength(from)),
  ]);
};

describe('a title with three texts', () => {
  it('passes every check, and is the same made again', async () => {
    expect(await verified()).toEqual([]);
    expect(await packageStage.run(title, await freshContext(stage))).toEqual(result);
  });

  it('offers them with every picture, and says what they are', async () => {
    const master = parseHls(await textOf('master.m3u8')) as types.MasterPlaylist;
    const played = master.variants.filter(({ isIFrameOnly }) => !isIFrameOnly);
    expect(played).toHaveLength(2);
    for (const { subtitles } of played) {
      expect(
        subtitles.map((each) => [each.name, each.language, each.isDefault, each.autoselect, each.forced]),
      ).toEqual([
        ['English', 'en', true, true, false],
        ['fr', 'fr', false, true, true],
        ['fr-sdh', 'fr', false, true, false],
      ]);
      expect(subtitles.map(({ characteristics }) => characteristics?.split(',').length)).toEqual([
        undefined,
        undefined,
        2,
      ]);
    }
    // Captions are not in the pictures, and text adds no codec.
    const lines = (await textOf('master.m3u8'))
      .split('\n')
      .filter((line) => line.startsWith('#EXT-X-STREAM-INF'));
    for (const line of lines)
      expect(line).toMatch(/CODECS="avc1\.[^",]*,mp4a\.40\.2".*CLOSED-CAPTIONS=NONE.*SUBTITLES="text"/);
    const mpd = await textOf('manifest.mpd');
    expect(outOfOrder(mpd)).toEqual([]);
    expect(mpd.match(/<AdaptationSet id="\d+" contentType="[a-z]+"/g)).toEqual(
      ['video', 'audio', 'text', 'text', 'text'].map(
        (kind, id) => `<AdaptationSet id="${id}" contentType="${kind}"`,
      ),
    );
    expect(mpd.match(/<Representation id="text-[a-z-]+" bandwidth="\d+" codecs="wvtt"/g)).toHaveLength(3);
  });

  it('has segments as long as the sound, to the end of the title', async () => {
    const playlist = parseHls(await textOf('text/text-fr/playlist.m3u8')) as types.MediaPlaylist;
    expect(playlist.segments.map(({ uri, duration }) => [uri, duration])).toEqual([
      ['1.vtt', 2.25],
      ['2.vtt', 2.25],
      ['3.vtt', 2.25],
      ['4.vtt', 1.049],
    ]);
  });

  it('is read by ffmpeg with the very times and texts', async () => {
    const root = join(stage.context.scratch, randomUUID());
    for (const { path, blob } of result.files) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(await stage.context.path(blob), join(root, path));
    }
    const { run, tools } = stage.context;
    const args = [
      '-protocol_whitelist',
      'file',
      '-f',
      'hls',
      '-allowed_extensions',
      'ALL',
      '-i',
      `file:${root}/text/text-en/playlist.m3u8`,
    ];
    const { stdout } = await ffmpeg(run, tools.ffmpeg, {
      args: [...args, '-f', 'webvtt', 'pipe:1'],
      frames: 1000,
    });
    // It gives what is in two segments twice.
    const blocks = new Set(stdout.toString('utf8').trim().split('\n\n').slice(1));
    expect([...blocks]).toEqual([
      '00:00.000 --> 00:04.600\nlong & <odd>',
      '00:01.000 --> 00:02.000\ntwo\n<i>lines</i>',
      `00:07.000 --> 00:07.799\nthe end`,
    ]);
  });
});

describe('texts that are not as they should be are found', () => {
  const EN = 'text/text-en';
  it.each([
    ['another time in HLS', `${EN}/4.vtt`, replacing('00:00:07.000', '00:00:07.001'), ['text-cues-differ']],
    ['another text in HLS', `${EN}/1.vtt`, replacing('long', 'Long'), ['text-cues-differ']],
    ['another place in HLS', `${EN}/1.vtt`, replacing('line:10%', 'line:11%'), ['text-cues-differ']],
    [
      'a cue that is not in its second segment',
      `${EN}/2.vtt`,
      () => 'WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n',
      ['text-cues-differ'],
    ],
    [
      "a time map as the packager's",
      `${EN}/1.vtt`,
      replacing('MPEGTS:0', 'MPEGTS:9000'),
      ['text-cues-differ'],
    ],
    ['a segment that is no WebVTT', `${EN}/1.vtt`, () => 'oops', ['text-unreadable', 'text-cues-differ']],
    ['a segment that is missing', `${EN}/1.vtt`, () => null, ['SOURCE-MISSING', 'text-cues-differ']],
    [
      'a playlist that ends early',
      `${EN}/playlist.m3u8`,
      replacing('#EXTINF:1.049,\n4.vtt\n', ''),
      ['file-unlisted', 'text-duration', 'text-cues-differ'],
    ],
    [
      'no playlist',
      `${EN}/playlist.m3u8`,
      () => null,
      ['SOURCE-MISSING', 'file-unlisted', 'rendition-missing'],
    ],
    ['another text in DASH', `${EN}/4.m4s`, replacing('the end', 'The end'), ['text-cues-differ']],
    ['half a cue in DASH', `${EN}/2.m4s`, replacing('payl', 'pail'), ['text-unreadable']],
    [
      'a gap in DASH',
      `${EN}/2.m4s`,
      (bytes: Buffer) => (bytes.writeUInt32BE(2251, bytes.indexOf('tfdt') + 12), bytes),
      ['ISO-TFDT-CONTINUITY', 'text-unreadable'],
    ],
    ['a segment that DASH misses', `${EN}/3.m4s`, () => null, ['SOURCE-MISSING', 'text-cues-differ']],
    [
      'another language in HLS',
      'master.m3u8',
      replacing('LANGUAGE="fr",NAME="fr"', 'LANGUAGE="de",NAME="fr"'),
      ['text-signalling'],
    ],
    [
      'two texts of one name',
      'master.m3u8',
      replacing('NAME="fr-sdh"', 'NAME="fr"'),
      ['text-signalling', 'HLS-GROUP-MEMBERS'],
    ],
    [
      'a text that is not said to be forced',
      'master.m3u8',
      replacing('FORCED=YES', 'FORCED=NO'),
      ['text-signalling'],
    ],
    [
      'captions that are not said to be',
      'master.m3u8',
      replacing('transcribes', 'inscribes'),
      ['text-signalling'],
    ],
  ] as [string, string, (bytes: Buffer) => Buffer | string | null, string[]][])(
    '%s',
    async (_, path, change, codes) => {
      const found = await verified(await edited(path, change));
      for (const code of codes) expect(found).toContain(code);
    },
  );

  it('a text that neither manifest has', async () => {
    const more = [...title.texts, { ...title.texts[0]!, id: 'text-de', name: 'de' }];
    expect(await verified(result.files, { texts: more })).toEqual(['rendition-missing']);
  });
});

it('a title without text is packaged as before there was any', async () => {
  const { texts: _texts, ...without } = title;
  const plain = await packageStage.run(without, await freshContext(stage));
  expect(plain.files.filter(({ path }) => path.startsWith('text/'))).toEqual([]);
  const same = (path: string) => plain.files.find((file) => file.path === path);
  for (const file of result.files) {
    if (/^(?:video|audio)\//.test(file.path)) expect(same(file.path)).toEqual(file);
  }
  const read = async (path: string) => readFile(await stage.context.path(same(path)!.blob), 'utf8');
  expect(await read('master.m3u8')).not.toContain('SUBTITLES');
  expect(await read('manifest.mpd')).not.toContain('text');
});
