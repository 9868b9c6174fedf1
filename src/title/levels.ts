import type { Codec } from '../encode/index.js';
import { badUsage } from '../errors.js';

/** Highest level by codec. */
export type MaxLevel = Readonly<Partial<Record<Codec, string>>>;

/** Reads entries such as `h264=4.1`. Throws CONFIG_INVALID for another form, an unknown codec, or a codec twice. */
export function parseLevels(entries: readonly string[], codecs: readonly Codec[]): MaxLevel {
  const levels: Partial<Record<Codec, string>> = {};
  for (const entry of entries) {
    const [, name, level] = /^(\w+)=([1-6](?:\.[0-2])?)$/.exec(entry.trim()) ?? [];
    const codec = codecs.find((candidate) => candidate === name);
    const wrong =
      codec === undefined || level === undefined
        ? `\`${entry}\` is not a codec (${codecs.join(', ')}), = and a level from 1.0 to 6.2`
        : levels[codec] === undefined
          ? undefined
          : `\`${entry}\` gives ${codec} a second level`;
    if (wrong !== undefined) {
      throw badUsage('CONFIG_INVALID', `encode.maxLevel: ${wrong}`, 'Write for example h264=4.1,hevc=5.1.');
    }
    levels[codec!] = level!;
  }
  return levels;
}
