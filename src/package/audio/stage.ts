import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import { encodersOf, ffmpeg, ffprobe } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import type { AudioCodec, AudioParams, AudioRendition, AudioResult } from '../types.js';
import {
  AUDIO_CHANNELS,
  type Levels,
  encodeTrackArgs,
  measureEncodedArgs,
  measureTrackArgs,
} from './args.js';
import { AUDIO_CODECS } from './codecs.js';
import { markJoc } from './dec3.js';
import { type Eac3Frame, readEac3Frames } from './eac3-frame.js';
import { languageTag } from './language.js';
import { type Loudness, dialnormOf, normalisingGain, parseLoudness } from './loudness.js';
import { copyTrackArgs, firstFramesArgs } from './passthrough.js';
import { parseEncodedAudio } from './probe.js';
import { SAMPLE_RATE } from './timing.js';

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

/** Gain and dialogue level: measured where one of them depends on it. */
async function levelsOf(source: string, params: AudioParams, context: StageContext): Promise<Levels> {
  const { normaliseLufs, codec = 'aac', frames } = params;
  if (normaliseLufs === undefined && codec !== 'eac3') return { gainDb: 0, dialnorm: 0 };
  const before = await measure(context, measureTrackArgs(source, params), frames);
  const gainDb = normaliseLufs === undefined ? 0 : normalisingGain(before, normaliseLufs);
  return { gainDb, dialnorm: dialnormOf(before, gainDb) };
}

/** Encodes, or copies; gives what only this track's bitstream tells. Throws ENCODER_MISSING. */
async function make(
  source: string,
  params: AudioParams,
  output: string,
  context: StageContext,
): Promise<Pick<AudioRendition, 'joc' | 'dialnorm'>> {
  const { frames, fps, codec = 'aac' } = params;
  const runFfmpeg = (args: string[]): Promise<{ stdout: Buffer }> =>
    ffmpeg(context.run, context.tools.ffmpeg, {
      args,
      frames,
      signal: context.signal,
      onProgress: ({ seconds }) => {
        if (seconds === undefined) return;
        context.progress(Math.min(frames, Math.round((seconds * fps.num) / fps.den)), frames);
      },
    });
  if (params.copy) {
    await runFfmpeg(copyTrackArgs(source, params, output));
    const { stdout } = await runFfmpeg(firstFramesArgs(output));
    const found = copiedFacts(readEac3Frames(stdout), params.audio.track);
    if (found.joc !== undefined) await markJoc(output, found.joc);
    return found;
  }
  if (codec === 'he-aac') await requireAudioEncoder(context, codec);
  const levels = await levelsOf(source, params, context);
  await runFfmpeg(encodeTrackArgs(source, params, levels, output));
  return codec === 'eac3' ? { dialnorm: levels.dialnorm } : {};
}

/** What the first frames of a copied track say. Throws AUDIO_PASSTHROUGH where they are not as they were taken for. */
function copiedFacts(frames: readonly Eac3Frame[], track: number): Pick<AudioRendition, 'joc' | 'dialnorm'> {
  const [first] = frames;
  const joc = frames.find((frame) => frame.joc !== undefined)?.joc;
  if (!first || frames.some(({ samples }) => samples !== AUDIO_CODECS.eac3.frame)) {
    throw new HullcastError('AUDIO_PASSTHROUGH', `audio track ${track} cannot be copied as it is`, {
      hint: 'Its frames have not six blocks each. Set audio.passthrough to off, so that it is encoded instead.',
    });
  }
  return { dialnorm: first.dialnorm, ...(joc === undefined ? {} : { joc }) };
}

/** Throws ENCODER_MISSING where this ffmpeg has no encoder for a codec. */
async function requireAudioEncoder(context: StageContext, codec: AudioCodec): Promise<void> {
  const { encoder } = AUDIO_CODECS[codec];
  const { path } = context.tools.ffmpeg;
  if ((await encodersOf(context.run, path)).has(encoder)) return;
  throw new HullcastError('ENCODER_MISSING', `${path} has no ${encoder}`, {
    hint: `Leave ${codec} out of --audio-codecs, or use an ffmpeg that has it: see \`hullcast doctor\`.`,
  });
}

/** Throws AUDIO_ENCODE where something else came out than was wanted. */
function checkMade(
  { id, audio, layout, copy }: AudioParams,
  made: Pick<AudioRendition, 'channels' | 'sampleRate'>,
): void {
  const channels = copy ? made.channels : AUDIO_CHANNELS[layout];
  if (made.channels === channels && made.sampleRate === SAMPLE_RATE) return;
  throw new HullcastError(
    'AUDIO_ENCODE',
    `audio rendition ${id} came out with ${made.channels} channels at ${made.sampleRate} Hz ` +
      `instead of ${channels} at ${SAMPLE_RATE} Hz`,
    { hint: `Check audio track ${audio.track} of the master: its layout is ${audio.layout}.` },
  );
}

async function run(params: AudioParams, context: StageContext): Promise<AudioResult> {
  const { audio, frames, codec = 'aac', role } = params;
  const source = await context.path(params.source);
  const output = join(context.scratch, 'audio.mp4');
  const said = await make(source, params, output, context);
  const probed = await ffprobe(context.run, context.tools.ffprobe, {
    path: output,
    demuxer: 'mov',
    show: ['-show_streams'],
    signal: context.signal,
  });
  const encoded = parseEncodedAudio(probed, codec);
  checkMade(params, encoded);
  const loudness = await measure(context, measureEncodedArgs(output), frames);
  context.progress(frames, frames);
  return {
    id: params.id,
    track: audio.track,
    language: languageTag(audio.language),
    ...(audio.title === undefined ? {} : { title: audio.title }),
    default: audio.default,
    ...(role ? { role } : {}),
    ...(codec === 'aac' ? {} : { codec }),
    ...(params.copy ? { copied: true as const } : {}),
    ...said,
    ...encoded,
    blob: await context.keep(output),
    ...(loudness ? { loudness } : {}),
  };
}

/**
 * Makes one audio rendition of a title, once and for the whole title, so that nothing can click at a segment's edge: at
 * 48 kHz in MP4, exactly as long as the picture. Encoded, or the master's own frames.
 */
export const audioStage: Stage<AudioParams, AudioResult> = {
  name: 'audio',
  version: 1,
  uses: ['ffmpeg', 'ffprobe'],
  run,
};
