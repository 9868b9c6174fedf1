import { type ChunkParams, type ChunkResult, chunkStage } from '../chunker/index.js';
import {
  type AssembleParams,
  type Codec,
  type Resolution,
  assembleStage,
  segmentStartsOf,
} from '../encode/index.js';
import { HullcastError } from '../errors.js';
import {
  type IngestParams,
  type IngestResult,
  type InspectResult,
  ingestStage,
  inspectStage,
} from '../ingest/index.js';
import { toNumber } from '../media/index.js';
import {
  type AudioParams,
  type AudioRendition,
  type Encryption,
  type PackageResult,
  type VerifyResult,
  type VideoInput,
  audioPlan,
  audioStage,
  deliverStage,
  manualMarkers,
  markersStage,
  packageStage,
  titleMarkers,
  verifyStage,
} from '../package/index.js';
import type { BlobRef, JobSpec, TitleContext } from '../pipeline/index.js';
import { textStage } from '../text/index.js';
import { type Pooled, pool } from '../vmaf/index.js';
import { candidatesFor } from './candidates.js';
import { NO_DELIVERY, type Packaged, type TitleDelivery, deliverParams, markersParams } from './delivery.js';
import { checkKeyService, encryptionOf } from './encryption.js';
import { type MadeImages, makeImages, withEncoder, withImages } from './images.js';
import type { TitleOptions } from './options.js';
import { type Sources, needsToneMapping, sourceFor, toneMapped } from './pictures.js';
import { type Probe, type SearchResult, runSearch } from './search-run.js';
import { type TextInput, type TitleTexts, textPlan, titleTexts } from './texts.js';

export interface TitleRequest {
  /** The master's file name. */
  name: string;
  source: BlobRef;
  /** Text files that come with it. */
  texts?: readonly TextInput[];
  options: TitleOptions;
  /** The title's id at who submitted it. */
  externalId?: string | undefined;
  /** Name of the key service; undefined where there is none. */
  keyService?: string | undefined;
}

/** A rung as it ships. */
export interface TitleRendition extends VideoInput {
  codec: Codec;
  bits: number;
  vmaf: Pooled;
  chosen: Probe[];
}

/** All that the flow of a title found and made. */
export interface TitleResult extends MadeImages {
  ingest: IngestResult;
  inspect: InspectResult;
  chunked: ChunkResult;
  sources: Sources;
  /** One a codec, in the order of the options. */
  searches: SearchResult[];
  renditions: TitleRendition[];
  audios: AudioRendition[];
  /** Where it is encrypted. */
  encryption?: Encryption;
  texts: TitleTexts;
  /** All that is published, images among it. */
  packaged: PackageResult;
  verified: VerifyResult;
  delivery: TitleDelivery;
}

/** What the master is and where its shots are: all that a plan needs. */
export async function analyse(
  request: TitleRequest,
  t: TitleContext,
): Promise<{ ingest: IngestResult; chunked: ChunkResult }> {
  const ingest = await t.run(ingestStage, ingestParams(request));
  checkCandidates(request, ingest);
  return { ingest, chunked: await t.run(chunkStage, chunkParams(request, ingest)) };
}

/** Refuses what cannot be made of this master before anything is made of it. Throws RUNG_TOO_LARGE, NO_RESOLUTION. */
function checkCandidates({ options }: TitleRequest, { picture }: IngestResult): void {
  for (const { codec } of options.codecs) candidatesFor(codec, picture, options);
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
  return audioPlan(ingest.audio).map(({ id, audio, layout }) => ({
    id,
    params: { id, source, demuxer, audio, layout, frames, fps, ...loudness },
  }));
}

