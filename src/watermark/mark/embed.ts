import { COLUMNS, ROWS, patternOf } from './pattern.js';

/** The two forms of every segment: its pattern added, or taken away. */
export const VARIANTS = ['a', 'b'] as const;
export type Variant = (typeof VARIANTS)[number];

/** Luma steps of 8 bits that a cell of +1 adds. The least that 8 bits can hold, and enough: see docs/watermark.md. */
const STRENGTH = 1;
/** Luma, 8 bits, up to which nothing is added, and from which on all is: in the dark a step shows most. */
const DARK = { from: 16, to: 48 };

/** Luma of a cell of +1 and −1 in a picture of patterns, about its middle. */
const SWING = 100;
const MIDDLE = 128;

/**
 * The patterns of `segments` segments from `first` on as raw 8-bit 4:2:0 frames of COLUMNS × ROWS, one a segment; chroma
 * is neutral.
 */
export function patternFrames(key: Buffer, variant: Variant, first: number, segments: number): Buffer {
  const sign = variant === 'a' ? 1 : -1;
  const chroma = Buffer.alloc(2 * Math.ceil(COLUMNS / 2) * Math.ceil(ROWS / 2), MIDDLE);
  const frames = Array.from({ length: segments }, (_, i) => {
    const cells = patternOf(key, first + i);
    return [Buffer.from(Uint8Array.from(cells, (cell) => MIDDLE + sign * SWING * cell)), chroma];
  });
  return Buffer.concat(frames.flat());
}

/** ffmpeg arguments that open patterns. */
export function patternArgs(path: string): string[] {
  const size = `${COLUMNS}x${ROWS}`;
  return [
    ...['-protocol_whitelist', 'file', '-f', 'rawvideo', '-pixel_format', 'yuv420p'],
    ...['-video_size', size, '-framerate', '1', '-i', `file:${path}`],
  ];
}

export interface EmbedFilter {
  /** Labels of the graph's links without brackets: picture and patterns in, marked picture out. */
  picture: string;
  patterns: string;
  output: string;
  width: number;
  height: number;
  /** Of the picture, planar 4:2:0 of so many bits. */
  pixelFormat: string;
  bitDepth: number;
  /** Frames that have one pattern; the picture counts frames from 0, one a unit of its time base. */
  gopFrames: number;
  /** Time base of the picture, seconds a frame. */
  frameDuration: { num: number; den: number };
}

/**
 * Part of a filter graph that adds patterns to a picture: enlarged with bicubic to soft spots, one for as long as its
 * segment lasts. (The pictures end with their patterns or later: whoever encodes them says how many there are.)
 */
export function embedFilter(filter: EmbedFilter): string {
  const { picture, patterns, output, width, height, pixelFormat, bitDepth } = filter;
  const { gopFrames, frameDuration } = filter;
  const scale = 2 ** (bitDepth - 8);
  const dark = `clip((x-${DARK.from * scale})/${(DARK.to - DARK.from) * scale},0,1)`;
  const mark = `${STRENGTH / SWING}*(y-${MIDDLE * scale})*${dark}`;
  return [
    `[${patterns}]settb=${frameDuration.num}/${frameDuration.den},setpts=N*${gopFrames},` +
      `scale=${width}:${height}:flags=bicubic+accurate_rnd+bitexact,format=${pixelFormat},setsar=1[mark]`,
    `[${picture}][mark]lut2=c0='clip(floor(x+${mark}+0.5),0,${2 ** bitDepth - 1})':c1=x:c2=x[${output}]`,
  ].join(';');
}
