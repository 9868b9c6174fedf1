import {
  type ChunkResult,
  SDR_COLOUR,
  SDR_FORMAT,
  type ToneMapParams,
  toneMapStage,
  toneMappingOf,
} from '../chunker/index.js';
import type { Codec } from '../encode/index.js';
import { type IngestResult, type PictureFormat, isHdr } from '../ingest/index.js';
import type { JobSpec, TitleContext } from '../pipeline/index.js';
import type { TitleOptions } from './options.js';

/** A picture and its shots, to be encoded and to be scored against. */
export interface EncodeSource {
  picture: PictureFormat;
  chunked: ChunkResult;
}

export interface Sources {
  master: EncodeSource;
  /** The same shots tone-mapped; there where the master is HDR and a codec needs it. */
  sdr?: EncodeSource;
}

/** Codecs whose ladders stay HDR. H.264 and VP9 are for the players that know no other, and few of those know HDR. */
const HDR_CODECS: ReadonlySet<Codec> = new Set(['hevc', 'av1']);

/** Whether a codec's ladder of this picture is made from a tone-mapped one. */
export function needsToneMapping(codec: Codec, { colour }: Pick<PictureFormat, 'colour'>): boolean {
  return isHdr(colour.transfer) && !HDR_CODECS.has(codec);
}

/** What a codec's ladder is made from. */
export function sourceFor(codec: Codec, { master, sdr }: Sources): EncodeSource {
  return sdr && needsToneMapping(codec, master.picture) ? sdr : master;
}

/** The picture that tone mapping makes of an HDR one. */
export function sdrPicture({ hdr: _, ...picture }: PictureFormat): PictureFormat {
  return { ...picture, pixelFormat: SDR_FORMAT, bitDepth: 8, colour: SDR_COLOUR };
}

/** Maps every chunk of an HDR picture by itself: the shots are the same, and were found once. */
export async function toneMapped(t: TitleContext, { picture, chunked }: EncodeSource): Promise<EncodeSource> {
  const mapping = toneMappingOf(picture);
  if (!mapping) return { picture, chunked };
  const { width, height, pixelFormat } = picture;
  const jobs = chunked.chunks.map((chunk): JobSpec<ToneMapParams> => {
    const { blob, demuxer, videoStream, skipFrames, startFrame, endFrame } = chunk;
    return {
      id: String(chunk.shot),
      params: {
        chunk: { blob, demuxer, videoStream, skipFrames },
        frames: endFrame - startFrame,
        fps: chunked.fps,
        matrix: picture.colour.matrix,
        mapping,
        picture: { width, height, pixelFormat },
      },
    };
  });
  const mapped = await t.stages(toneMapStage, jobs);
  return {
    picture: sdrPicture(picture),
    chunked: { ...chunked, chunks: chunked.chunks.map((chunk, i) => ({ ...chunk, ...mapped[i]! })) },
  };
}

/** The master's chunks and, where a codec of an HDR title needs them, the same in SDR. */
export async function sourcesOf(
  t: TitleContext,
  { picture }: IngestResult,
  chunked: ChunkResult,
  { codecs }: TitleOptions,
): Promise<Sources> {
  const master = { picture, chunked };
  const wanted = codecs.some(({ codec }) => needsToneMapping(codec, picture));
  return { master, ...(wanted ? { sdr: await toneMapped(t, master) } : {}) };
}
