import { type CutClip } from '../../fixtures/cuts.js';
import type { Chunk, ChunkParams } from '../../src/chunker/index.js';
import type { NormalisedPicture } from '../../src/ingest/index.js';
import { ffmpeg, openArgs, sourceArgs, sourceFilter, sourceStream } from '../../src/media/index.js';
import type { StageContext } from '../../src/pipeline/index.js';
import type { TestStage } from '../support/stage.js';

/** A clip in the store, as ingest would describe it. */
export async function pictureOf(
  stage: TestStage,
  clip: CutClip,
  videoStream = 0,
): Promise<NormalisedPicture> {
  return {
    blob: await stage.put(clip.path),
    demuxer: clip.demuxer,
    videoStream,
    frames: clip.frames,
    fps: clip.fps,
    width: 320,
    height: 180,
    pixelFormat: clip.pixelFormat,
    bitDepth: clip.pixelFormat.includes('10') ? 10 : 8,
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
  };
}

async function md5s(context: StageContext, args: readonly string[]): Promise<string[]> {
  const all = [...args, '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
  const result = await ffmpeg(context.run, context.tools.ffmpeg, { args: all, frames: 1000 });
  const lines = result.stdout.toString('utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

/** MD5 of every frame of the master, decoded plainly: nothing of the chunker's own. */
export async function masterFrames(context: StageContext, clip: CutClip, videoStream = 0): Promise<string[]> {
  return await md5s(context, [...openArgs(clip.path, clip.demuxer), '-map', `0:v:${videoStream}`]);
}

/** MD5 of every frame of the chunks, in order, read as the encoder reads them. */
export async function chunkFrames(
  context: StageContext,
  chunks: readonly Chunk[],
  { picture }: ChunkParams,
): Promise<string[]> {
  const frames: string[] = [];
  for (const chunk of chunks) {
    const source = {
      path: await context.path(chunk.blob),
      demuxer: chunk.demuxer,
      videoStream: chunk.videoStream,
      skipFrames: chunk.skipFrames,
      frames: chunk.endFrame - chunk.startFrame,
      fps: picture.fps,
    };
    const args = [...sourceArgs(source), '-map', sourceStream(source), '-vf', sourceFilter(source)];
    frames.push(...(await md5s(context, args)));
  }
  return frames;
}
