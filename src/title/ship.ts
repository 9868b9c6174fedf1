import { HullcastError } from '../errors.js';
import {
  type AudioRendition,
  type Encryption,
  type PackageResult,
  type PackagedFile,
  type VerifyResult,
  type VideoInput,
  deliverStage,
  packageStage,
  variantsStage,
  verifyStage,
} from '../package/index.js';
import type { TitleContext } from '../pipeline/index.js';
import { NO_DELIVERY, type Packaged, type TitleDelivery, deliverParams } from './delivery.js';
import { encryptionOf } from './encryption.js';
import { type MadeImages, withImages } from './images.js';
import type { TitleOptions } from './options.js';
import type { TitleRendition } from './rendition.js';
import type { TitleRequest } from './request.js';
import type { TitleTexts } from './texts.js';
import { type Mark, type MarkedRendition, recordOf } from './watermark.js';

/** All that a title is made of. */
export interface Made {
  renditions: readonly TitleRendition[];
  audios: AudioRendition[];
  texts: TitleTexts;
  images: MadeImages;
  mark?: Mark;
  marked?: readonly MarkedRendition[];
}

/** A title as it is published. */
export interface Shipped {
  /** Where it is encrypted. */
  encryption?: Encryption;
  /** All that is published, images among it. */
  packaged: PackageResult;
  verified: VerifyResult;
  delivery: TitleDelivery;
}

/** Packages what was made, verifies it, and makes of the package what viewers get. Throws VERIFY_FAILED. */
export async function ship(
  t: TitleContext,
  request: TitleRequest,
  { renditions, audios, texts, images, mark, marked = [] }: Made,
  found: Pick<TitleDelivery, 'markers' | 'findings'>,
): Promise<Shipped> {
  const { options } = request;
  const { segmentSeconds } = options;
  const videos = renditions.map(videoInput);
  const encrypted = encryptionOf(options.drm, factsOf(request), { videos, audios, segmentSeconds });
  // Titles without text keep the artifacts that they had before there was any.
  const shipped = {
    videos,
    audios,
    ...(texts.tracks.length > 0 ? { texts: texts.tracks } : {}),
    ...encrypted,
  };
  const thumbnails = images.images?.thumbnails;
  const params = { ...shipped, segmentSeconds, ...(thumbnails ? { thumbnails } : {}) };
  const packaged = withImages(await t.run(packageStage, params), images.images);
  const verified = await t.run(verifyStage, { ...shipped, files: packaged.files });
  refuseUnsound(verified);
  const files =
    mark && marked.length > 0
      ? await withVariants(t, packaged, { mark, marked }, { ...encrypted, segmentSeconds })
      : packaged.files;
  const delivery = await deliver(t, { ...shipped, texts: texts.tracks, files }, options, found);
  return { ...encrypted, packaged: { ...packaged, files }, verified, delivery };
}

function factsOf(request: TitleRequest): TitleRequest & { masterSha256: string } {
  return { ...request, masterSha256: request.source.sha256 };
}

/** Makes of the package what viewers get. Segments and the package's own artifact stay as they are. */
async function deliver(
  t: TitleContext,
  packaged: Packaged,
  { delivery }: TitleOptions,
  found: Pick<TitleDelivery, 'markers' | 'findings'>,
): Promise<TitleDelivery> {
  const params = delivery && deliverParams(packaged, delivery, found.markers);
  if (!params) return { ...NO_DELIVERY, ...found };
  const { files, devices, findings } = await t.run(deliverStage, params);
  const servers = delivery.origins.map(({ id }) => id);
  return { files, devices, findings: [...found.findings, ...findings], markers: found.markers, servers };
}

function videoInput({
  codec: _codec,
  bits: _bits,
  vmaf: _vmaf,
  chosen: _chosen,
  ...video
}: TitleRendition): VideoInput {
  return video;
}

/** Throws VERIFY_FAILED where a package must not be published. */
function refuseUnsound({ findings }: VerifyResult): void {
  const errors = findings.filter((finding) => finding.severity === 'error');
  if (errors.length === 0) return;
  const list = errors.slice(0, 5).map((e) => `\n  ${e.file}: ${e.message} (${e.code})`);
  throw new HullcastError(
    'VERIFY_FAILED',
    `the package is not sound, and was not published:${list.join('')}`,
    {
      hint: 'This is a defect of hullcast: please report it with the lines above.',
    },
  );
}

/**
 * The files of a title with both variants of its marked renditions; the second is packaged and verified like the first,
 * with the encryption of all of the title: initialisation segments, which both share, may name every key of it.
 */
async function withVariants(
  t: TitleContext,
  { files: a }: PackageResult,
  { mark, marked }: { mark: Mark; marked: readonly MarkedRendition[] },
  { encryption, segmentSeconds }: { encryption?: Encryption; segmentSeconds: number },
): Promise<PackagedFile[]> {
  const videos = marked.map(({ variants }) => videoInput(variants.b));
  const shipped = { videos, audios: [], ...(encryption ? { encryption } : {}) };
  const packages = await t.stages(packageStage, [{ id: 'b', params: { ...shipped, segmentSeconds } }]);
  const { files: b } = packages[0]!;
  const [verified] = await t.stages(verifyStage, [{ id: 'b', params: { ...shipped, files: b } }]);
  refuseUnsound(verified!);
  const { files } = await t.run(variantsStage, { a, b, record: recordOf(mark, marked) });
  return files;
}
