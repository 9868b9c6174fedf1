import type { Shot } from '../chunker/index.js';
import { type Rational, toNumber } from '../media/index.js';
import type { Judged } from './judge.js';
import type { Piece } from './types.js';

/** Length of the preview at least, where the title is that long, and of a piece at most, seconds. */
const WANTED = 8;
const PIECE = 2;

/** More motion than this, mean luma difference of successive frames, is no livelier, but noise or flashes. */
const LIVELY = 12;

interface Ranked extends Piece {
  shot: number;
  /** Its rank among the pieces of its shot, 0 first. */
  turn: number;
  value: number;
}

/** Cuts a shot into pieces of equal length, none longer than `most`. */
export function piecesOf({ startFrame, endFrame }: Piece, most: number): Piece[] {
  const frames = endFrame - startFrame;
  const count = Math.ceil(frames / most);
  return Array.from({ length: count }, (_, i) => ({
    startFrame: startFrame + Math.floor((i * frames) / count),
    endFrame: startFrame + Math.floor(((i + 1) * frames) / count),
  }));
}

/** How much there is to see: motion of the shot, as far as the piece's frames are worth looking at. */
function liveliness(piece: Piece, shot: Shot, samples: readonly Judged[]): number {
  const seen = samples.filter(({ frame }) => frame >= piece.startFrame && frame < piece.endFrame);
  const good = seen.filter(({ faults }) => faults.every((fault) => fault === 'cut'));
  const score = good.reduce((sum, each) => sum + each.score, 0) / Math.max(1, seen.length);
  return (1 + Math.min(LIVELY, shot.complexity.temporal)) * (0.05 + score);
}

/** Pieces of one shot, the liveliest first. */
function ranked(shot: Shot, samples: readonly Judged[], most: number): Ranked[] {
  const own = samples.filter((sample) => sample.shot === shot.index);
  return piecesOf(shot, most)
    .map((piece) => ({ ...piece, shot: shot.index, turn: 0, value: liveliness(piece, shot, own) }))
    .sort((a, b) => b.value - a.value || a.startFrame - b.startFrame)
    .map((piece, turn) => ({ ...piece, turn }));
}

/**
 * The pieces of a title that make its preview, in the order of the title: the liveliest, one from each shot before a second
 * from any, until there are eight seconds of them or all of the title; so they are never more than ten.
 */
export function previewPieces(shots: readonly Shot[], samples: readonly Judged[], fps: Rational): Piece[] {
  const frames = (seconds: number): number => Math.max(1, Math.floor(seconds * toNumber(fps)));
  const all = shots
    .flatMap((shot) => ranked(shot, samples, frames(PIECE)))
    .sort((a, b) => a.turn - b.turn || b.value - a.value || a.startFrame - b.startFrame);
  const chosen: Piece[] = [];
  let length = 0;
  for (const { startFrame, endFrame } of all) {
    if (length >= frames(WANTED)) break;
    chosen.push({ startFrame, endFrame });
    length += endFrame - startFrame;
  }
  return joined(
    chosen.sort((a, b) => a.startFrame - b.startFrame),
    shots,
  );
}

/** Pieces of one shot that follow each other become one, so that nothing is cut that need not be. */
function joined(pieces: readonly Piece[], shots: readonly Piece[]): Piece[] {
  const starts = new Set(shots.map(({ startFrame }) => startFrame));
  const result: Piece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last?.endFrame === piece.startFrame && !starts.has(piece.startFrame)) last.endFrame = piece.endFrame;
    else result.push({ ...piece });
  }
  return result;
}
