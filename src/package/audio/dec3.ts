import { open } from 'node:fs/promises';
import { HullcastError } from '../../errors.js';
import { BOX_HEADER, type BoxSpan, boxIn, sampleEntriesOf } from '../../media/index.js';

/** What comes before the boxes in a sample entry of sound, its header included (ISO/IEC 14496-12, 12.2.3). */
const AUDIO_FIELDS = BOX_HEADER + 28;

function invalid(why: string): HullcastError {
  return new HullcastError('AUDIO_ENCODE', `the copied E-AC-3 cannot be marked as Dolby Atmos: ${why}`, {
    hint: 'Set audio.passthrough to off, so that the track is encoded instead.',
  });
}

/** Where the substreams that a dec3 box describes end (ETSI TS 102 366, F.6). Others may follow; ffmpeg adds a zero byte. */
function substreamsEnd(moov: Buffer, dec3: BoxSpan): number {
  let at = dec3.start + BOX_HEADER + 2;
  if (at > dec3.end) throw invalid('its dec3 box is too short');
  const independent = (moov.readUInt16BE(at - 2) & 7) + 1;
  for (let n = 0; n < independent; n += 1) {
    const last = at + 2;
    // Where there are dependent substreams, a byte more says what channels they have.
    const dependent = last < dec3.end ? (moov.readUInt8(last) >> 1) & 15 : 0;
    at = last + (dependent > 0 ? 2 : 1);
  }
  if (at > dec3.end) throw invalid('its dec3 box is too short');
  return at;
}

/**
 * A moov of one E-AC-3 track whose `dec3` says that the stream has objects (ETSI TS 103 420, 8.3.2: seven zero bits, the
 * flag, the complexity index). ffmpeg 7.0 leaves it out when it copies, and players then decode the bed alone.
 */
export function withJoc(moov: Buffer, complexity: number): Buffer {
  const found = sampleEntriesOf(moov);
  const [entry] = found?.entries ?? [];
  if (!found || !entry || found.entries.length !== 1) throw invalid('its sample entry cannot be read');
  const dec3 = boxIn(moov, { start: entry.start + AUDIO_FIELDS, end: entry.end }, 'dec3');
  if (!dec3) throw invalid('there is no dec3 box');
  const end = substreamsEnd(moov, dec3);
  const marked = Buffer.concat([
    moov.subarray(0, end),
    Buffer.from([1, complexity]),
    moov.subarray(dec3.end),
  ]);
  for (const { start } of [...found.around, entry, dec3]) {
    marked.writeUInt32BE(moov.readUInt32BE(start) + marked.length - moov.length, start);
  }
  return marked;
}

/** Marks a file as `withJoc` does, in place. Its moov must come last, so that no offset in it changes. */
export async function markJoc(path: string, complexity: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(BOX_HEADER + 8);
    for (let at = 0; at + BOX_HEADER <= size;) {
      await file.read(header, 0, header.length, at);
      const short = header.readUInt32BE(0);
      const length = short === 1 ? Number(header.readBigUInt64BE(BOX_HEADER)) : short;
      if (length < BOX_HEADER) break;
      if (header.toString('latin1', 4, BOX_HEADER) === 'moov' && at + length === size) {
        const moov = Buffer.alloc(length);
        await file.read(moov, 0, length, at);
        const marked = withJoc(moov, complexity);
        await file.write(marked, 0, marked.length, at);
        await file.truncate(at + marked.length);
        return;
      }
      at += length;
    }
    throw invalid('its index does not come last');
  } finally {
    await file.close();
  }
}
