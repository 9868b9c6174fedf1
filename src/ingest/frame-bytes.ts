import { parsePixelFormat } from './pixel-format.js';

/** Chroma samples for each luma sample, both planes together. */
const CHROMA = { '4:2:0': 0.5, '4:1:1': 0.5, '4:1:0': 0.125, '4:2:2': 1, '4:4:0': 1, '4:4:4': 2, '4:0:0': 0 };

/** As large as any: four components of 16 bits. */
const UNKNOWN_BYTES = 8;

/** What an ffmpeg process takes that holds no frame, bytes: 25 to 45 MB measured, and buffers of packets. */
const PROCESS_BYTES = 60e6;

export interface FrameFormat {
  width: number;
  height: number;
  /** ffmpeg's name. */
  pixelFormat: string;
}

/** Bytes that a decoded frame takes in memory, about: decoders pad their rows. */
export function frameBytes({ width, height, pixelFormat }: FrameFormat): number {
  const format = parsePixelFormat(pixelFormat);
  if (!format) return width * height * UNKNOWN_BYTES;
  const { chroma, alpha, bitDepth } = format;
  const samples = 1 + CHROMA[chroma] + (alpha ? 1 : 0);
  return width * height * samples * Math.ceil(bitDepth / 8);
}

/**
 * Bytes of memory that a process takes which holds so many decoded frames of a picture at a time, for Stage.memory. How
 * many that are is measured (`npm run bench -- memory`), for decoders keep what they refer to, and ffmpeg 7
 * queues eight frames between its threads.
 */
export function framesMemory(format: FrameFormat, frames: number): number {
  return PROCESS_BYTES + frames * frameBytes(format);
}
