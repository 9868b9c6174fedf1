import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import { framesMemory } from '../../ingest/index.js';
import { frameSeconds } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { type Protection, obtainProtection } from '../drm/protection.js';
import { isDashOnly } from '../audio/codecs.js';
import { MEDIA_PLAYLIST } from '../packager/args.js';
import { folderOf } from '../packager/names.js';
import type { VerifyParams, VerifyResult } from '../types.js';
import { type Playlist, checkDecodedAudio, checkDecodedVideo } from './check-decoded.js';
import { checkFormats } from './check-formats.js';
import { checkRenditions } from './check-renditions.js';
import { playlistInput } from './decode.js';
import { decryptedInput } from './decrypt.js';
import { Findings } from './findings.js';
import { layOut, readerOf } from './lay-out.js';
import type { Listing } from './listing.js';
import { checkTexts } from './text/check.js';

interface Laid {
  /** Folder that the package is laid out in. */
  root: string;
  hls: Listing;
  /** By key period; none of a title that is not encrypted. */
  protections: readonly Protection[];
}

/** The playlist of a rendition as ffmpeg opens it, with its keys where it has some; undefined where HLS lists none. */
async function playlistOf(
  kind: 'video' | 'audio',
  id: string,
  { root, hls, protections }: Laid,
  unnamed?: string,
): Promise<Playlist | undefined> {
  const file = hls.get(folderOf(kind, id))?.file ?? unnamed;
  if (file === undefined) return undefined;
  const keys = protections.map(({ renditions }) => renditions.get(id)!.key);
  const media =
    keys.length > 0 ? await decryptedInput(root, { kind, file }, keys) : playlistInput(join(root, file));
  return { root, file, media };
}

/** Decodes every rendition that HLS lists, once. Gives the frames that came out, 0 for one that is not listed. */
async function decodeAll(
  params: VerifyParams,
  title: { frames: number; seconds: number },
  laid: Laid,
  findings: Findings,
  context: StageContext,
): Promise<Record<string, number>> {
  const decodedFrames: Record<string, number> = {};
  const total = params.videos.reduce((sum, { frames }) => sum + frames, 0);
  let done = 0;
  for (const video of params.videos) {
    const playlist = await playlistOf('video', video.id, laid);
    decodedFrames[video.id] = playlist
      ? await checkDecodedVideo(context, playlist, video, findings, (frames) => {
          context.progress(Math.min(total, done + frames), total);
        })
      : 0;
    done += video.frames;
    context.progress(done, total);
  }
  for (const audio of params.audios) {
    // No master playlist names it, but it has one: the same segments, so what is decoded is what DASH plays.
    const own = isDashOnly(audio) ? `${folderOf('audio', audio.id)}/${MEDIA_PLAYLIST}` : undefined;
    const playlist = await playlistOf('audio', audio.id, laid, own);
    if (playlist) await checkDecodedAudio(context, playlist, audio, title, findings);
  }
  return decodedFrames;
}

async function run(params: VerifyParams, context: StageContext): Promise<VerifyResult> {
  const [first] = params.videos;
  if (!first) {
    throw new HullcastError('PACKAGE_INPUT', 'there is no video rendition to verify', {
      hint: 'Verification needs the renditions that the package was made of.',
    });
  }
  const title = { frames: first.frames, seconds: frameSeconds(first.frames, first.fps) };
  const { encryption } = params;
  const protections = encryption ? await obtainProtection(encryption, params, context, 'verify') : [];
  const findings = new Findings();
  const root = join(context.scratch, 'package');
  await mkdir(root);
  const laid = await layOut(params.files, root, context);
  const listings = await checkFormats(laid, findings, context);
  const view = { ...listings, read: readerOf(laid), findings, protections };
  await checkRenditions(params, title.seconds, view);
  await checkTexts(params.texts ?? [], title.seconds, view, context);
  const decodedFrames = await decodeAll(
    params,
    title,
    { root, hls: view.hls, protections },
    findings,
    context,
  );
  return { findings: findings.list, decodedFrames };
}

/** Frames in the process that decodes a rendition; they are decoded one after the other. */
const HELD_FRAMES = 9;

/**
 * Checks what will ship, from the files themselves and independently of what made them: every box and every manifest
 * is held against the rules of the formats and against the plan, every text read back, every rendition decoded through
 * its playlist, decrypted where it is encrypted. The caller fails the title on findings that are errors.
 */
export const verifyStage: Stage<VerifyParams, VerifyResult> = {
  name: 'verify',
  version: 3,
  uses: ['ffmpeg'],
  memory({ videos }) {
    // What depth a rendition has is not among the parameters.
    const sizes = videos.map(({ width, height }) => ({ width, height, pixelFormat: 'yuv420p10le' }));
    return Math.max(0, ...sizes.map((size) => framesMemory(size, HELD_FRAMES)));
  },
  run,
};
