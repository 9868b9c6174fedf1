import type { IngestResult } from '../ingest/index.js';
import { type MadeText, type TextLabels, type TextTrack, textTracks } from '../package/index.js';
import type { Finding } from '../ingest/index.js';
import type { JobSpec } from '../pipeline/index.js';
import { type TextFileSource, type TextParams, type TextResult, streamKind } from '../text/index.js';
import type { TitleOptions } from './options.js';

/** A stored text file that comes with a master. */
export interface TextInput {
  source: TextFileSource;
  labels: TextLabels;
}

/** A text of a title, and the job that reads it. */
export interface PlannedText {
  job: JobSpec<TextParams>;
  labels: TextLabels;
  channelLanguages?: Readonly<Record<string, string>>;
}

/** What text a title has. */
export interface TitleTexts {
  tracks: TextTrack[];
  findings: Finding[];
}

/**
 * The texts of a title: its files in their order, then what the master has. No stream of a master is the default: muxers
 * mark the first one without anybody wanting it to be shown.
 */
export function textPlan(
  files: readonly TextInput[],
  { source, demuxer, text, picture }: IngestResult,
  { text: options }: Pick<TitleOptions, 'text'>,
): PlannedText[] {
  const { frames, fps } = picture;
  const given = files.map(({ source, labels }, index): PlannedText => {
    return { job: { id: `file-${index + 1}`, params: { source, frames, fps } }, labels };
  });
  if (options?.embedded === 'none') return given;
  const streams = text.map((stream): PlannedText => {
    const captions = streamKind(stream.codec) === 'captions';
    const labels: TextLabels = {
      language: stream.language,
      ...(stream.title === undefined ? {} : { name: stream.title }),
      kind: captions || stream.hearingImpaired ? 'captions' : 'subtitles',
      forced: stream.forced === true,
      default: false,
    };
    const id = stream.inPicture ? 'captions' : `stream-${stream.track}`;
    const params: TextParams = {
      source: { kind: 'stream', blob: source, demuxer, text: stream },
      frames,
      fps,
    };
    const languages = options?.captionLanguages;
    return { job: { id, params }, labels, ...(captions && languages ? { channelLanguages: languages } : {}) };
  });
  return [...given, ...streams];
}

/** Puts together what the jobs of a plan gave, in its order. */
export function titleTexts(plan: readonly PlannedText[], results: readonly TextResult[]): TitleTexts {
  const made = plan.map(({ labels, channelLanguages }, index): MadeText => {
    return { ...labels, result: results[index]!, ...(channelLanguages ? { channelLanguages } : {}) };
  });
  return { tracks: textTracks(made), findings: results.flatMap(({ findings }) => findings) };
}
