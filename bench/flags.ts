import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { badUsage } from '../src/errors.js';

/** What the flags of a benchmark over items say. */
export interface BenchFlags {
  /** Folder with the clips that are not part of the project; absolute. */
  clips: string;
  /** Folder in which everything made and measured is kept; absolute. */
  dir: string;
  /** Names of the items to measure; all of them unless given. */
  only: readonly string[] | undefined;
  /** x264 preset of every ladder that is compared. */
  preset: string;
}

export const FLAGS_HELP = '[--only <item>[,<item>…]] [--clips <folder>] [--dir <folder>] [--preset <name>]';

/** Reads the flags of a benchmark. Throws BENCH_FLAGS. */
export function parseFlags(args: readonly string[]): BenchFlags {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        clips: { type: 'string', default: '../shared/clips' },
        dir: { type: 'string', default: '.bench/optimizer' },
        only: { type: 'string' },
        preset: { type: 'string', default: 'medium' },
      },
    });
    const { clips, dir, only, preset } = values;
    return { clips: resolve(clips), dir: resolve(dir), only: only?.split(','), preset };
  } catch (error) {
    throw badUsage('BENCH_FLAGS', (error as Error).message, `Flags are ${FLAGS_HELP}.`);
  }
}
