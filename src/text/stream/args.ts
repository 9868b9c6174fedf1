import { openArgs } from '../../media/index.js';

/**
 * Added to the times of what is extracted and taken off again, seconds: subtitle formats cannot say that a text begins
 * before the zero of the file's clock.
 */
export const CLOCK_SHIFT = 1000;

/** Times as the file's clock has them, shifted. */
const CLOCK = ['-avoid_negative_ts', 'disabled', '-output_ts_offset', String(CLOCK_SHIFT)];

/** Files that captions are written to: their bytes, and how many belong to which time. */
export interface CaptionFiles {
  bytes: string;
  packets: string;
}

const captionOutputs = ({ bytes, packets }: CaptionFiles, timing: readonly string[]): string[] => [
  ...['-map', '0:s:0', '-c', 'copy', '-f', 'data', `file:${bytes}`],
  ...['-map', '0:s:0', '-c', 'copy', ...timing, '-f', 'framecrc', `file:${packets}`],
];

/** Writes a text stream as a file of its own: WebVTT as it is, anything else as SubRip, which keeps most of its styles. */
export function extractTextArgs(
  path: string,
  { demuxer, track, codec }: { demuxer: string; track: number; codec: string },
  output: string,
): string[] {
  const format = codec === 'webvtt' ? ['-c:s', 'copy', '-f', 'webvtt'] : ['-c:s', 'srt', '-f', 'srt'];
  return [
    ...['-copyts', '-vn', '-an', '-dn', ...openArgs(path, demuxer)],
    ...['-map', `0:s:${track}`, ...CLOCK, ...format, `file:${output}`],
  ];
}

/** Writes out the packets of a stream of CEA-608 captions. */
export function extractCaptionsArgs(
  path: string,
  { demuxer, track }: { demuxer: string; track: number },
  files: CaptionFiles,
): string[] {
  return [
    ...['-copyts', '-vn', '-an', '-dn', ...openArgs(path, demuxer)],
    ...captionOutputs(files, CLOCK).map((arg) => (arg === '0:s:0' ? `0:s:${track}` : arg)),
  ];
}

/** Name under which the master lies in the working folder: in a filter's options nothing has to be escaped then. */
export const LINKED_MASTER = 'master';

/**
 * Decodes a master's pictures on one thread and writes out the captions in their user data, and the time of the first
 * picture, on one clock. `stream` is the index in the file.
 */
export function pictureCaptionsArgs(
  { demuxer, stream }: { demuxer: string; stream: number },
  files: CaptionFiles & { first: string },
): string[] {
  const source = [
    `movie=filename=${LINKED_MASTER}`,
    `format_name=${demuxer}`,
    `stream_index=${stream}`,
    'dec_threads=1',
    'format_opts=protocol_whitelist=file',
  ].join(':');
  return [
    ...['-f', 'lavfi', '-i', `${source}[out0+subcc]`],
    ...captionOutputs(files, []),
    ...['-map', '0:v:0', '-vf', 'crop=2:2:0:0', '-frames:v', '1', '-f', 'framecrc', `file:${files.first}`],
  ];
}
