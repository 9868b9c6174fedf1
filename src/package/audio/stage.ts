import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import { ffmpeg, ffprobe } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import type { AudioParams, AudioResult } from '../types.js';
import {
  AUDIO_CHANNELS,
  SAMPLE_RATE,
  encodeTrackArgs,
  measureEncodedArgs,
  measureTrackArgs,
} from './args.js';
import { languageTag } from './language.js';
import { type Loudness, normalisingGain, parseLoudness } from './loudness.js';
import { parseEncodedAudio } from './probe.js';

/** Runs ffmpeg with a chain that ends in the loudness meter and reads what it says. */
async function measure(context: StageContext, args: string[], frames: number): Promise<Loudness | undefined> {
  const lines: string[] = [];
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args,
    frames,
    signal: context.signal,
    onStderrLine: (line) => void lines.push(line),
  });
  return parseLoudness(lines);
}

async function run(params: AudioParams, context: StageContext): Promise<AudioResult> {
  const { audio, frames } = params;
  const source = await context.path(params.source);
  const output = join(context.scratch, 'audio.mp4');
  let gainDb = 0;
  if (params.normaliseLufs !== undefined) {
    const before = await measure(context, measureTrackArgs(source, params), frames);
    gainDb = normalisingGain(before, params.normaliseLufs);
  }
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: encodeTrackArgs(source, params, gainDb, output),
    frames,
    signal: context.signal,
    onProgress: ({ seconds }) => {
      if (seconds === undefined) return;
      context.progress(Math.min(frames, Math.round((seconds * params.fps.num) / params.fps.den)), frames);
    },
  });
  const probed = await ffprobe(context.run, context.tools.ffprobe, {
    path: output,
    demuxer: 'mov',
    show: ['-show_streams'],
    signal: context.signal,
  });
  const encoded = parseEncodedAudio(probed);
  const channels = AUDIO_CHANNELS[params.layout];
  if (encoded.channels !== channels || encoded.sampleRate !== SAMPLE_RATE) {
    throw new HullcastError(
      'AUDIO_ENCODE',
      `audio rendition ${params.id} came out with ${encoded.channels} channels at ${encoded.sampleRate} Hz ` +
        `instead of ${channels} at ${SAMPLE_RATE} Hz`,
      { hint: `Check audio track ${audio.track} of the master: its layout is ${audio.layout}.` },
    );
  }
  const loudness = await measure(context, measureEncodedArgs(output), frames);
  context.progress(frames, frames);
  return {
    id: params.id,
    track: audio.track,
    language: languageTag(audio.language),
    ...(audio.title === undefined ? {} : { title: audio.title }),
    default: audio.default,
    ...encoded,
    blob: await context.keep(output),
    ...(loudness ? { loudness } : {}),
  };
}

/**
 * Encodes one audio rendition of a title, once and for the whole title, so that nothing can click at a segment's edge:
 * AAC-LC at 48 kHz in MP4, exactly as long as the picture.
 */
export const audioStage: Stage<AudioParams, AudioResult> = {
  name: 'audio',
  version: 1,
  uses: ['ffmpeg', 'ffprobe'],
  run,
};
