import { resolve } from 'node:path';
import { type FrameSource, sourceArgs, sourceFilter, sourceStream } from '../media/index.js';
import { measure } from './measure.js';
import type { ScoreContext, ScoreSettings } from './request.js';
import type { Score } from './types.js';

/** An encode and how it is to be scored, in one process. */
export interface InProcessRequest extends ScoreSettings {
  /** What is encoded, and the reference. */
  source: FrameSource;
  /** Filters between the source's frames and the encoder, e.g. `scale=640:360:flags=lanczos`. */
  filter?: string;
  /** Everything from the encoder to the muxer, e.g. ['-c:v', 'libx264', …, '-f', 'mp4']. */
  encoderArgs: readonly string[];
  /** Where the encode goes. */
  output: string;
}

/** Arguments that encode a source: the one output of a file encode, and the first of an encode that is scored. */
export function encodeArgs(
  request: Pick<InProcessRequest, 'source' | 'filter' | 'encoderArgs' | 'output' | 'threads'>,
): string[] {
  const { source, filter, output } = request;
  return [
    ...sourceArgs(source, request.threads),
    ...['-map', sourceStream(source), '-an', '-sn', '-dn'],
    ...['-vf', [sourceFilter(source), ...(filter === undefined ? [] : [filter])].join(',')],
    ...['-fps_mode', 'passthrough', '-frames:v', String(source.frames)],
    ...request.encoderArgs,
    `file:${resolve(output)}`,
  ];
}

/**
 * Encodes a source to a file and scores the encode in the same process: ffmpeg's loopback decoder takes the
 * encoder's packets before they reach the muxer, so the source is decoded once for both. File and score are those of
 * encodeArgs followed by scoreFiles; timestamps are reset on both branches, as the encoder's delay would shift one of
 * them. The reference's frames wait in memory for the encoder's lookahead. Throws as scoreFiles does.
 */
export function scoreInProcess(context: ScoreContext, request: InProcessRequest): Promise<Score> {
  const { source, filter: _filter, encoderArgs: _encoderArgs, output: _output, ...settings } = request;
  const encoded: FrameSource = { ...source, skipFrames: 0 };
  return measure(context, {
    before: [...encodeArgs(request), ...['-threads', String(settings.threads), '-dec', '0:0']],
    encode: { stream: 'dec:0', source: encoded },
    reference: { stream: sourceStream(source), source },
    settings,
  });
}
