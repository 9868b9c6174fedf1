import { type Finding, type IngestResult, type InspectResult, videoRangeOf } from '../ingest/index.js';
import type { ChunkResult } from '../chunker/index.js';
import { frameSeconds } from '../media/index.js';
import type { Report } from '../report/index.js';
import {
  type AudioRendition,
  type DeliverParams,
  type DeliverResult,
  type DeliveredMarker,
  type Encryption,
  type GivenMarker,
  LEAST_MARKED_SECONDS,
  type Marker,
  type MarkersParams,
  type NamedClass,
  type Origin,
  type PackagedFile,
  type TextTrack,
  type VideoInput,
} from '../package/index.js';

/** What is made of a finished package for those who play it. */
export interface DeliveryOptions {
  /** Classes that get manifests of their own. */
  classes: readonly NamedClass[];
  markers: {
    /** Whether intro, credits and places for breaks are guessed. */
    detect: boolean;
    /** Guesses of less confidence are in no manifest, 0 to 1. */
    minConfidence: number;
    /** What people say. */
    given: readonly GivenMarker[];
  };
  /** Servers that have the title's folder. */
  origins: readonly Origin[];
  steeringUrl?: string;
}

/** What was delivered besides the package. */
export interface TitleDelivery extends DeliverResult {
  markers: DeliveredMarker[];
  /** Ids of the servers that manifests name. */
  servers: string[];
}

export const NO_DELIVERY: TitleDelivery = { files: [], devices: [], findings: [], markers: [], servers: [] };

/** Parameters of the search for markers; undefined where there is nothing to search. */
export function markersParams(
  { source, demuxer, audio, picture: { frames, fps } }: IngestResult,
  { findings }: InspectResult,
  { shots }: ChunkResult,
  { detect }: DeliveryOptions['markers'],
): MarkersParams | undefined {
  const guess = detect && frameSeconds(frames, fps) >= LEAST_MARKED_SECONDS;
  const splices = demuxer === 'mpegts';
  if (!guess && !splices) return undefined;
  const track = audio.find((each) => each.default) ?? audio[0];
  const black = guess
    ? findings.filter(({ code, startFrame }) => code === 'black-frames' && startFrame !== undefined)
    : [];
  return {
    ...{ source, demuxer, splices, frames, fps },
    ...(guess && track ? { audio: { track: track.track, offsetSeconds: track.offsetSeconds } } : {}),
    black: black.map(({ startFrame = 0, endFrame = startFrame + 1 }) => ({
      start: startFrame,
      end: endFrame,
    })),
    plain: guess
      ? shots.map(({ startFrame, endFrame, complexity }) => ({
          ...{ start: startFrame, end: endFrame, palette: complexity.palette },
        }))
      : [],
  };
}

/** What is in a package. */
export interface Packaged {
  files: readonly PackagedFile[];
  videos: readonly VideoInput[];
  audios: readonly AudioRendition[];
  texts: readonly TextTrack[];
  encryption?: Encryption;
}

/** Parameters of delivery; undefined where nothing is to be added to the package. */
export function deliverParams(
  { files, videos, audios, texts, encryption }: Packaged,
  { classes, origins, steeringUrl }: DeliveryOptions,
  markers: readonly DeliveredMarker[],
): DeliverParams | undefined {
  const [first] = videos;
  if (!first || (classes.length === 0 && origins.length === 0 && markers.length === 0)) return undefined;
  return {
    facts: {
      videos: videos.map(({ id, width, height, fps, averageBitrate, colour }) => ({
        ...{ id, width, height, fps, averageBitrate, range: videoRangeOf(colour?.transfer) },
      })),
      audios: audios.map(({ id, track, codecString, channels }) => ({
        id,
        track,
        codecs: codecString,
        channels,
      })),
      texts: texts.map(({ id }) => id),
      ...(encryption ? { protection: { scheme: encryption.scheme, systems: encryption.systems } } : {}),
    },
    files: [...files],
    ...{ fps: first.fps, frames: first.frames },
    ...{ classes: [...classes], markers: [...markers], origins: [...origins] },
    ...(steeringUrl === undefined ? {} : { steeringUrl }),
  };
}

/** Files of a title as they ship: those of the package, and what delivery made in place of some or besides them. */
export function shippedFiles(
  { files }: { files: readonly PackagedFile[] },
  delivery: Pick<DeliverResult, 'files'>,
): PackagedFile[] {
  const made = new Map(delivery.files.map((file) => [file.path, file]));
  const kept = files.map((file) => made.get(file.path) ?? file);
  const paths = new Set(files.map(({ path }) => path));
  return [...kept, ...delivery.files.filter(({ path }) => !paths.has(path))];
}

/** Findings about markers that were guessed, so that people look at them. */
export function markerFindings(markers: readonly DeliveredMarker[]): Finding[] {
  return markers.flatMap((marker) => (marker.source === 'detected' ? [candidateFinding(marker)] : []));
}

const NAMES: Record<Marker['kind'], string> = {
  ...{ intro: 'an intro', recap: 'a recap', credits: 'credits', adbreak: 'a place for an ad break' },
};

function candidateFinding({
  kind,
  startFrame,
  endFrame,
  confidence,
  evidence,
  inManifests,
}: DeliveredMarker): Finding {
  const seen = (evidence ?? []).join(', ');
  const where = inManifests ? 'it is in the manifests' : 'it is in markers.json only';
  return {
    ...{
      code: 'marker-candidate',
      severity: 'info',
      startFrame,
      endFrame: Math.max(startFrame + 1, endFrame),
    },
    message: `this may be ${NAMES[kind]} (confidence ${confidence.toFixed(2)}: ${seen}); ${where}`,
  };
}

/** What the report says of it; nothing where there is only the package. */
export function reportDelivery({ devices, markers, servers }: TitleDelivery): Pick<Report, 'delivery'> {
  if (devices.length === 0 && markers.length === 0 && servers.length === 0) return {};
  const marked = markers.map(({ scte35: _scte35, ...marker }) => marker);
  return { delivery: { devices, markers: marked, servers } };
}
