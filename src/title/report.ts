import { type Finding, isHdr, videoRangeOf } from '../ingest/index.js';
import { formatRational, frameSeconds, type Tools } from '../media/index.js';
import type { Report } from '../report/index.js';
import { REPORT_SCHEMA_VERSION } from '../report/index.js';
import { markerFindings, reportDelivery } from './delivery.js';
import { loudnessFindings } from './findings.js';
import type { TitleResult } from './flow.js';
import type { TitleRendition } from './rendition.js';
import { needsToneMapping } from './pictures.js';
import { reportAudios } from './report-audios.js';
import { reportProtection } from './report-protection.js';
import { reportWatermark } from './report-watermark.js';
import type { Probe } from './search-run.js';

export interface ReportContext {
  tools: Tools;
  hullcastVersion: string;
  cost: Report['cost'];
}

/** report.json of a finished title. */
export function buildReport(title: TitleResult, context: ReportContext): Report {
  const { ingest, inspect, chunked, searches, renditions, texts } = title;
  const { picture } = ingest;
  const protection = reportProtection(title);
  // Of keys that change, the first: the others are among those of the protection.
  const first = title.packaged.protection?.filter(({ period = 0 }) => period === 0);
  const keyIds = new Map(first?.map(({ id, kid }) => [id, kid]));
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    title: {
      name: ingest.name,
      durationSeconds: frameSeconds(picture.frames, picture.fps),
      frames: picture.frames,
      fps: formatRational(picture.fps),
      width: picture.width,
      height: picture.height,
    },
    master: {
      sha256: ingest.source.sha256,
      container: ingest.container,
      video: ingest.video,
      audio: ingest.audio.map(({ packets: _packets, ...audio }) => audio),
      text: ingest.text.map(({ pictureStart: _pictureStart, ...text }) => text),
      findings: [
        ...ingest.findings,
        ...inspect.findings,
        ...title.audioFindings,
        ...loudnessFindings(inspect.loudness, title.audios),
        ...texts.findings,
        ...title.imageFindings,
        ...title.delivery.findings,
        ...markerFindings(title.delivery.markers),
        ...distinctFindings(searches.flatMap(({ findings }) => findings)),
      ],
    },
    ...(title.audios.length > 0 ? { audios: reportAudios(title.audios) } : {}),
    ...(texts.tracks.length > 0
      ? { texts: texts.tracks.map(({ blob: _blob, autoselect: _autoselect, ...text }) => text) }
      : {}),
    shots: chunked.shots,
    probes: searches.flatMap(({ input: { codec }, probes }) =>
      probes.map(({ shot, resolution, crf, bits, encoded: { score, cpuSeconds } }) => ({
        ...{ shot, codec, ...resolution, crf, bits },
        vmaf: score.pooled,
        cpuSeconds: cpuSeconds.encode + cpuSeconds.score,
      })),
    ),
    renditions: renditions.map((rendition) => {
      const { model, subsample } = rendition.chosen[0]!.encoded.score;
      return {
        id: rendition.id,
        codec: rendition.codec,
        videoRange: videoRangeOf(rendition.colour?.transfer),
        width: rendition.width,
        height: rendition.height,
        averageBitrate: rendition.averageBitrate,
        peakBitrate: rendition.peakBitrate,
        bits: rendition.bits,
        frames: rendition.frames,
        sha256: rendition.blob.sha256,
        ...(keyIds.has(rendition.id) ? { keyId: keyIds.get(rendition.id)! } : {}),
        vmaf: { ...rendition.vmaf, model, subsample, ...judgedOn(rendition, title) },
        chunks: rendition.chosen.map((probe) => reportChunk(probe)),
        ...reportWatermark(rendition.id, title.marked),
      };
    }),
    ...(protection ? { protection } : {}),
    ...(title.images ? { images: title.images.images } : {}),
    ...reportDelivery(title.delivery),
    cost: context.cost,
    tools: {
      ffmpeg: context.tools.ffmpeg.version,
      libvmaf: searches[0]!.probes[0]!.encoded.score.libvmafVersion,
      packager: context.tools.packager.version,
      node: process.version,
      hullcast: context.hullcastVersion,
    },
  };
}

/** libvmaf has no model of HDR. */
const SDR_MODEL_NOTE =
  'SDR model applied to HDR pictures: signals are judged as if they were SDR. It ranks the encodes of one ladder; it is ' +
  'no measure of HDR quality, and is not comparable with scores of SDR';

/** Which picture a rendition was scored against, and what its score does not say. */
function judgedOn(
  { codec, colour }: TitleRendition,
  { ingest }: TitleResult,
): { picture: 'master' | 'tone-mapped'; note?: string } {
  const hdr = isHdr(colour?.transfer);
  return {
    picture: needsToneMapping(codec, ingest.picture) ? 'tone-mapped' : 'master',
    ...(hdr ? { note: SDR_MODEL_NOTE } : {}),
  };
}

/** Each finding once: what is left out of one codec's ladder because of the master is left out of the others' too. */
function distinctFindings(findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ message }, index) => findings.findIndex((other) => other.message === message) === index,
  );
}

function reportChunk(probe: Probe): Report['renditions'][number]['chunks'][number] {
  return {
    shot: probe.shot,
    crf: probe.crf,
    ...(probe.tune ? { tune: probe.tune } : {}),
    bits: probe.bits,
    vmaf: probe.encoded.score.pooled,
    artifact: probe.artifact,
  };
}