/** The flow of a title, from a stored master to a verified package. Cheap to run again: finished steps are artifacts. */
export async function titleFlow(request: TitleRequest, t: TitleContext): Promise<TitleResult> {
  const { options, source } = request;
  const facts = { ...request, masterSha256: source.sha256 };
  checkKeyService(options.drm, facts);
  const ingest = await t.run(ingestStage, ingestParams(request));
  checkCandidates(request, ingest);
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
  const texts = titleTexts(planned, read);

  const sources = await sourcesOf(t, ingest, chunked, options);
  const wanted = await withEncoder(options.images);
  const marking = options.delivery && markersParams(ingest, inspect, chunked, options.delivery.markers);
  const [made, found, ...searches] = await Promise.all([
    makeImages(t, wanted, ingest, chunked),
    marking && t.run(markersStage, marking),
    ...options.codecs.map((choice) => runSearch(t, choice, sourceFor(choice.codec, sources), options)),
  ]);
  const renditions = await assemble(t, searches, sources, options);

  const videos = renditions.map(
    ({ codec: _codec, bits: _bits, vmaf: _vmaf, chosen: _chosen, ...video }): VideoInput => video,
  );
  const encrypted = encryptionOf(options.drm, facts, { videos, audios });
  // Titles without text keep the artifacts that they had before there was any.
  const shipped = {
    videos,
    audios,
    ...(texts.tracks.length > 0 ? { texts: texts.tracks } : {}),
    ...encrypted,
  };
  const { segmentSeconds } = options;
  const thumbnails = made.images?.thumbnails;
  const named = thumbnails ? { thumbnails } : {};
  const packaged = withImages(
    await t.run(packageStage, { ...shipped, segmentSeconds, ...named }),
    made.images,
  );
  const verified = await t.run(verifyStage, { ...shipped, files: packaged.files });
  const errors = verified.findings.filter((finding) => finding.severity === 'error');
  if (errors.length > 0) {
    const list = errors.slice(0, 5).map((e) => `\n  ${e.file}: ${e.message} (${e.code})`);
    throw new HullcastError(
      'VERIFY_FAILED',
      `the package is not sound, and was not published:${list.join('')}`,
      {
        hint: 'This is a defect of hullcast: please report it with the lines above.',
      },
    );
  }
  const markers = titleMarkers(manual, found, options.delivery?.markers.minConfidence ?? 1);
  const delivery = await deliver(t, { ...shipped, texts: texts.tracks, files: packaged.files }, options, {
    ...{ markers, findings: found?.findings ?? [] },
  });
  return {
    ingest,
    inspect,
    chunked,
    sources,
    searches,
    renditions,
    audios,
    texts,
    ...made,
    ...encrypted,
    packaged,
    verified,
    delivery,
  };
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

/** The master's chunks and, where a codec of an HDR title needs them, the same in SDR. */
async function sourcesOf(
  t: TitleContext,
  { picture }: IngestResult,
  chunked: ChunkResult,
  { codecs }: TitleOptions,
): Promise<Sources> {
  const master = { picture, chunked };
  const wanted = codecs.some(({ codec }) => needsToneMapping(codec, picture));
  return { master, ...(wanted ? { sdr: await toneMapped(t, master) } : {}) };
}

async function assemble(
  t: TitleContext,
  searches: readonly SearchResult[],
  sources: Sources,
  options: TitleOptions,
): Promise<TitleRendition[]> {
  const { chunked } = sources.master;
  const rungs = searches.flatMap(({ input: { codec }, rungs }) => rungs.map((rung) => ({ codec, ...rung })));
  const segmentStarts = segmentStartsOf(chunked.shots, chunked.fps, options.segmentSeconds);
  const jobs = rungs.map((rung): JobSpec<AssembleParams> => {
    const chunks = rung.chosen.map(({ encoded: { blob, frames, bits, parameterSets } }) => ({
      ...{ blob, frames, bits, parameterSets },
    }));
    return { id: rungId(rung, chunked), params: { fps: chunked.fps, chunks, segmentStarts } };
  });
  const assembled = await t.stages(assembleStage, jobs);
  return rungs.map((rung, i): TitleRendition => {
    const { blob, frames, bits, averageBitrate, peakBitrate } = assembled[i]!;
    const { picture } = sourceFor(rung.codec, sources);
    return {
      id: jobs[i]!.id,
      codec: rung.codec,
      colour: picture.colour,
      ...(picture.hdr ? { hdr: picture.hdr } : {}),
      ...rung.resolution,
      blob,
      frames,
      fps: chunked.fps,
      averageBitrate,
      peakBitrate,
      segmentStarts,
      bits,
      // Over all frames of the title, not a mean of the chunks' means.
      vmaf: pool(rung.chosen.flatMap(({ encoded }) => encoded.score.frameScores)),
      chosen: rung.chosen,
    };
  });
}

/** Name of a rung, e.g. `h264-1080p-3476k`: rungs differ in bit rate by 1% at least, so it is unique in a title. */
function rungId(rung: { codec: Codec; bits: number; resolution: Resolution }, chunked: ChunkResult): string {
  const kbits = (rung.bits * toNumber(chunked.fps)) / chunked.frames / 1000;
  const { width, height } = rung.resolution;
  return `${rung.codec}-${Math.min(width, height)}p-${kbits < 100 ? kbits.toFixed(2) : Math.round(kbits)}k`;
}
