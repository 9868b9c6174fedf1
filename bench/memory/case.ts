import { makeClip } from '../../fixtures/clip.js';
import { type Codec, type EncodeParams, type Resolution, profileOf } from '../../src/encode/index.js';
import type { BlobRef } from '../../src/pipeline/index.js';

/** One encode whose memory is measured. */
export interface MemoryCase {
  codec: Codec;
  /** The codec's default unless given. */
  preset?: string;
  /** Of the picture and of its encode; 8 unless given. */
  bitDepth?: 8 | 10;
  reference: Resolution;
  /** The reference's unless given. */
  resolution?: Resolution;
}

const HD: Resolution = { width: 1280, height: 720 };
const FULL_HD: Resolution = { width: 1920, height: 1080 };
/** From here on SVT-AV1 takes less for each pixel. */
const QUAD_HD: Resolution = { width: 2560, height: 1440 };
const UHD: Resolution = { width: 3840, height: 2160 };
const CODECS: readonly Codec[] = ['h264', 'hevc', 'av1', 'vp9'];

/** More than encoders look ahead at, so that all that they keep at a time is there. */
const FRAMES = { h264: 96, hevc: 48, av1: 144, vp9: 48 };
/** The same for slow presets, which look further. */
const SLOW_FRAMES = { h264: 96, hevc: 96, av1: 144, vp9: 48 };

const framesOf = ({ codec, preset }: MemoryCase): number =>
  (preset === undefined ? FRAMES : SLOW_FRAMES)[codec];

/** Every codec at every size, and what else may matter: 10 bits, slow presets, a small encode of a large picture. */
export const CASES: readonly MemoryCase[] = [
  ...[HD, FULL_HD, UHD].flatMap((reference) => CODECS.map((codec): MemoryCase => ({ codec, reference }))),
  ...(['hevc', 'av1', 'vp9'] as const).map((codec): MemoryCase => ({
    ...{ codec, bitDepth: 10, reference: FULL_HD },
  })),
  { codec: 'h264', preset: 'veryslow', reference: HD },
  { codec: 'hevc', preset: 'veryslow', reference: HD },
  { codec: 'av1', preset: '3', reference: HD },
  { codec: 'vp9', preset: '1', reference: HD },
  { codec: 'h264', reference: UHD, resolution: HD },
  { codec: 'av1', reference: QUAD_HD },
];

/** File name of a case's picture, which says what is in it. */
export function sourceNameOf(one: MemoryCase): string {
  const { width, height } = one.reference;
  return `noise-${width}x${height}-${one.bitDepth ?? 8}-${framesOf(one)}.mov`;
}

/** A picture that moves and is full of noise, without loss as the chunk stage stores it. */
export function makeSource(one: MemoryCase): Promise<string> {
  const { reference, bitDepth = 8 } = one;
  const { width, height } = reference;
  const frames = framesOf(one);
  const deep = bitDepth === 10;
  return makeClip(
    sourceNameOf(one),
    [
      ...['-filter_complex', `testsrc2=s=${width}x${height}:r=24,noise=alls=6:allf=t[v]`, '-map', '[v]'],
      ...['-frames:v', String(frames), '-pix_fmt', deep ? 'yuv420p10le' : 'yuv420p', '-threads', '1'],
      ...(deep
        ? ['-c:v', 'ffv1', '-level', '3', '-g', '1', '-f', 'mov']
        : ['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-g', '48', '-bf', '0', '-f', 'mov']),
    ],
    frames,
  );
}

/** What the flow of a title would ask of the stage. */
export function paramsOf(one: MemoryCase, blob: BlobRef): EncodeParams {
  const { codec, preset, bitDepth = 8, reference, resolution = reference } = one;
  const frames = framesOf(one);
  const { crf, defaultPreset } = profileOf(codec);
  return {
    source: { blob, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames, fps: { num: 24, den: 1 } },
    reference: { ...reference, pixelFormat: bitDepth === 10 ? 'yuv420p10le' : 'yuv420p' },
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
    ...{ bitDepth, codec, preset: preset ?? defaultPreset, resolution, gopFrames: 48 },
    crf: Math.round((crf.min + crf.max) / 2),
    ...{ model: 'vmaf_v0.6.1', subsample: 5 },
  };
}

/** E.g. `hevc, 1080p, 10 bits`. */
export function nameOf({ codec, preset, bitDepth, reference, resolution }: MemoryCase): string {
  const size = resolution ? `${reference.height}p at ${resolution.height}p` : `${reference.height}p`;
  return [
    codec,
    size,
    ...(bitDepth ? [`${bitDepth} bits`] : []),
    ...(preset ? [`preset ${preset}`] : []),
  ].join(', ');
}
