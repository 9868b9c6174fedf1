import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import {
  type Codec,
  type EncodeParams,
  type EncodedChunk,
  assembleStage,
  encodeStage,
} from '../../src/encode/index.js';
import { ffmpeg, ffprobe, openArgs } from '../../src/media/index.js';
import type { BlobRef } from '../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FRAMES = 40;
const FPS = { num: 24, den: 1 };
const SIZE = { width: 320, height: 180 };

/** The first chunk has two groups, the second one of another length. */
const CHUNKS = [
  { start: 0, frames: 24, gopFrames: 12 },
  { start: 24, frames: 16, gopFrames: 16 },
] as const;
const SEGMENTS = [0, 12, 24];

interface Case {
  codec: Codec;
  preset: string;
  /** A good and a poor value of the quality parameter. */
  good: number;
  poor: number;
  /** Sample entry of an MP4 file. */
  tag: string;
  /** The box in it that says how to decode. */
  box: string;
  /** What a source of 8 and one of 10 bits are encoded in. */
  formats: Record<8 | 10, string>;
}

const BOTH = { 8: 'yuv420p', 10: 'yuv420p10le' };
const CASES: Case[] = [
  {
    ...{ codec: 'h264', preset: 'veryfast', good: 20, poor: 38, tag: 'avc1', box: 'avcC' },
    formats: { 8: 'yuv420p', 10: 'yuv420p' },
  },
  { codec: 'hevc', preset: 'ultrafast', good: 20, poor: 38, tag: 'hvc1', box: 'hvcC', formats: BOTH },
  { codec: 'av1', preset: '12', good: 22, poor: 58, tag: 'av01', box: 'av1C', formats: BOTH },
  { codec: 'vp9', preset: '5', good: 22, poor: 58, tag: 'vp09', box: 'vpcC', formats: BOTH },
];
const VARIANTS = CASES.flatMap((one) => ([8, 10] as const).map((bitDepth) => ({ ...one, bitDepth })));

