import { type ChunkParams, type ChunkResult, chunkStage } from '../chunker/index.js';
import {
  type Finding,
  type IngestParams,
  type IngestResult,
  type InspectResult,
  ingestStage,
  inspectStage,
} from '../ingest/index.js';
import { segmentStartsOf } from '../encode/index.js';
import { toNumber } from '../media/index.js';
import {
  type AudioParams,
  type AudioRendition,
  audioPlan,
  audioStage,
  manualMarkers,
  markersStage,
  titleMarkers,
} from '../package/index.js';
import type { JobSpec, TitleContext } from '../pipeline/index.js';
import { textStage } from '../text/index.js';
import { assemble } from './assemble.js';
import { candidatesFor } from './candidates.js';
import { markersParams } from './delivery.js';
import { checkKeyService, checkLead, checkPeriodCount } from './encryption.js';
import { trackFindings } from './findings.js';
import { type MadeImages, makeImages, withEncoder } from './images.js';
import { type Sources, sourceFor, sourcesOf } from './pictures.js';
import type { TitleRendition } from './rendition.js';
import type { TitleRequest } from './request.js';
import { type SearchResult, runSearch } from './search-run.js';
import { type Shipped, ship } from './ship.js';
import { type TitleTexts, textPlan, titleTexts } from './texts.js';
import { type MarkedRendition, largeEnough, markOf, markedRenditions } from './watermark.js';

/** All that the flow of a title found and made. */
export interface TitleResult extends MadeImages, Shipped {
  ingest: IngestResult;
  inspect: InspectResult;
  chunked: ChunkResult;
  sources: Sources;
  /** One a codec, in the order of the options. */
  searches: SearchResult[];
  renditions: TitleRendition[];
  audios: AudioRendition[];
  /** What is wrong with the settings of its sound. */
  audioFindings: Finding[];
  texts: TitleTexts;
  /** The renditions of which there are two variants, where there are any. */
  marked?: MarkedRendition[];
}

/** What the master is and where its shots are: all that a plan needs. */
export async function analyse(
  request: TitleRequest,
  t: TitleContext,
): Promise<{ ingest: IngestResult; chunked: ChunkResult }> {
  const ingest = await t.run(ingestStage, ingestParams(request));
  checkCandidates(request, ingest);
  checkPeriodCount(request.options.drm, ingest.picture);
  return { ingest, chunked: await t.run(chunkStage, chunkParams(request, ingest)) };
}

/**
 * Refuses what cannot be made of this master before anything is made of it. Throws RUNG_TOO_LARGE, NO_RESOLUTION,
 * WATERMARK_RUNGS.
 */
function checkCandidates({ options }: TitleRequest, { picture }: IngestResult): void {
  const sizes = options.codecs.flatMap(({ codec }) => candidatesFor(codec, picture, options).resolutions);
  if (options.watermark) largeEnough(sizes, options.watermark);
}

function ingestParams({ name, source, options }: TitleRequest): IngestParams {
  return { name, source, limits: options.limits };
}

function chunkParams({ options }: TitleRequest, { picture }: IngestResult): ChunkParams {
  const frames = (seconds: number): number => Math.max(1, Math.round(seconds * toNumber(picture.fps)));
  // No chunk is shorter than half a segment, so that no segment is, whatever the cuts.
  const minFrames = frames(options.segmentSeconds / 2);
  return { picture, minFrames, maxFrames: frames(options.maxChunkSeconds) };
}

function audioJobs({ options }: TitleRequest, ingest: IngestResult): JobSpec<AudioParams>[] {
  const { source, demuxer, picture } = ingest;
  const { frames, fps } = picture;
  const loudness = options.normaliseLufs === undefined ? {} : { normaliseLufs: options.normaliseLufs };
  return audioPlan(ingest.audio, options.audio, picture).map((planned) => ({
    id: planned.id,
    params: { ...planned, source, demuxer, frames, fps, ...loudness },
  }));
}

/** The flow of a title, from a stored master to a verified package. Cheap to run again: finished steps are artifacts. */
export async function titleFlow(request: TitleRequest, t: TitleContext): Promise<TitleResult> {
  const { options, source } = request;
  const facts = { ...request, masterSha256: source.sha256 };
  checkKeyService(options.drm, facts);
  const mark = await markOf(options.watermark, source.sha256);
  const ingest = await t.run(ingestStage, ingestParams(request));
  checkCandidates(request, ingest);
  checkPeriodCount(options.drm, ingest.picture);
  const manual = manualMarkers(options.delivery?.markers.given ?? [], ingest.picture);
  const planned = textPlan(request.texts ?? [], ingest, options);
  const [chunked, inspect, audios, read] = await Promise.all([
    t.run(chunkStage, chunkParams(request, ingest)),
    t.run(inspectStage, { ingest }),
    t.stages(audioStage, audioJobs(request, ingest)),
    t.stages(
      textStage,
      planned.map(({ job }) => job),
    ),
  ]);
  checkLead(options.drm, {
    ...{ ...ingest.picture, segmentSeconds: options.segmentSeconds, sound: audios.length > 0 },
    segmentStarts: segmentStartsOf(chunked.shots, chunked.fps, options.segmentSeconds),
  });
  const texts = titleTexts(planned, read);

  const sources = await sourcesOf(t, ingest, chunked, options);
  const wanted = await withEncoder(options.images);
  const marking = options.delivery && markersParams(ingest, inspect, chunked, options.delivery.markers);
  const [images, found, ...searches] = await Promise.all([
    makeImages(t, wanted, ingest, chunked),
    marking && t.run(markersStage, marking),
    ...options.codecs.map((choice) => runSearch(t, choice, sourceFor(choice.codec, sources), options)),
  ]);
  const plain = await assemble(t, searches, sources, options);
  const marked = mark ? await markedRenditions(t, plain, { mark, sources, options, chunked }) : [];
  const renditions = plain.map(
    (rendition) => marked.find((one) => one.plain === rendition)?.variants.a ?? rendition,
  );
  const markers = titleMarkers(manual, found, options.delivery?.markers.minConfidence ?? 1);
  const made = { renditions, audios, texts, images, ...(mark ? { mark, marked } : {}) };
  const shipped = await ship(t, request, made, { markers, findings: found?.findings ?? [] });
  return {
    ...{ ingest, inspect, chunked, sources, searches, renditions, audios, texts },
    audioFindings: trackFindings(options.audio?.tracks ?? [], ingest.audio),
    ...images,
    ...shipped,
    ...(marked.length > 0 ? { marked } : {}),
  };
}
