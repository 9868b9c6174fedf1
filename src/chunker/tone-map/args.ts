import {
  BITEXACT_OUTPUT,
  type FrameSource,
  sourceArgs,
  sourceFilter,
  sourceStream,
  timescaleArgs,
} from '../../media/index.js';
import { losslessEncoder } from '../cut-args.js';

/** Name of the table in the folder that ffmpeg runs in: a path in a filter graph would need escaping. */
export const TABLE = 'tone-map.cube';

/** Exact at all processors; chroma is interpolated before the table and averaged after it. */
const SCALE = 'flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';

const SCALE_MATRIX: Record<string, string> = { bt709: 'bt709', bt2020nc: 'bt2020' };

/** The scale filter's name of a matrix, by ffmpeg's; undefined where it has none (ICtCp, constant luminance). */
export function scaleMatrix(matrix: string): string | undefined {
  return SCALE_MATRIX[matrix];
}

/** What a tone-mapped picture is. */
export const SDR_FORMAT = 'yuv420p';
export const SDR_COLOUR = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const;

/**
 * ffmpeg arguments that map a chunk by the table in the folder it runs in, and store it without loss; `matrix` in the
 * scale filter's words. Without FMA3, with which the table's filter rounds otherwise than on processors that have none.
 */
export function toneMapArgs(source: FrameSource, matrix: string, output: string): string[] {
  const filters = [
    sourceFilter(source),
    `fps=${source.fps.num}/${source.fps.den}`,
    `scale=${SCALE}:in_range=limited:in_color_matrix=${matrix}:out_range=full`,
    'format=gbrp16le',
    `lut3d=file=${TABLE}:interp=tetrahedral`,
    `scale=${SCALE}:in_range=full:out_range=limited:out_color_matrix=bt709`,
    `format=${SDR_FORMAT}`,
  ];
  const { primaries, transfer, matrix: sdrMatrix, range } = SDR_COLOUR;
  return [
    ...['-cpuflags', '-fma3', ...sourceArgs(source)],
    ...[
      '-filter_complex_threads',
      '1',
      '-filter_complex',
      `[${sourceStream(source)}]${filters.join(',')}[v]`,
    ],
    ...['-map', '[v]', '-an', '-fps_mode', 'passthrough', '-frames:v', String(source.frames)],
    ...[...losslessEncoder(SDR_FORMAT), '-threads', '1'],
    ...[
      '-color_primaries',
      primaries,
      '-color_trc',
      transfer,
      '-colorspace',
      sdrMatrix,
      '-color_range',
      range,
    ],
    ...[...BITEXACT_OUTPUT, ...timescaleArgs(source.fps), '-f', 'mp4', `file:${output}`],
  ];
}
