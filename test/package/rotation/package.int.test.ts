import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_NTSC, renditionClips, toneClip } from '../../../fixtures/renditions.js';
import { frameSeconds } from '../../../src/media/index.js';
import {
  type AudioRendition,
  type Encryption,
  type PackageParams,
  type PackageResult,
  audioStage,
  packageStage,
  verifyStage,
} from '../../../src/package/index.js';
import { initName } from '../../../src/package/packager/names.js';
import { slotsOf } from '../../../src/package/rotation/timeline.js';
import { memoryKeys } from '../../support/keys.js';
import { type TestStage, stageContext } from '../../support/stage.js';
import { readSegment, sampleEntries } from '../drm/boxes.js';
import { decryptSample } from '../drm/decrypt.js';
import { PackageReader, encryptionFor, keyTags } from '../drm/support.js';
import { freshContext, masterAudio, testTitle, videoInput } from '../support.js';
import { outOfOrder } from '../../support/mpd-order.js';

const SCHEMES = ['cbcs', 'cenc'] as const;
/** Periods of 2, 4 and 2 seconds; pictures have 1, 2 and 1 segments. */
const PERIODS = [0, 48, 144];
const keys = memoryKeys();
let stage: TestStage;
let title: PackageParams;
let clear: PackageReader;
const rotated = new Map<string, { encryption: Encryption; result: PackageResult; reader: PackageReader }>();

async function packaged(params: PackageParams): Promise<PackageResult> {
  return packageStage.run(params, await freshContext(stage));
}

beforeAll(async () => {
  stage = await stageContext({ keys });
  title = await testTitle(stage, TITLE_24, 'stereo');
  clear = new PackageReader(stage, await packaged(title));
  for (const scheme of SCHEMES) {
    const encryption = encryptionFor(title, { scheme, periodStarts: PERIODS });
    const result = await packaged({ ...title, encryption });
    rotated.set(scheme, { encryption, result, reader: new PackageReader(stage, result) });
  }
});
afterAll(() => stage.cleanUp());

async function findings(files: PackageResult['files'], encryption: Encryption): Promise<string[]> {
  const { videos, audios } = title;
  const verified = await verifyStage.run({ files, videos, audios, encryption }, await freshContext(stage));
  return verified.findings.map(({ code, file }) => `${code} ${file}`);
}

const FOLDERS = ['video/h264-180', 'video/h264-90', 'audio/audio-en-stereo'];

/** Periods of an MPD, and in each what its sets say, by folder. */
function periodsOf(
  mpd: string,
): Map<string, { init: string; kid: string; first: number; starts: number[] }>[] {
  return (mpd.match(/<Period\b[\s\S]*?<\/Period>/g) ?? []).map((period) => {
    const sets = period.match(/<AdaptationSet\b[\s\S]*?<\/AdaptationSet>/g) ?? [];
    return new Map(
      sets.flatMap((set) =>
        (set.match(/<SegmentTemplate\b[\s\S]*?<\/SegmentTemplate>/g) ?? []).map((template) => {
          const init = /initialization="([^"]*)"/.exec(template)![1]!;
          const said = {
            ...{ init, kid: /default_KID="([^"]*)"/.exec(set)![1]!.replaceAll('-', '') },
            first: Number(/startNumber="(\d+)"/.exec(template)![1]),
            starts: slotsOf(template).map(({ start }) => start),
          };
          return [init.replace(/\/[^/]*$/, ''), said] as const;
        }),
      ),
    );
  });
}

