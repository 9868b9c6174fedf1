import { type FileHandle, open } from 'node:fs/promises';
import { BOX_HEADER, type Rational, boxInVisualEntry, sampleEntryOf } from '../media/index.js';
import { vp9Level } from './profile/vp9.js';

/** Offsets in a sample entry of pictures, and in vpcC: after version, flags and profile. */
const WIDTH = BOX_HEADER + 24;
const HEIGHT = BOX_HEADER + 26;
const LEVEL = BOX_HEADER + 4 + 1;

/** The file's moov, where it is, and all before it; undefined where it has none. */
async function upToMovie(file: FileHandle): Promise<Buffer | undefined> {
  const header = Buffer.alloc(BOX_HEADER);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(header, 0, BOX_HEADER, at);
    const size = header.readUInt32BE(0);
    if (bytesRead < BOX_HEADER || size < BOX_HEADER) return undefined;
    at += size;
    if (header.toString('latin1', 4) !== 'moov') continue;
    const data = Buffer.alloc(at);
    await file.read(data, 0, at, 0);
    return data;
  }
}

/**
 * Writes the level into the sample entry of a VP9 file whose moov comes first; leaves files of other codecs alone. ffmpeg
 * takes the level from the size alone: at 50 and 60 fps it is too low, and players would trust it.
 */
export async function correctVp9Level(path: string, fps: Rational): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const data = await upToMovie(file);
    const entry = data && sampleEntryOf(data)?.at(-1);
    const box = entry && boxInVisualEntry(data, entry, 'vpcC');
    if (!box) return;
    const size = {
      width: data.readUInt16BE(entry.start + WIDTH),
      height: data.readUInt16BE(entry.start + HEIGHT),
    };
    const level = Math.round(Number(vp9Level(size, fps).level) * 10);
    await file.write(Buffer.from([level]), 0, 1, box.start + LEVEL);
  } finally {
    await file.close();
  }
}
