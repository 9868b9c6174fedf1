import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { HullcastError, badUsage } from '../errors.js';
import { SESSION_BITS, type SessionBits } from './code/index.js';
import { otherKey } from './key-file.js';
import { type Variant, type WatermarkKeys, deriveKeys, keyIdOf } from './mark/index.js';

/** Name of the record in a title's folder. */
export const WATERMARK_FILE = 'watermark.json';

const Count = z.number().int().min(0);

/** What a playback service or a detector must know of a marked title. Holds no secret. */
export const WatermarkRecord = z.strictObject({
  version: z.literal(1),
  /** Which master key the title was marked with. */
  keyId: z.string().regex(/^[0-9a-f]{16}$/),
  /** Tells the patterns of this title from those of others. */
  salt: z.string().min(1),
  /** Bits of a session id. */
  sessionBits: z.literal(SESSION_BITS),
  fps: z.strictObject({ num: Count.min(1), den: Count.min(1) }),
  frames: Count.min(1),
  /** First frame of every segment. */
  segmentStarts: z.array(Count).min(1),
  /** The renditions that have variants; the others are the same for everybody. */
  renditions: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        width: Count.min(1),
        height: Count.min(1),
        /** Segment n (from 1) of a variant is `<folder>/<n>.m4s`; they share the init segment. */
        init: z.string().min(1),
        folders: z.strictObject({ a: z.string().min(1), b: z.string().min(1) }),
      }),
    )
    .min(1),
});
export type WatermarkRecord = z.infer<typeof WatermarkRecord>;
export type MarkedRendition = WatermarkRecord['renditions'][number];

/** Path of a segment, counted from 0, in the title's folder. */
export function segmentPath({ folders }: MarkedRendition, variant: Variant, segment: number): string {
  return `${folders[variant]}/${segment + 1}.m4s`;
}

/** True where a path of a record stays in its folder. */
function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.split('/').includes('..');
}

/** Reads the record of a title's folder. Throws WATERMARK_NONE where it has none, WATERMARK_RECORD where it is unsound. */
export async function readRecord(folder: string): Promise<WatermarkRecord> {
  let text: string;
  try {
    text = await readFile(join(folder, WATERMARK_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw badUsage(
      'WATERMARK_NONE',
      `${folder} has no ${WATERMARK_FILE}: it is no title with marks`,
      'Give the folder of a title that was made with `hullcast encode --watermark`.',
    );
  }
  return parseRecord(text, folder);
}

export function parseRecord(text: string, folder: string): WatermarkRecord {
  let cause: unknown;
  try {
    const record = WatermarkRecord.parse(JSON.parse(text));
    const paths = record.renditions.flatMap(({ init, folders }) => [init, folders.a, folders.b]);
    if (paths.every(isInside)) return record;
    cause = new RangeError('it names files outside the folder');
  } catch (error) {
    cause = error;
  }
  throw new HullcastError('WATERMARK_RECORD', `${WATERMARK_FILE} of ${folder} cannot be used`, {
    hint: 'It was changed, or a newer hullcast wrote it: make the title again, or use that version.',
    cause,
  });
}

/** The keys of a record's title. Throws WATERMARK_KEY_OTHER where it was marked with another master key. */
export function keysFor(record: WatermarkRecord, master: Buffer): WatermarkKeys {
  if (keyIdOf(master) !== record.keyId) throw otherKey(record.keyId, master);
  return deriveKeys(master, record.salt);
}

export function codeOf(record: WatermarkRecord, keys: WatermarkKeys): { key: Buffer; bits: SessionBits } {
  return { key: keys.sequence, bits: record.sessionBits };
}