/** Something that moves everywhere, without loss, in 8 or 10 bits. */
function source(bitDepth: 8 | 10): Promise<string> {
  return makeClip(`moving-${bitDepth}.mp4`, [
    ...['-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=24,format=${BOTH[bitDepth]}`],
    ...['-frames:v', String(FRAMES), '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-threads', '1'],
  ]);
}

interface Listing {
  streams: { codec_name: string; codec_tag_string: string; pix_fmt: string; color_primaries: string }[];
  packets: { pts: number; flags: string }[];
}

describe.each(VARIANTS)(
  '$codec from $bitDepth bits',
  ({ codec, preset, good, poor, tag, box, formats, bitDepth }) => {
    let stage: TestStage;
    let master: BlobRef;
    let first: EncodedChunk;
    beforeAll(async () => {
      stage = await stageContext();
      master = await stage.put(await source(bitDepth));
      first = await encode(0, good);
    });
    afterAll(() => stage.cleanUp());

    function encode(chunk: 0 | 1, crf: number): Promise<EncodedChunk> {
      const { start, frames, gopFrames } = CHUNKS[chunk];
      const params: EncodeParams = {
        source: { blob: master, demuxer: 'mov', videoStream: 0, skipFrames: start, frames, fps: FPS },
        reference: { ...SIZE, pixelFormat: BOTH[bitDepth] },
        colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
        ...{ bitDepth, codec, preset, resolution: SIZE, crf, gopFrames },
        ...{ model: 'vmaf_v0.6.1', subsample: 1 },
      };
      return encodeStage.run(params, stage.context);
    }

    /** Hashes of the decoded frames from `start` on, with a decoder that has seen nothing before. */
    async function decoded(blob: BlobRef, start = 0): Promise<string[]> {
      const { context } = stage;
      const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
        args: [
          ...(start === 0 ? [] : ['-ss', String(start / 24)]),
          ...openArgs(await context.path(blob), 'mov'),
          ...['-fps_mode', 'passthrough', '-f', 'framemd5', 'pipe:1'],
        ],
        frames: FRAMES,
      });
      const lines = stdout.toString('utf8').split('\n');
      return lines
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(',').at(-1)!.trim());
    }

    async function listing(blob: BlobRef): Promise<Listing> {
      const { context } = stage;
      const show = ['-show_streams', '-show_packets'];
      const path = await context.path(blob);
      return (await ffprobe(context.run, context.tools.ffprobe, { path, demuxer: 'mov', show })) as Listing;
    }

    /** The decoder's configuration, as it is in the file. */
    async function configuration(blob: BlobRef): Promise<string> {
      const bytes = await readFile(await stage.context.path(blob));
      const start = bytes.indexOf(box) - 4;
      return bytes.toString('hex', start, start + bytes.readUInt32BE(start));
    }

    function keyFrames({ packets }: Listing): number[] {
      const inOrder = [...packets].sort((a, b) => a.pts - b.pts);
      return inOrder.flatMap(({ flags }, index) => (flags.startsWith('K') ? [index] : []));
    }

    test('has its frames, its key frames, its depth and its name', async () => {
      const { streams, packets } = await listing(first.blob);
      expect(streams).toMatchObject([
        { codec_name: codec, codec_tag_string: tag, pix_fmt: formats[bitDepth], color_primaries: 'bt709' },
      ]);
      expect(packets).toHaveLength(CHUNKS[0].frames);
      expect(keyFrames({ streams, packets })).toEqual([0, 12]);
      expect(await decoded(first.blob)).toHaveLength(CHUNKS[0].frames);
    });

    test('groups are closed: none needs or precedes a frame of another', async () => {
      const { packets } = await listing(first.blob); // in the order of decoding
      packets.forEach(({ pts, flags }, index) => {
        if (!flags.startsWith('K')) return;
        expect(Math.max(-1, ...packets.slice(0, index).map((before) => before.pts))).toBeLessThan(pts);
        expect(Math.min(...packets.slice(index).map((after) => after.pts))).toBe(pts);
      });
      expect(await decoded(first.blob, 12)).toEqual((await decoded(first.blob)).slice(12));
    });

    test('the same parameters give the same bytes, with no settings among them', async () => {
      expect((await encode(0, good)).blob).toEqual(first.blob);
      const bytes = await readFile(await stage.context.path(first.blob));
      expect(['options', 'crf=', 'SVT-AV1', 'Lavf'].filter((text) => bytes.includes(text))).toEqual([]);
    });

    test('chunks of different quality join to exactly their frames', async () => {
      const poorer = await encode(0, poor);
      expect(poorer.score.pooled.mean).toBeLessThan(first.score.pooled.mean - 3);
      expect(poorer.bits).toBeLessThan(first.bits);
      expect(poorer.parameterSets).toBe(first.parameterSets);

      const second = await encode(1, poor);
      const joined = await assembleStage.run(
        { fps: FPS, chunks: [first, second], segmentStarts: SEGMENTS },
        stage.context,
      );
      expect(joined.bits).toBe(first.bits + second.bits);
      const apart = [...(await decoded(first.blob)), ...(await decoded(second.blob))];
      expect(apart).toHaveLength(FRAMES);
      expect(await decoded(joined.blob)).toEqual(apart);
      const whole = await listing(joined.blob);
      expect(whole.streams).toMatchObject([{ codec_tag_string: tag, pix_fmt: formats[bitDepth] }]);
      expect(keyFrames(whole)).toEqual(SEGMENTS);
      const configurations = [first, poorer, second, joined].map(({ blob }) => configuration(blob));
      expect(new Set(await Promise.all(configurations)).size).toBe(1);
      expect(await configuration(joined.blob)).toContain(Buffer.from(box).toString('hex'));
    });
  },
);
