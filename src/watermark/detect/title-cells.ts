import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HullcastError } from '../../errors.js';
import type { Variant } from '../mark/index.js';
import { type MarkedRendition, type WatermarkRecord, segmentPath } from '../record.js';
import { type CellFrames, readCells } from './cells.js';
import type { DetectContext } from './context.js';

/** Segments from..to of a title, `to` not among them. */
export interface SegmentRange {
  from: number;
  to: number;
}

/** Decodes segments of one variant of a rendition. Throws WATERMARK_TITLE where they have other frames than they should. */
export async function titleCells(
  context: DetectContext,
  title: { folder: string; record: WatermarkRecord; rendition: MarkedRendition },
  variant: Variant,
  { from, to }: SegmentRange,
): Promise<CellFrames> {
  const { folder, record, rendition } = title;
  const path = join(context.scratch, `${rendition.id}-${variant}.mp4`);
  const segments = Array.from({ length: to - from }, (_, i) => segmentPath(rendition, variant, from + i));
  for (const [i, name] of [rendition.init, ...segments].entries()) {
    await pipeline(
      createReadStream(join(folder, name)),
      createWriteStream(path, { flags: i === 0 ? 'w' : 'a' }),
    );
  }
  const expected = (record.segmentStarts[to] ?? record.frames) - record.segmentStarts[from]!;
  const { run, tools, signal } = context;
  const cells = await readCells(
    { run, ffmpeg: tools.ffmpeg, signal },
    { path, demuxer: 'mov', frames: expected },
  );
  await rm(path);
  if (cells.frames !== expected) {
    throw new HullcastError(
      'WATERMARK_TITLE',
      `segments ${from + 1} to ${to} of ${rendition.id}, variant ${variant}, have ${cells.frames} frames instead of ${expected}`,
      { hint: 'The folder is incomplete or encrypted: give the title as it was made, not encrypted.' },
    );
  }
  return cells;
}
