import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_FRAMES, titleMaster } from '../../fixtures/title.js';
import { publishFolder } from '../../src/distribute/index.js';
import {
  type EncodedChunk,
  type EncodeParams,
  assembleStage,
  encodeStage,
  gopStarts,
} from '../../src/encode/index.js';
import { ffmpeg, openArgs } from '../../src/media/index.js';
import { type PackageResult, packageStage, variantsStage } from '../../src/package/index.js';
import {
  type Detection,
  type Variant,
  type WatermarkRecord,
  codeOf,
  deriveKeys,
  detect,
  keyIdOf,
  keysFor,
  readRecord,
  sessionFiles,
  variantSequence,
} from '../../src/watermark/index.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FPS = { num: 24, den: 1 };
const GOP = 4;
const SIZE = { width: 640, height: 360 };
const SESSION = 31_337;
const SALT = 'a title';

describe('a marked title', () => {
  const master = Buffer.alloc(32, 9);
  let stage: TestStage;
  let folder: string;
  let record: WatermarkRecord;
  const encodes: Partial<Record<Variant | 'plain', EncodedChunk>> = {};
  const starts = gopStarts(0, TITLE_FRAMES, GOP);
  const before = process.env['HULLCAST_WATERMARK_KEY_FILE'];

  beforeAll(async () => {
    stage = await stageContext();
    const { context } = stage;
    const keyFile = join(context.scratch, 'watermark.key');
    await writeFile(keyFile, `${master.toString('hex')}\n`, { mode: 0o600 });
    process.env['HULLCAST_WATERMARK_KEY_FILE'] = keyFile;
    const blob = await stage.put(await titleMaster());
    const packaged: Partial<Record<Variant, PackageResult>> = {};
    for (const variant of ['a', 'b', undefined] as const) {
      const params: EncodeParams = {
        source: { blob, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames: TITLE_FRAMES, fps: FPS },
        reference: { ...SIZE, pixelFormat: 'yuv420p' },
        colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
        ...{ bitDepth: 8, codec: 'h264', preset: 'veryfast', resolution: SIZE, crf: 23, gopFrames: GOP },
        ...{ model: 'vmaf_v0.6.1', subsample: 5 },
        ...(variant && { watermark: { variant, keyId: keyIdOf(master), salt: SALT, firstSegment: 0 } }),
      };
      const encoded = await encodeStage.run(params, context);
      encodes[variant ?? 'plain'] = encoded;
      if (!variant) continue;
      const { parameterSets, bits, frames } = encoded;
      const assembled = await assembleStage.run(
        { fps: FPS, chunks: [{ blob: encoded.blob, frames, bits, parameterSets }], segmentStarts: starts },
        context,
      );
      const { averageBitrate, peakBitrate } = assembled;
      const video = { ...SIZE, frames, fps: FPS, averageBitrate, peakBitrate, segmentStarts: starts };
      // The packager works in a folder of its own, as it does in a job.
      const scratch = await mkdtemp(join(context.scratch, 'package-'));
      packaged[variant] = await packageStage.run(
        { videos: [{ id: 'h264', blob: assembled.blob, ...video }], audios: [], segmentSeconds: 2 },
        { ...context, scratch },
      );
    }
    const { files } = await variantsStage.run(
      {
        a: packaged.a!.files,
        b: packaged.b!.files,
        record: {
          ...{ keyId: keyIdOf(master), salt: SALT, sessionBits: 16, fps: FPS, frames: TITLE_FRAMES },
          ...{ segmentStarts: starts, renditions: [{ id: 'h264', ...SIZE }] },
        },
      },
      context,
    );
    folder = join(context.scratch, 'title');
    for (const { path, blob } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await copyFile(await context.path(blob), join(folder, path));
    }
    record = await readRecord(folder);
  }, 120_000);
  afterAll(async () => {
    if (before === undefined) delete process.env['HULLCAST_WATERMARK_KEY_FILE'];
    else process.env['HULLCAST_WATERMARK_KEY_FILE'] = before;
    await stage.cleanUp();
  });

  const run = async (args: string[]): Promise<Buffer> =>
    (await ffmpeg(stage.context.run, stage.context.tools.ffmpeg, { args, frames: TITLE_FRAMES })).stdout;

  /** Encodes a file or playlist again, worse, smaller, and only from a frame on. */
  const pirated = async (input: string[], from: number, name: string): Promise<string> => {
    const path = join(stage.context.scratch, name);
    const filter = `trim=start_frame=${from},setpts=PTS-STARTPTS,scale=426:240:flags=bicubic`;
    const codec = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1', '-crf', '29'];
    await run([...input, '-vf', filter, '-an', ...codec, '-f', 'mp4', `file:${path}`]);
    return path;
  };
  const found = (path: string, keys = keysFor(record, master)): Promise<Detection> =>
    detect(stage.context, {
      ...{ folder, record, keys },
      copy: { path, demuxer: 'mov', frames: TITLE_FRAMES, height: 240 },
    });

  it('has variants of equal frames, whose marks cost little', () => {
    const { a, b, plain } = encodes as Record<Variant | 'plain', EncodedChunk>;
    expect(a.gopBits).toHaveLength(starts.length);
    expect(a.parameterSets).toBe(plain.parameterSets);
    expect(b.parameterSets).toBe(plain.parameterSets);
    for (const { score, bits, blob } of [a, b]) {
      expect(blob.sha256).not.toBe(plain.blob.sha256);
      // Flat drawings at 360 lines are the worst case; the benchmark holds film to 0.5.
      expect(plain.score.pooled.mean - score.pooled.mean).toBeLessThanOrEqual(0.8);
      expect(Math.abs(bits / plain.bits - 1)).toBeLessThan(0.05);
    }
  });

  it('gives a session a copy that plays whole, and is recognised when it is encoded again, smaller and from its middle on', async () => {
    const sequence = variantSequence(codeOf(record, keysFor(record, master)), SESSION, starts.length);
    const out = join(stage.context.scratch, 'session');
    await publishFolder(out, await sessionFiles(folder, record, sequence));
    for (const [n, variant] of sequence.entries()) {
      const source = join(folder, 'video/h264', variant === 'b' ? 'b' : '', `${n + 1}.m4s`);
      expect(await readFile(join(out, `video/h264/${n + 1}.m4s`))).toEqual(await readFile(source));
    }
    const whole = ['-allowed_extensions', 'ALL', '-i', `file:${join(out, 'video/h264/playlist.m3u8')}`];
    const hashes = (await run([...whole, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'])).toString();
    expect(hashes.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toHaveLength(
      TITLE_FRAMES,
    );

    const detection = await found(await pirated(whole, 21, 'copy.mp4'));
    expect(detection).toMatchObject({ found: 'session', session: SESSION });
    expect(detection.doubt).toBeLessThan(1e-6);
    expect(detection.at!.seconds).toBeCloseTo(21 / 24, 1);

    const other = await found(join(stage.context.scratch, 'copy.mp4'), deriveKeys(randomBytes(32), SALT));
    expect(other).toMatchObject({ found: 'none', evidence: [] });
  });

  it('says that a copy is as the title is published, that one is not marked, and that one shows something else', async () => {
    const published = [
      '-allowed_extensions',
      'ALL',
      '-i',
      `file:${join(folder, 'video/h264/playlist.m3u8')}`,
    ];
    expect(await found(await pirated(published, 0, 'published.mp4'))).toMatchObject({ found: 'title' });

    const plain = openArgs(await stage.context.path(encodes.plain!.blob), 'mov');
    const unmarked = await found(await pirated(plain, 0, 'plain.mp4'));
    expect(unmarked).toMatchObject({ found: 'none', doubt: 1 });
    expect(unmarked.at!.likeness).toBeGreaterThan(0.95);
    expect(unmarked.evidence.length).toBeGreaterThan(20);

    const turned = join(stage.context.scratch, 'turned.mp4');
    await run([
      ...plain,
      '-vf',
      'hflip,negate',
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-f',
      'mp4',
      `file:${turned}`,
    ]);
    const strange = await found(turned);
    expect(strange).toEqual({ found: 'none', doubt: 1, evidence: [] });
  });

  it('refuses a worker with another key, and one without', async () => {
    const watermark = { variant: 'a', keyId: '0'.repeat(16), salt: SALT, firstSegment: 0 } as const;
    const blob = encodes.plain!.blob;
    const params = {
      watermark,
      codec: 'h264',
      gopFrames: 6,
      source: { frames: 6, fps: FPS, blob },
    } as EncodeParams;
    await expect(encodeStage.run(params, stage.context)).rejects.toMatchObject({
      code: 'WATERMARK_KEY_OTHER',
    });
    const file = process.env['HULLCAST_WATERMARK_KEY_FILE'];
    delete process.env['HULLCAST_WATERMARK_KEY_FILE'];
    await expect(encodeStage.run(params, stage.context)).rejects.toMatchObject({ code: 'WATERMARK_KEY' });
    process.env['HULLCAST_WATERMARK_KEY_FILE'] = file;
  });
});
