import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import type { NormalisedPicture } from '../ingest/index.js';
import { ffmpeg, openArgs } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import { type Material, losslessWholeArgs } from './cut-args.js';
import { type PacketIndex, type PacketList, indexPackets, longestGroup, parsePackets } from './packets.js';
import { packetArgs } from './scan.js';
import type { Chunk } from './types.js';

/** What shots are cut from. */
export interface CutSource {
  material: Material;
  picture: NormalisedPicture;
  index: PacketIndex;
  /** Hashes of all frames of the title. */
  hashes: readonly string[];
  /** How a chunk counts whose packets are copied: `lossless` where the material is itself a lossless copy. */
  copied: Chunk['cut'];
}

/**
 * Longest group that is copied from, frames. A chunk holds what lies before it in its group, and every one of its encodes
 * decodes that: in a master of one long group both would grow with the square of its length.
 */
const LONGEST_GROUP = 600;

/**
 * The picture itself where its packets can be told by frame number and its groups are not too long; else one lossless copy of all of it, whose packets
 * can: decoding the whole picture once more is far less than decoding it from its beginning for every shot.
 */
export async function cutSource(
  context: StageContext,
  picture: NormalisedPicture,
  path: string,
  scanned: { packets: PacketList; hashes: readonly string[] },
): Promise<CutSource> {
  const { hashes } = scanned;
  const material = { path, demuxer: picture.demuxer, videoStream: picture.videoStream };
  const index = indexPackets(scanned.packets, picture.frames);
  if (index && longestGroup(index) <= LONGEST_GROUP)
    return { material, picture, index, hashes, copied: 'copy' };
  const why = index ? 'key frames are too rare' : 'packets cannot be told by frame number';
  context.log.info(`${why}: chunks are cut from a lossless copy`);
  const copy = { path: join(context.scratch, 'lossless.mov'), demuxer: 'mov', videoStream: 0 };
  await run(context, losslessWholeArgs(material, picture, copy.path), picture.frames);
  const copyIndex = indexPackets(await listPackets(context, copy, picture.frames), picture.frames);
  if (copyIndex) return { material: copy, picture, index: copyIndex, hashes, copied: 'lossless' };
  throw new HullcastError('CHUNK_INEXACT', 'the lossless copy of the picture has another number of frames', {
    hint: 'Convert the master to ProRes or FFV1 in MOV and try again.',
  });
}

async function listPackets(context: StageContext, material: Material, frames: number): Promise<PacketList> {
  const listFile = join(context.scratch, 'lossless-packets.txt');
  const open = openArgs(material.path, material.demuxer);
  await run(context, ['-copyts', ...open, ...packetArgs(material.videoStream, listFile)], frames);
  return parsePackets(await readFile(listFile, 'utf8'));
}

async function run(context: StageContext, args: readonly string[], frames: number): Promise<void> {
  await ffmpeg(context.run, context.tools.ffmpeg, { args, frames, signal: context.signal });
}
