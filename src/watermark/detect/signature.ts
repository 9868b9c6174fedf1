import { CELLS } from '../mark/index.js';
import type { CellFrames } from './cells.js';

/** Signatures of frames: their cells less the mean of them, of length 1. */
export interface Signatures {
  frames: number;
  values: Float32Array;
  /** 1 where the picture has something to tell it by; else its values are 0. */
  telling: Uint8Array;
}

/** Standard deviation, in 16 bits, below which a picture is as good as plain: one step of 8 bits. */
const PLAIN = 257;

export function signaturesOf(cells: CellFrames): Signatures {
  const { frames } = cells;
  const values = new Float32Array(frames * CELLS);
  const telling = new Uint8Array(frames);
  for (let frame = 0; frame < frames; frame++) {
    const own = values.subarray(frame * CELLS, (frame + 1) * CELLS);
    own.set(cells.values.subarray(frame * CELLS, (frame + 1) * CELLS));
    const mean = own.reduce((sum, value) => sum + value, 0) / CELLS;
    const squares = own.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    telling[frame] = Math.sqrt(squares / CELLS) > PLAIN ? 1 : 0;
    const length = Math.sqrt(squares);
    own.forEach((value, i) => (own[i] = telling[frame] ? (value - mean) / length : 0));
  }
  return { frames, values, telling };
}

/** Correlation of two frames, −1..1; 0 where one is plain. */
export function alike(x: Signatures, frameX: number, y: Signatures, frameY: number): number {
  let sum = 0;
  const [atX, atY] = [frameX * CELLS, frameY * CELLS];
  for (let i = 0; i < CELLS; i++) sum += x.values[atX + i]! * y.values[atY + i]!;
  return sum;
}

/** Signatures of parts of one video, one after the other. */
export function joined(parts: readonly Signatures[]): Signatures {
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  const all = { frames, values: new Float32Array(frames * CELLS), telling: new Uint8Array(frames) };
  let at = 0;
  for (const part of parts) {
    all.values.set(part.values, at * CELLS);
    all.telling.set(part.telling, at);
    at += part.frames;
  }
  return all;
}
