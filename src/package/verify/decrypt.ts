import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SecretKey } from '../../keys/index.js';
import { withoutKeyLines } from '../drm/playlists.js';
import type { MediaInput } from './decode.js';

/** Beside a rendition's playlist: the same without keys, which ffmpeg would look for. */
const OPEN_PLAYLIST = 'playlist.open.m3u8';

/** A string in a script of ffmpeg's concat demuxer. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * Opens a playlist and decrypts what it names. ffmpeg takes a key as an option, and options on a command line, where
 * everybody could read it, or in a script of its concat demuxer: that comes from standard input.
 */
export async function decryptedInput(root: string, playlist: string, key: SecretKey): Promise<MediaInput> {
  const open = join(root, dirname(playlist), OPEN_PLAYLIST);
  await writeFile(open, withoutKeyLines(await readFile(join(root, playlist), 'utf8')));
  const hex = key.reveal().toString('hex');
  const script = [
    'ffconcat version 1.0',
    `file ${quoted(`file:${open}`)}`,
    `option seg_format_options decryption_key=${hex}`,
    '',
  ];
  return {
    args: [
      ...['-protocol_whitelist', 'file,pipe', '-f', 'concat', '-safe', '0'],
      // Packets as they are in the file.
      ...['-auto_convert', '0', '-threads', '1', '-i', 'pipe:0'],
    ],
    input: Buffer.from(script.join('\n'), 'utf8'),
    secrets: [hex],
  };
}
