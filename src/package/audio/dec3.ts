import { open } from 'node:fs/promises';
import { HullcastError } from '../../errors.js';
import { BOX_HEADER, boxIn, sampleEntriesOf } from '../../media/index.js';

/** What comes before the boxes in a sample entry of sound, its header included (ISO/IEC 14496-12, 12.2.3). */
const AUDIO_FIELDS = BOX_HEADER + 28;

function invalid(why: string): HullcastError {
  return new HullcastError('AUDIO_ENCODE', `the copied E-AC-3 cannot be marked as Dolby Atmos: ${why}`, {
    hint: 'Set audio.passthrough to false, so that the track is encoded instead.',
  });
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
  const extension = Buffer.from([1, complexity]);
  const marked = Buffer.concat([moov.subarray(0, dec3.end), extension, moov.subarray(dec3.end)]);
  for (const { start } of [...found.around, entry, dec3]) {
    marked.writeUInt32BE(moov.readUInt32BE(start) + extension.length, start);
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
        return;
      }
      at += length;
    }
    throw invalid('its index does not come last');
  } finally {
    await file.close();
  }
}
