import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import { frameSeconds } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { folderOf } from '../packager/names.js';
import type { VerifyParams, VerifyResult } from '../types.js';
import { checkDecodedAudio, checkDecodedVideo } from './check-decoded.js';
import { type PackageView, checkRenditions } from './check-renditions.js';
import { checkFormats } from './check-formats.js';
import { Findings } from './findings.js';
import { layOut } from './lay-out.js';
import type { Listing } from './listing.js';

/** Decodes every rendition that HLS lists, once. Gives the frames that came out, 0 for one that is not listed. */
async function decodeAll(
  params: VerifyParams,
  title: { frames: number; seconds: number },
  root: string,
  hls: Listing,
  findings: Findings,
  context: StageContext,
): Promise<Record<string, number>> {
  const decodedFrames: Record<string, number> = {};
  const total = params.videos.reduce((sum, { frames }) => sum + frames, 0);
  let done = 0;
  for (const video of params.videos) {
    const file = hls.get(folderOf('video', video.id))?.file;
    decodedFrames[video.id] = file
      ? await checkDecodedVideo(context, root, file, video, findings, (frames) => {
          context.progress(Math.min(total, done + frames), total);
        })
      : 0;
    done += video.frames;
    context.progress(done, total);
  }
  for (const audio of params.audios) {
    const file = hls.get(folderOf('audio', audio.id))?.file;
    if (file) await checkDecodedAudio(context, root, file, audio, title, findings);
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
  const findings = new Findings();
  const root = join(context.scratch, 'package');
  await mkdir(root);
  const laid = await layOut(params.files, root, context);
  const view: PackageView = await checkFormats(laid, findings, context);
  checkRenditions(params, title.seconds, view);
  const decodedFrames = await decodeAll(params, title, root, view.hls, findings, context);
  return { findings: findings.list, decodedFrames };
}

/**
 * Checks what will ship, from the files themselves and independently of what made them: every box and every manifest
 * is held against the rules of the formats and against the plan, every rendition decoded through its playlist. The caller fails the title on findings that are errors.
 */
export const verifyStage: Stage<VerifyParams, VerifyResult> = {
  name: 'verify',
  version: 3,
  uses: ['ffmpeg'],
  run,
};
