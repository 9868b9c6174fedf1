/** Frame counts of ffmpeg's idet filter, multi-frame detection. */
export interface IdetCounts {
  topFirst: number;
  bottomFirst: number;
  progressive: number;
  undetermined: number;
}

export interface InterlaceVerdict {
  /** `mixed`: some frames are combed (telecine, spliced material), too few to deinterlace everything. */
  kind: 'progressive' | 'interlaced' | 'mixed';
  /** Which field comes first in time, where interlaced. */
  parity: 'tff' | 'bff';
  /** True where the stream says interlaced, and the picture does not look it. */
  flagWrong: boolean;
}

/**
 * Reads the line that idet prints at its end; undefined for other lines. ffmpeg prints one from a filter graph that
 * never ran as well, with zeros: the caller keeps the greatest.
 */
export function parseIdetLine(line: string): IdetCounts | undefined {
  const match =
    /Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+) Undetermined:\s*(\d+)/.exec(line);
  if (!match) return undefined;
  const [topFirst = 0, bottomFirst = 0, progressive = 0, undetermined = 0] = match.slice(1).map(Number);
  return { topFirst, bottomFirst, progressive, undetermined };
}

export function countedFrames(counts: IdetCounts): number {
  return counts.topFirst + counts.bottomFirst + counts.progressive + counts.undetermined;
}

/** Which field is shown first, from ffprobe's field_order: the second letter is the order of display. */
function flaggedParity(fieldOrder: string | undefined): 'tff' | 'bff' | undefined {
  if (fieldOrder === 'tt' || fieldOrder === 'bt') return 'tff';
  return fieldOrder === 'bb' || fieldOrder === 'tb' ? 'bff' : undefined;
}

/** Frames that must have a clear verdict before the picture is believed. */
const MIN_EVIDENCE = 8;

/** How much of the picture must be combed to be deinterlaced, and over how many frames, where no flag says so. */
const UNFLAGGED = { frames: MIN_EVIDENCE, share: 0.75 };
/** The same where a flag says progressive: encoders forget the flag, but rarely. */
const AGAINST_FLAG = { frames: 24, share: 0.9 };

/**
 * Weighs the stream's flag against what the picture looks like. Flagged material is deinterlaced unless idet finds it
 * clearly progressive (progressive video in interlaced flags is common in broadcast masters); other material is
 * deinterlaced only where nearly all of the judged frames are combed, with one order of fields.
 */
export function judgeInterlace(
  fieldOrder: string | undefined,
  counts: IdetCounts | undefined,
): InterlaceVerdict {
  const flagged = flaggedParity(fieldOrder);
  const { topFirst = 0, bottomFirst = 0, progressive = 0 } = counts ?? {};
  const judged = topFirst + bottomFirst + progressive;
  const seen = bottomFirst > topFirst ? 'bff' : 'tff';
  // Interlaced video has one order of fields; fine moving detail in progressive video looks like either, by chance.
  const combed = Math.abs(topFirst - bottomFirst);
  const share = judged === 0 ? 0 : combed / judged;
  const sure = judged >= MIN_EVIDENCE;
  if (flagged) {
    const wrong = sure && progressive / judged > 0.95;
    return { kind: wrong ? 'progressive' : 'interlaced', parity: flagged, flagWrong: wrong };
  }
  const needed = fieldOrder === 'progressive' ? AGAINST_FLAG : UNFLAGGED;
  if (judged >= needed.frames && share > needed.share)
    return { kind: 'interlaced', parity: seen, flagWrong: false };
  return { kind: sure && share > 0.15 ? 'mixed' : 'progressive', parity: seen, flagWrong: false };
}
