import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NormalisedPicture } from '../ingest/index.js';
import { ffmpeg, openArgs } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import { HASH_OUTPUT, parseFrameHashes } from './frame-hashes.js';
import { LUMA_BYTES, LUMA_HEIGHT, LUMA_WIDTH } from './luma.js';
import { LumaReader } from './luma-reader.js';
import { type PacketList, parsePackets } from './packets.js';
import { type Detection, ShotDetector } from './shot-detector.js';

/** Everything that one pass over the picture tells. */
export interface Scan {
  /** Hash of every decoded frame. */
  hashes: string[];
  packets: PacketList;
  detection: Detection;
}

/** Threads that decode: the shots are not known yet, so nothing of the title can run beside this pass. */
const THREADS = 2;

/** Arguments that list the packets of a video stream in the file `to`, with the time stamps of the container. */
export function packetArgs(videoStream: number, to: string): string[] {
  return ['-map', `0:v:${videoStream}`, '-c', 'copy', '-f', 'framecrc', `file:${to}`];
}

/**
 * One input, three outputs: hashes of the full frames and the list of packets to files, small luma frames to standard
 * output. The packets come from the demuxer that will cut them: another program's may read edit lists differently.
 */
export function scanArgs(
  picture: NormalisedPicture,
  path: string,
  hashFile: string,
  packetFile: string,
): string[] {
  const { num, den } = picture.fps;
  const scale = `scale=${LUMA_WIDTH}:${LUMA_HEIGHT}:flags=area+accurate_rnd+bitexact`;
  const graph = [
    `[0:v:${picture.videoStream}]settb=${den}/${num},setpts=N,split[full][copy]`,
    `[copy]${scale},format=gray[small]`,
  ].join(';');
  return [
    ...['-copyts', ...openArgs(path, picture.demuxer, { threads: THREADS })],
    ...['-filter_complex', graph],
    ...['-map', '[full]', ...HASH_OUTPUT, `file:${hashFile}`],
    ...packetArgs(picture.videoStream, packetFile),
    ...['-map', '[small]', '-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo', '-'],
  ];
}

/** Decodes the picture once. Throws as Run does, and PACKET_LIST. */
export async function scan(
  context: StageContext,
  picture: NormalisedPicture,
  path: string,
  onFrame: (done: number) => void,
): Promise<Scan> {
  const hashFile = join(context.scratch, 'frames.txt');
  const packetFile = join(context.scratch, 'packets.txt');
  const detector = new ShotDetector();
  const reader = new LumaReader(LUMA_BYTES, (frame, done) => {
    detector.push(frame);
    onFrame(done);
  });
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: scanArgs(picture, path, hashFile, packetFile),
    frames: picture.frames,
    signal: context.signal,
    onStdout: (data) => reader.push(data),
  });
  return {
    hashes: parseFrameHashes(await readFile(hashFile, 'utf8')),
    packets: parsePackets(await readFile(packetFile, 'utf8')),
    detection: detector.finish(),
  };
}