describe.each(SCHEMES)('a title in %s whose keys change', (scheme) => {
  it('is found sound by verification, which decodes all of it', async () => {
    const { result, encryption } = rotated.get(scheme)!;
    expect(await findings(result.files, encryption)).toEqual([]);
  });

  it('has keys of its own in every period, the same in initialisation segments, MPD, playlists and trick play', async () => {
    const { reader, encryption, result } = rotated.get(scheme)!;
    const periods = periodsOf(await reader.text('manifest.mpd'));
    expect(outOfOrder(await reader.text('manifest.mpd'))).toEqual([]);
    expect(periods).toHaveLength(3);
    expect(new Set(encryption.keys.map(({ kid }) => kid)).size).toBe(6);
    expect(result.protection).toHaveLength(9);
    for (const folder of FOLDERS) {
      const label = folder.startsWith('audio') ? 'AUDIO' : 'SD';
      const wanted = encryption.keys.filter((key) => key.label === label).map(({ kid }) => kid);
      expect(periods.map((period) => period.get(folder)!.kid)).toEqual(wanted);
      for (const [period, kid] of wanted.entries()) {
        const init = `${folder}/${initName(period)}`;
        expect(periods[period]!.get(folder)!.init).toBe(init);
        const entries = sampleEntries(await reader.bytes(init));
        expect(entries.map(({ protection }) => protection?.kid)).toEqual([kid]);
      }
      const lists = folder.startsWith('audio') ? ['playlist.m3u8'] : ['playlist.m3u8', 'iframes.m3u8'];
      for (const list of lists) {
        const text = await reader.text(`${folder}/${list}`);
        const named = keyTags(text).flatMap((tag) => tag.get('KEYID')?.slice(2).toLowerCase() ?? []);
        expect([...new Set(named)]).toEqual(wanted);
        expect([...text.matchAll(/^#EXT-X-MAP:URI="(.*)"$/gm)].map(([, uri]) => uri)).toEqual(
          wanted.map((_, period) => initName(period)),
        );
        expect(text).not.toContain('DISCONTINUITY');
      }
    }
  });

  it('has every sample of the title, in order, at its time, and each opens with the key of its period alone', async () => {
    const { reader, encryption } = rotated.get(scheme)!;
    const periods = periodsOf(await reader.text('manifest.mpd'));
    for (const folder of FOLDERS) {
      const opened: object[] = [];
      const segments = await reader.segments(folder);
      const label = folder.startsWith('audio') ? 'AUDIO' : 'SD';
      const own = encryption.keys.filter((key) => key.label === label);
      for (const [index, bytes] of segments.entries()) {
        const period = periods.findLastIndex((one) => one.get(folder)!.first <= index + 1);
        const [entry] = sampleEntries(await reader.bytes(`${folder}/${initName(period)}`));
        const protection = entry!.protection!;
        const { samples } = readSegment(bytes, protection.ivSize);
        for (const sample of samples) {
          const { duration, flags, composition, data } = sample;
          const open = (which: number): Buffer =>
            decryptSample(sample, protection, Buffer.from(keys.keyOf(own[which]!.kid), 'hex'));
          opened.push({ duration, flags, composition, data: open(period).toString('base64') });
          // Samples of less than a block are clear in cbcs.
          if (data.length < 64) continue;
          for (const other of [0, 1, 2].filter((one) => one !== period)) {
            expect(open(other).equals(open(period))).toBe(false);
          }
        }
      }
      const plain = (await clear.segments(folder)).flatMap((segment) =>
        readSegment(segment, 0).samples.map(({ duration, flags, composition, data }) => ({
          ...{ duration, flags, composition, data: data.toString('base64') },
        })),
      );
      expect(opened.length).toBe(plain.length);
      expect(opened).toEqual(plain);
    }
  });

  it('decodes with ffmpeg, period by period, to the frames of the clear title', async () => {
    const { reader, encryption } = rotated.get(scheme)!;
    const { scratch, tools } = await freshContext(stage);
    const hash = async (name: string, parts: Buffer[], key?: string): Promise<string[]> => {
      const path = join(scratch, name);
      await writeFile(path, Buffer.concat(parts));
      const decryption = key === undefined ? [] : ['-decryption_key', key];
      const { stdout } = await execa(tools.ffmpeg.path, [
        ...['-v', 'fatal', ...decryption, '-i', path, '-map', '0:v', '-f', 'framemd5', '-'],
      ]);
      return stdout.split('\n').flatMap((line) => (/^\d/.test(line) ? [line.split(',').at(-1)!.trim()] : []));
    };
    const folder = FOLDERS[0]!;
    const whole = await hash('clear.mp4', [
      await clear.bytes(`${folder}/init.mp4`),
      ...(await clear.segments(folder)),
    ]);
    expect(whole).toHaveLength(192);
    const segments = await reader.segments(folder);
    const own = encryption.keys.filter(({ label }) => label === 'SD');
    const parts = [segments.slice(0, 1), segments.slice(1, 3), segments.slice(3)];
    const frames: string[][] = [];
    for (const [period, part] of parts.entries()) {
      const init = await reader.bytes(`${folder}/${initName(period)}`);
      frames.push(await hash(`${period}.mp4`, [init, ...part], keys.keyOf(own[period]!.kid)));
      const others = keys.keyOf(own[(period + 1) % 3]!.kid);
      const wrong = await hash(`${period}-wrong.mp4`, [init, ...part], others);
      expect(wrong.filter((frame) => frames[period]!.includes(frame))).toEqual([]);
    }
    expect(frames.flat()).toEqual(whole);
  });

  it('is as one whose keys never change up to the first border, to the byte', async () => {
    const { reader } = rotated.get(scheme)!;
    const once = new PackageReader(
      stage,
      await packaged({ ...title, encryption: encryptionFor(title, { scheme }) }),
    );
    const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    for (const folder of FOLDERS.slice(0, 2)) {
      const [mine] = sampleEntries(await reader.bytes(`${folder}/init.mp4`));
      expect(mine).toEqual(sampleEntries(await once.bytes(`${folder}/init.mp4`))[0]);
      expect(digest(await reader.bytes(`${folder}/1.m4s`))).toBe(digest(await once.bytes(`${folder}/1.m4s`)));
    }
  });
});

it('equal input gives equal bytes, and periods that begin elsewhere share no key stream', async () => {
  const { result, encryption } = rotated.get('cenc')!;
  const again = await packaged({ ...title, encryption });
  expect(again.files).toEqual(result.files);
  const elsewhere = encryptionFor(title, { scheme: 'cenc', periodStarts: [0, 90] });
  const other = await packaged({ ...title, encryption: elsewhere });
  const ivs = ({ protection = [] }: PackageResult): string[] =>
    protection.filter(({ period }) => period === 1).map(({ kid, iv }) => `${kid} ${iv}`);
  // The key of the second period is the same; under it other frames begin.
  expect(ivs(other).map((one) => one.slice(0, 32))).toEqual(ivs(result).map((one) => one.slice(0, 32)));
  for (const one of ivs(other)) expect(ivs(result)).not.toContain(one);
});

describe('verification of a title whose keys change sees', () => {
  const damaged = async (edit: (blobs: Map<string, PackageResult['files'][number]['blob']>) => void) => {
    const { result, encryption } = rotated.get('cbcs')!;
    const blobs = new Map(result.files.map(({ path, blob }) => [path, blob]));
    edit(blobs);
    return findings(
      [...blobs].map(([path, blob]) => ({ path, blob })),
      encryption,
    );
  };

  it('initialisation segments of other periods', async () => {
    const [second, third] = [2, 3].map((n) => `${FOLDERS[2]}/init-${n}.mp4`);
    const found = await damaged((blobs) => {
      const [a, b] = [blobs.get(second!)!, blobs.get(third!)!];
      blobs.set(second!, b).set(third!, a);
    });
    expect(found).toContain(`encryption-wrong ${second}`);
    expect(found).toContain(`encryption-wrong ${third}`);
    expect(found).toContain(`HLS-KEY-ID ${FOLDERS[2]}/playlist.m3u8`);
    expect(found).toContain('DASH-DEFAULT-KID manifest.mpd');
  });

  it('another cut than was asked for', async () => {
    const { result, encryption } = rotated.get('cbcs')!;
    const other = { ...encryption, periodStarts: [0, 90, 144] };
    const found = await findings(result.files, other);
    for (const folder of FOLDERS) expect(found).toContain(`key-signalling-wrong ${folder}/playlist.m3u8`);
  });
});

it('sound of every codec begins its periods with the first frame from there on', async () => {
  const fps = TITLE_NTSC.fps;
  const shape = { ...TITLE_NTSC, sizes: [[160, 90] as const] };
  const [clip] = await renditionClips(shape);
  const source = await stage.put(await toneClip('5.1', 9));
  const audios: AudioRendition[] = [];
  for (const codec of ['aac', 'eac3', 'opus'] as const) {
    const audio = masterAudio({ channels: 6, layout: '5.1' });
    const params = { id: codec, source, demuxer: 'mov', audio, layout: '5.1' as const, codec };
    audios.push(await audioStage.run({ ...params, frames: shape.frames, fps }, await freshContext(stage)));
  }
  const params = { videos: [await videoInput(stage, clip!)], audios, segmentSeconds: 1.5 };
  const encryption = encryptionFor(params, {
    periodStarts: [0, 47, 131],
    preset: 'single',
    systems: ['clearkey'],
  });
  const { files } = await packaged({ ...params, encryption });
  const { findings } = await verifyStage.run(
    { files, ...{ videos: params.videos, audios, encryption } },
    await freshContext(stage),
  );
  expect(findings).toEqual([]);
  const reader = new PackageReader(stage, { files, packagerVersion: '' });
  const periods = periodsOf(await reader.text('manifest.mpd'));
  for (const [id, frame] of [
    ['aac', 1024],
    ['eac3', 1536],
    ['opus', 960],
  ] as const) {
    for (const [index, start] of [47, 131].entries()) {
      const [first = NaN] = periods[index + 1]!.get(`audio/${id}`)!.starts;
      const wanted = frameSeconds(start, fps) * 48_000;
      expect(first).toBeGreaterThanOrEqual(wanted - 1e-6);
      expect(first).toBeLessThan(wanted + frame);
    }
  }
});
