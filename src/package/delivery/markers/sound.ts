/** Length of a measured block of sound, seconds. */
export const BLOCK_SECONDS = 0.05;
/** Rate that is measured at, Hz: loudness over time needs no treble. */
export const RATE = 8000;

/** A run of blocks, seconds from the title's start. */
export interface Span {
  start: number;
  end: number;
}

/** Quieter than this, dBFS, is silence, where it lasts. */
const SILENCE_DB = -55;
const SILENCE_SECONDS = 0.3;
/** Music is louder than this on average, dBFS. */
const MUSIC_DB = -45;

/** Level of digital silence, which ffmpeg calls -inf. */
const NOTHING_DB = -200;

/** Reads levels that `ametadata` printed, one a block, dBFS; incremental. */
export class LevelLog {
  readonly levels: number[] = [];
  private rest = '';

  push(chunk: Buffer): void {
    const lines = (this.rest + chunk.toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  end(): number[] {
    this.line(this.rest);
    this.rest = '';
    return this.levels;
  }

  private line(line: string): void {
    const text = /^lavfi\.astats\.Overall\.RMS_level=(\S+)/.exec(line)?.[1];
    if (text === undefined) return;
    const level = Number(text);
    this.levels.push(Number.isFinite(level) ? Math.max(NOTHING_DB, level) : NOTHING_DB);
  }
}

/** Silences of 0.3 s and more. */
export function silences(levels: readonly number[]): Span[] {
  const found: Span[] = [];
  let from: number | undefined;
  for (let block = 0; block <= levels.length; block += 1) {
    const quiet = block < levels.length && levels[block]! < SILENCE_DB;
    if (quiet) from ??= block;
    else if (from !== undefined) {
      if ((block - from) * BLOCK_SECONDS >= SILENCE_SECONDS - 1e-9) {
        found.push({ start: from * BLOCK_SECONDS, end: block * BLOCK_SECONDS });
      }
      from = undefined;
    }
  }
  return found;
}

const BLOCKS_A_SECOND = Math.round(1 / BLOCK_SECONDS);
/** Seconds that are judged together. */
const WINDOW = 5;
/**
 * Share of blocks below half of their second's mean amplitude. Speech pauses between syllables and words, music seldom does: the
 * share of low-energy frames is the oldest means to tell them apart (Scheirer and Slaney, 1997). Half as many as speech has.
 */
const MOST_LOW = 0.12;

const amplitude = (db: number): number => 10 ** (db / 20);

/** A second of sound. */
export interface Second {
  /** Mean amplitude, full scale is 1. */
  mean: number;
  /** Share of blocks below half of that. */
  low: number;
}

/** Every whole second of levels. */
export function secondsOf(levels: readonly number[]): Second[] {
  return Array.from({ length: Math.floor(levels.length / BLOCKS_A_SECOND) }, (_, second) => {
    const blocks = levels.slice(second * BLOCKS_A_SECOND, (second + 1) * BLOCKS_A_SECOND).map(amplitude);
    const mean = blocks.reduce((sum, value) => sum + value, 0) / blocks.length;
    return { mean, low: blocks.filter((value) => value < mean / 2).length / blocks.length };
  });
}

/** For every second: whether what is heard around it is steadily loud, as music is and speech is not. */
export function musicLike(seconds: readonly Second[]): boolean[] {
  return seconds.map((_, second) => {
    const first = Math.max(0, Math.min(second - (WINDOW >> 1), seconds.length - WINDOW));
    const window = seconds.slice(first, first + WINDOW);
    const mean = window.reduce((sum, one) => sum + one.mean, 0) / window.length;
    const low = window.reduce((sum, one) => sum + one.low, 0) / window.length;
    return mean > amplitude(MUSIC_DB) && low <= MOST_LOW;
  });
}

/** Share of a span that is like music, 0 to 1; what is heard outside of it does not count. */
export function musicShare(seconds: readonly Second[], { start, end }: Span): number {
  const part = musicLike(seconds.slice(Math.ceil(start), Math.floor(end)));
  return part.length === 0 ? 0 : part.filter(Boolean).length / part.length;
}
