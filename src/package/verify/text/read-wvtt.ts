import { type Sample, boxesOf } from '../../../conformance/index.js';
import type { ShippedCue } from './shipped-cue.js';

/** A cue of one sample, with the number of its source where it is in several. */
interface Piece extends ShippedCue {
  source: number | undefined;
}

function pieceOf(cue: { payload: Buffer }, { start, end }: Sample): Piece | undefined {
  const inner = boxesOf(cue.payload);
  const text = (type: string): string | undefined =>
    inner?.find((box) => box.type === type)?.payload.toString('utf8');
  const payload = text('payl');
  if (payload === undefined) return undefined;
  const source = inner?.find((box) => box.type === 'vsid')?.payload.readUInt32BE(0);
  return { start, end, settings: text('sttg') ?? '', text: payload, source };
}

/** The pieces of a sample; undefined where it is neither cues nor the one box that says that there are none. */
function piecesOf(sample: Sample): Piece[] | undefined {
  const boxes = boxesOf(sample.data);
  if (!boxes || boxes.length === 0) return undefined;
  if (boxes.length === 1 && boxes[0]!.type === 'vtte') return [];
  const pieces = boxes.map((box) => (box.type === 'vttc' ? pieceOf(box, sample) : undefined));
  return pieces.every((piece) => piece !== undefined) ? pieces : undefined;
}

/**
 * Puts the cues of WebVTT in MP4 together again (ISO/IEC 14496-30, 7), from all samples of a track in order; its times are in
 * milliseconds. Undefined where
 * a sample is not readable, or the pieces of a cue do not follow each other.
 */
export function cuesOfSamples(samples: readonly Sample[]): ShippedCue[] | undefined {
  const cues: ShippedCue[] = [];
  const bySource = new Map<number, ShippedCue>();
  for (const sample of samples) {
    const pieces = piecesOf(sample);
    if (!pieces) return undefined;
    for (const { source, ...piece } of pieces) {
      const known = source === undefined ? undefined : bySource.get(source);
      if (!known) {
        cues.push(piece);
        if (source !== undefined) bySource.set(source, piece);
      } else {
        const follows =
          known.end === piece.start && known.text === piece.text && known.settings === piece.settings;
        if (!follows) return undefined;
        known.end = piece.end;
      }
    }
  }
  return cues;
}
