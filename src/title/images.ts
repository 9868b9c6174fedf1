import { type ChunkResult, scaleMatrix, toneMappingOf } from '../chunker/index.js';
import { type ImagesResult, imageEncoder, imagesStage } from '../images/index.js';
import type { Finding, IngestResult, PictureFormat } from '../ingest/index.js';
import type { PackageResult } from '../package/index.js';
import type { TitleContext } from '../pipeline/index.js';

/** What images are made of, beside the picture and its shots. */
export interface ImageOptions {
  /** Time between thumbnails, milliseconds; none are made unless given. */
  thumbnailMs?: number;
  /** Most posters. */
  posters: number;
}

/** Whether images of a picture can be made: HDR must be brought to SDR, which takes a matrix that ffmpeg can undo. */
function canShow({ colour }: Pick<PictureFormat, 'colour'>): boolean {
  return !toneMappingOf({ colour }) || scaleMatrix(colour.matrix) !== undefined;
}

export interface MadeImages {
  /** Where they were asked for, and can be made. */
  images?: ImagesResult;
  imageFindings: Finding[];
}

/** The options with what will make the images; asked for before jobs are, because a step of a flow waits for its jobs alone. */
export async function withEncoder(
  options: ImageOptions | undefined,
): Promise<(ImageOptions & { encoder: string }) | undefined> {
  return options && { ...options, encoder: await imageEncoder() };
}

/** Makes the images of a title where they are asked for. */
export async function makeImages(
  t: TitleContext,
  options: (ImageOptions & { encoder: string }) | undefined,
  { picture }: IngestResult,
  { shots, chunks }: ChunkResult,
): Promise<MadeImages> {
  if (!options) return { imageFindings: [] };
  if (!canShow(picture)) return { imageFindings: [leftOut(picture)] };
  const mapping = toneMappingOf(picture);
  const images = await t.run(imagesStage, {
    ...{ picture, shots, chunks, ...options },
    ...(mapping ? { mapping } : {}),
  });
  return { images, imageFindings: posterFindings(images) };
}

/** A package and the files of the title's images. */
export function withImages(packaged: PackageResult, images: ImagesResult | undefined): PackageResult {
  return images ? { ...packaged, files: [...packaged.files, ...images.files] } : packaged;
}

function leftOut({ colour }: Pick<PictureFormat, 'colour'>): Finding {
  const message = `no images were made: HDR with the matrix ${colour.matrix} cannot be shown in SDR`;
  return { code: 'images-left-out', severity: 'warning', message };
}

/** Says so where no frame of a title is fit for a poster. */
export function posterFindings({ images: { posters } }: Pick<ImagesResult, 'images'>): Finding[] {
  const [best] = posters;
  if (!best || best.good) return [];
  return [
    {
      code: 'no-good-poster',
      severity: 'info',
      startFrame: best.frame,
      endFrame: best.frame + 1,
      message: `no frame is fit for a poster; the best one is ${best.faults.join(', ')}`,
    },
  ];
}
