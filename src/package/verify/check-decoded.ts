import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, StageContext } from '../../pipeline/index.js';
import { AUDIO_CODECS } from '../audio/codecs.js';
import type { AudioRendition, VideoInput } from '../types.js';
import {
  type MediaInput,
  decodeAudioArgs,
  decodeVideoArgs,
  framecrcSamples,
  hashArgs,
  parseStreamHash,
  tryDecode,
} from './decode.js';
import type { Findings } from './findings.js';

/** ffmpeg's messages name files by where they lie on this machine; findings must not. */
function withoutPaths(message: string, root: string): string {
  return message.replaceAll(`${root}/`, '').replace(/@ 0x[0-9a-f]+/g, '@');
}

async function checkPayload(
  context: StageContext,
  rendition: { blob: BlobRef; frames: number; kind: 'video' | 'audio' },
  file: string,
  packaged: string | undefined,
  findings: Findings,
): Promise<void> {
  const path = await context.path(rendition.blob);
  const original = await tryDecode(context, hashArgs(path, rendition.kind), rendition.frames);
  const hash = 'failure' in original ? undefined : parseStreamHash(original.stdout);
  if (hash === undefined || hash !== packaged) {
    findings.add(
      'payload-differs',
      file,
      `its packets hash to ${packaged ?? 'nothing'}, the rendition's to ${hash ?? 'nothing'}`,
    );
  }
}

/** A playlist of the package, and how it is opened. */
export interface Playlist {
  root: string;
  file: string;
  media: MediaInput;
}

/** Decodes a video rendition through its playlist. Gives the number of frames that came out. */
export async function checkDecodedVideo(
  context: StageContext,
  { root, file, media }: Playlist,
  video: VideoInput,
  findings: Findings,
  onFrames: (frames: number) => void,
): Promise<number> {
  const decoded = await tryDecode(context, decodeVideoArgs(media), video.frames, onFrames, media);
  if ('failure' in decoded) {
    findings.add('decode-failed', file, withoutPaths(decoded.failure, root));
    return 0;
  }
  if (decoded.frames !== video.frames) {
    findings.add(
      'decode-frames',
      file,
      `${decoded.frames} frames were decoded, the title has ${video.frames}`,
    );
  }
  await checkPayload(context, { ...video, kind: 'video' }, file, parseStreamHash(decoded.stdout), findings);
  return decoded.frames;
}

/**
 * Samples that decoding through a playlist may give too many: what the last frame has after the title, and where the demuxer
 * does not know the codec's priming, that and what the first has before it.
 */
function decodedExcess({ codec = 'aac', copied }: AudioRendition): number {
  const { frame, priming } = AUDIO_CODECS[codec];
  if (codec === 'aac') return frame;
  return frame + (copied ? frame : priming);
}

/** Decodes an audio rendition through its playlist. `title` is the title's length. */
export async function checkDecodedAudio(
  context: StageContext,
  { root, file, media }: Playlist,
  audio: AudioRendition,
  title: { frames: number; seconds: number },
  findings: Findings,
): Promise<void> {
  const hashFile = join(context.scratch, `${audio.id}.sha256`);
  const args = decodeAudioArgs(media, hashFile);
  const decoded = await tryDecode(context, args, title.frames, undefined, media);
  if ('failure' in decoded) {
    findings.add('decode-failed', file, withoutPaths(decoded.failure, root));
    return;
  }
  const seconds = framecrcSamples(decoded.stdout) / audio.sampleRate;
  if (Math.abs(seconds - title.seconds) > decodedExcess(audio) / audio.sampleRate) {
    findings.add(
      'decode-duration',
      file,
      `${seconds.toFixed(6)} s were decoded, the title has ${title.seconds.toFixed(6)} s`,
    );
  }
  const hash = parseStreamHash(await readFile(hashFile, 'utf8'));
  await checkPayload(
    context,
    { blob: audio.blob, frames: title.frames, kind: 'audio' },
    file,
    hash,
    findings,
  );
}
