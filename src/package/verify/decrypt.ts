import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SecretKey } from '../../keys/index.js';
import { withoutKeyLines } from '../drm/playlists.js';
import type { MediaInput } from './decode.js';

/** Beside a rendition's playlist: one for each key period, without keys, which ffmpeg would look for. */
const openPlaylist = (period: number): string => `playlist.open-${period}.m3u8`;

/** A string in a script of ffmpeg's concat demuxer. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A playlist without keys for each initialisation segment that it names, with the segments of that alone. */
export function periodPlaylists(playlist: string): string[] {
  const lines = withoutKeyLines(playlist).split('\n');
  const first = lines.findIndex((line) => line.startsWith('#EXT-X-MAP:'));
  if (first < 0) return [lines.join('\n')];
  const head = lines.slice(0, first);
  const parts: string[][] = [];
  for (const line of lines.slice(first).filter((each) => each !== '#EXT-X-ENDLIST' && each !== '')) {
    if (line.startsWith('#EXT-X-MAP:')) parts.push([...head]);
    parts.at(-1)!.push(line);
  }
  return parts.map((part) => [...part, '#EXT-X-ENDLIST', ''].join('\n'));
}

/**
 * Opens a playlist and decrypts what it names, each key period with its key. ffmpeg takes a key as an option, and options on a
 * command line, where everybody could read it, or in a script of its concat demuxer: that comes from standard input.
 */
export async function decryptedInput(
  root: string,
  { kind, file: playlist }: { kind: 'video' | 'audio'; file: string },
  keys: readonly SecretKey[],
): Promise<MediaInput> {
  const hex = keys.map((key) => key.reveal().toString('hex'));
  const parts = periodPlaylists(await readFile(join(root, playlist), 'utf8'));
  const script = ['ffconcat version 1.0'];
  for (const [period, text] of parts.entries()) {
    const open = join(root, dirname(playlist), openPlaylist(period));
    await writeFile(open, text);
    script.push(`file ${quoted(`file:${open}`)}`);
    // More parts than keys are none of this title: they fail to be decoded, as they should.
    const options = [`decryption_key=${hex[period] ?? hex[0]}`];
    // The edit list hides what goes before the title. ffmpeg would hide as much at the beginning of every period.
    if (kind === 'audio' && period > 0) options.push('ignore_editlist=1');
    script.push(`option seg_format_options ${options.join(':')}`);
  }
  return {
    args: [
      ...['-protocol_whitelist', 'file,pipe', '-f', 'concat', '-safe', '0'],
      // Packets as they are in the file.
      ...['-auto_convert', '0', '-threads', '1', '-i', 'pipe:0'],
    ],
    input: Buffer.from([...script, ''].join('\n'), 'utf8'),
    secrets: hex,
  };
}
