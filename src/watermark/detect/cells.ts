import { type Rational, type Run, type Tool, ffmpeg, openArgs } from '../../media/index.js';
import { CELLS, COLUMNS, ROWS } from '../mark/index.js';

/** Bytes of a frame: 16 bits a cell, so that the fraction of a step that a mark is survives the mean over a cell. */
const FRAME_BYTES = 2 * CELLS;

export interface CellSource {
  /** Absolute path of a local file. */
  path: string;
  /** ffmpeg demuxer to force. */
  demuxer: string;
  /** Index among the file's video streams; 0 unless given. */
  videoStream?: number;
  /** Rate that frames are repeated or left out to, by their time; every frame as it comes unless given. */
  fps?: Rational;
  /** Most seconds that are read. */
  seconds?: number;
  /** Frames that there may be, for the time limit. */
  frames: number;
}

/** Luma of every frame, averaged over the cells of a pattern; frame n at n · CELLS. */
export interface CellFrames {
  frames: number;
  values: Uint16Array;
}

/** ffmpeg arguments that write cells of every frame to standard output, 16 bits each. */
export function cellArgs({ path, demuxer, videoStream = 0, fps, seconds }: CellSource): string[] {
  const filters = [
    ...(fps ? [`fps=${fps.num}/${fps.den}`] : []),
    `scale=${COLUMNS}:${ROWS}:flags=area+accurate_rnd+bitexact`,
    'format=gray16', // in the byte order of this machine
  ];
  return [
    ...(seconds === undefined ? [] : ['-t', String(seconds)]),
    ...openArgs(path, demuxer, { threads: 1 }),
    ...['-map', `0:v:${videoStream}`, '-vf', filters.join(','), '-fps_mode', 'passthrough'],
    ...['-f', 'rawvideo', '-'],
  ];
}

/** Decodes a file. Throws as `ffmpeg` does. */
export async function readCells(
  { run, ffmpeg: tool, signal }: { run: Run; ffmpeg: Tool; signal?: AbortSignal | undefined },
  source: CellSource,
): Promise<CellFrames> {
  const pieces: Buffer[] = [];
  await ffmpeg(run, tool, {
    args: cellArgs(source),
    frames: source.frames,
    signal,
    onStdout: (piece) => pieces.push(piece),
  });
  const bytes = Buffer.concat(pieces);
  const frames = Math.floor(bytes.length / FRAME_BYTES);
  const values = new Uint16Array(frames * CELLS);
  Buffer.from(values.buffer).set(bytes.subarray(0, frames * FRAME_BYTES));
  return { frames, values };
}
