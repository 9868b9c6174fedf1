import { toNumber } from '../../media/index.js';
import { type Cells, type WatermarkKeys, decoyOf, patternOf } from '../mark/index.js';
import { type MarkedRendition, type WatermarkRecord, codeOf } from '../record.js';
import { type Alignment, align } from './align.js';
import { type CellFrames, type CellSource, readCells } from './cells.js';
import type { DetectContext } from './context.js';
import { type Verdict, decide } from './decide.js';
import { type Evidence, evidenceOf } from './evidence.js';
import { segmentCells } from './segments.js';
import { type Signatures, joined, signaturesOf } from './signature.js';
import { type SegmentRange, titleCells } from './title-cells.js';

/** Segments that are decoded at once: bounds the memory whatever the title's length. */
const BATCH = 100;
const DECOYS = 64;

export interface DetectRequest {
  /** Folder of the marked title. */
  folder: string;
  record: WatermarkRecord;
  keys: WatermarkKeys;
  copy: Omit<CellSource, 'fps'> & { height: number };
}

export interface Detection extends Verdict {
  /** Where the copy begins in the title, seconds, and how fast it runs; left out where it does not show the title. */
  at?: { seconds: number; speed: number; likeness: number };
  /** What each segment said, in order. */
  evidence: Evidence[];
}

function* batches({ from, to }: SegmentRange): Generator<SegmentRange> {
  for (let at = from; at < to; at += BATCH) yield { from: at, to: Math.min(to, at + BATCH) };
}

/** The rendition whose height is nearest to that of the copy. */
function nearest(renditions: readonly MarkedRendition[], height: number): MarkedRendition {
  const far = (rendition: MarkedRendition): number => Math.abs(Math.log(rendition.height / height));
  return renditions.reduce((best, other) => (far(other) < far(best) ? other : best));
}

function smallest(renditions: readonly MarkedRendition[]): MarkedRendition {
  return renditions.reduce((best, other) => (other.height < best.height ? other : best));
}

/**
 * Finds for whom a copy of a title was sequenced: where in the title it is from, which variant each of its segments is,
 * and whose sequence that is. Throws WATERMARK_TITLE, and as `ffmpeg` does.
 */
export async function detect(context: DetectContext, request: DetectRequest): Promise<Detection> {
  const { record, copy } = request;
  const { run, tools, signal } = context;
  const frames = await readCells({ run, ffmpeg: tools.ffmpeg, signal }, { ...copy, fps: record.fps });
  const places = align(await titleSignatures(context, request), signaturesOf(frames));
  const found: Detection[] = [];
  for (const place of places) {
    const evidence = await evidenceAt(context, request, frames, place);
    const verdict = decide(evidence, codeOf(record, request.keys), places.length);
    const at = {
      seconds: place.offset / toNumber(record.fps),
      speed: place.speed,
      likeness: place.score,
    };
    found.push({ ...verdict, at, evidence });
  }
  const rank = ({ found: what, doubt }: Detection): number =>
    ['session', 'title', 'marked', 'none'].indexOf(what) + doubt;
  const [best] = found.sort((x, y) => rank(x) - rank(y));
  return best ?? { found: 'none', doubt: 1, evidence: [] };
}

async function titleSignatures(
  context: DetectContext,
  { folder, record }: DetectRequest,
): Promise<Signatures> {
  const title = { folder, record, rendition: smallest(record.renditions) };
  const parts: Signatures[] = [];
  for (const batch of batches({ from: 0, to: record.segmentStarts.length })) {
    parts.push(signaturesOf(await titleCells(context, title, 'a', batch)));
  }
  return joined(parts);
}

async function evidenceAt(
  context: DetectContext,
  { folder, record, keys, copy }: DetectRequest,
  frames: CellFrames,
  place: Alignment,
): Promise<Evidence[]> {
  const title = { folder, record, rendition: nearest(record.renditions, copy.height) };
  const { segmentStarts } = record;
  const endOf = (segment: number): number => segmentStarts[segment + 1] ?? record.frames;
  const [first, last] = [place.offset, place.offset + place.speed * frames.frames];
  const shown = segmentStarts.flatMap((start, n) => (endOf(n) > first && start < last ? [n] : []));
  if (shown.length === 0) return [];
  const decoys = Array.from({ length: DECOYS }, (_, i): Cells => decoyOf(keys.pattern, i));
  const evidence: Evidence[] = [];
  for (const batch of batches({ from: shown[0]!, to: shown.at(-1)! + 1 })) {
    const [a, b] = [
      await titleCells(context, title, 'a', batch),
      await titleCells(context, title, 'b', batch),
    ];
    const both = { start: segmentStarts[batch.from]!, a, b };
    for (let segment = batch.from; segment < batch.to; segment++) {
      const bounds = { segment, from: segmentStarts[segment]!, to: endOf(segment) };
      const cells = segmentCells(frames, place, both, bounds);
      const one = cells && evidenceOf(cells, patternOf(keys.pattern, segment), decoys);
      if (one) evidence.push(one);
    }
  }
  return evidence;
}
