import { HullcastError } from '../../errors.js';
import { ffmpeg, openArgs } from '../../media/index.js';
import type { StageContext } from '../../pipeline/index.js';

const HASH = ['-c', 'copy', '-f', 'streamhash', '-hash', 'sha256'];

/** Any damage ends the run, instead of being concealed. */
const STRICT = ['-xerror', '-err_detect', 'explode'];

/** How ffmpeg opens what it decodes. */
export interface MediaInput {
  /** Input options, `-i` included. */
  args: string[];
  /** Standard input, and what of it must not show. */
  input?: Uint8Array;
  secrets?: readonly string[];
}

/** A playlist of what is not encrypted, decoded on one thread. */
export function playlistInput(playlist: string): MediaInput {
  return { args: openArgs(playlist, 'hls', { threads: 1 }) };
}

/** Decodes all frames of a video, and hashes its packets: one pass over the segments. */
export function decodeVideoArgs({ args }: MediaInput): string[] {
  return [
    ...STRICT,
    ...args,
    ...['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'null', '-'],
    ...['-map', '0:v:0', ...HASH, '-'],
  ];
}

/** Decodes sound: a line for every second of it on standard output, the packets' hash into a file. */
export function decodeAudioArgs({ args }: MediaInput, hashFile: string): string[] {
  return [
    ...STRICT,
    ...args,
    ...['-map', '0:a:0', '-af', 'asetnsamples=n=48000:p=0', '-c:a', 'pcm_s16le', '-f', 'framecrc', '-'],
    ...['-map', '0:a:0', ...HASH, `file:${hashFile}`],
  ];
}

/** Hashes the packets of a rendition's file. */
export function hashArgs(path: string, kind: 'video' | 'audio'): string[] {
  return [...openArgs(path, 'mov'), '-map', `0:${kind === 'video' ? 'v' : 'a'}:0`, ...HASH, '-'];
}

/** The digest in streamhash's output, e.g. `0,v,SHA256=…`. Undefined where there is none. */
export function parseStreamHash(text: string): string | undefined {
  return /^\d+,[va],SHA256=([0-9a-f]{64})$/m.exec(text)?.[1];
}

/** Sum of the durations in framecrc's output, in samples. */
export function framecrcSamples(text: string): number {
  return text
    .split('\n')
    .filter((line) => /^\d+,/.test(line))
    .reduce((sum, line) => sum + Number(line.split(',')[3] ?? 0), 0);
}

export interface Decoded {
  /** Frames of a video. */
  frames: number;
  /** What ffmpeg wrote to standard output. */
  stdout: string;
}

/**
 * Runs ffmpeg; gives the reason instead of a result where it fails on the input. Cancellation, time-outs and faults
 * that may pass are not the package's and are thrown.
 */
export async function tryDecode(
  context: StageContext,
  args: string[],
  frames: number,
  onFrames: (frames: number) => void = () => undefined,
  { input, secrets }: Omit<MediaInput, 'args'> = {},
): Promise<Decoded | { failure: string }> {
  let decoded = 0;
  try {
    const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
      ...{ args, frames, signal: context.signal },
      ...(input && { input }),
      ...(secrets && { secrets }),
      onProgress: ({ frame }) => {
        decoded = frame;
        onFrames(frame);
      },
    });
    return { frames: decoded, stdout: stdout.toString('utf8') };
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'PROCESS_FAILED' && !error.transient) {
      return { failure: error.message };
    }
    throw error;
  }
}
