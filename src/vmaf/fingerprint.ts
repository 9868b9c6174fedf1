import { type FileHandle, open } from 'node:fs/promises';
import { HullcastError } from '../errors.js';
import { FINGERPRINT_BYTES, MIN_FRAMES, alignment, isOutOfStep } from './alignment.js';
import { frameCountError } from './request.js';

/** Frames that are compared at a time: enough to tell, few enough to find a title that is out of step in part. */
const WINDOW = 48;

export interface Fingerprints {
  /** Path of the encode's fingerprints, one after the other; frames beyond `frames` are a mistake. */
  encode: string;
  reference: string;
  /** Frames that both must have. */
  frames: number;
}

/** Windows [start, end) of about WINDOW frames that cover all frames; none where there are too few to compare. */
export function windows(frames: number): { start: number; end: number }[] {
  if (frames < MIN_FRAMES) return [];
  const count = Math.max(1, Math.floor(frames / WINDOW));
  const edge = (index: number): number => Math.floor((index * frames) / count);
  return Array.from({ length: count }, (_, index) => ({ start: edge(index), end: edge(index + 1) }));
}

async function countFrames(file: FileHandle): Promise<number> {
  return (await file.stat()).size / FINGERPRINT_BYTES;
}

async function readFrames(file: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const length = (end - start) * FINGERPRINT_BYTES;
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, start * FINGERPRINT_BYTES);
  if (bytesRead !== length)
    throw new HullcastError('SCORE_OUTPUT', `fingerprints end within frames ${start}–${end}`);
  return buffer;
}

async function checkWindow(
  encode: FileHandle,
  reference: FileHandle,
  start: number,
  end: number,
): Promise<void> {
  const found = alignment(
    await readFrames(reference, start, end),
    await readFrames(encode, start, end),
    end - start,
  );
  if (!isOutOfStep(found, end - start)) return;
  const frames = Math.abs(found.shift) === 1 ? 'one frame' : `${Math.abs(found.shift)} frames`;
  const way = found.shift > 0 ? 'ahead of' : 'behind';
  throw new HullcastError(
    'SCORE_SHIFTED',
    `the encode is ${frames} ${way} its reference in frames ${start}–${end - 1}: not scored`,
    { hint: 'Check that both start with the same frame and that none was dropped or repeated.' },
  );
}

/**
 * Checks from their fingerprints that encode and reference have exactly `frames` frames and run in step. Throws
 * SCORE_FRAME_COUNT or SCORE_SHIFTED. Where nothing moves no shift can be told, nor does it matter; nor can it be
 * in less than MIN_FRAMES frames.
 */
export async function checkFingerprints(prints: Fingerprints): Promise<void> {
  const encode = await open(prints.encode);
  try {
    const reference = await open(prints.reference);
    try {
      await checkOpen(encode, reference, prints.frames);
    } finally {
      await reference.close();
    }
  } finally {
    await encode.close();
  }
}

async function checkOpen(encode: FileHandle, reference: FileHandle, frames: number): Promise<void> {
  const inEncode = await countFrames(encode);
  const inReference = await countFrames(reference);
  if (inEncode > frames) throw frameCountError(`the encode has more than ${frames} frames`, frames);
  if (inEncode !== frames) throw frameCountError(`the encode has ${inEncode} frames`, frames);
  if (inReference !== frames) throw frameCountError(`the reference has ${inReference} frames`, frames);
  for (const { start, end } of windows(frames)) await checkWindow(encode, reference, start, end);
}
