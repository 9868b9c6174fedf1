import { formatRational, frameSeconds, type Tools } from '../media/index.js';
import type { Report } from '../report/index.js';
import { REPORT_SCHEMA_VERSION } from '../report/index.js';
import { loudnessFindings } from './findings.js';
import type { TitleResult } from './flow.js';
import type { TitleOptions } from './options.js';
import type { Probe } from './search-run.js';

export interface ReportContext {
  options: TitleOptions;
  tools: Tools;
  hullcastVersion: string;
  cost: Report['cost'];
}

/** report.json of a finished title. */
export function buildReport(title: TitleResult, context: ReportContext): Report {
  const { ingest, inspect, chunked, search, renditions } = title;
  const { picture } = ingest;
  const { codec } = context.options;
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
      audio: ingest.audio,
      text: ingest.text,
      findings: [
        ...ingest.findings,
        ...inspect.findings,
        ...loudnessFindings(inspect.loudness, title.audios),
        ...search.findings,
      ],
    },
    shots: chunked.shots,
    probes: search.probes.map((probe) => ({
      shot: probe.shot,
      codec,
      ...probe.resolution,
      crf: probe.crf,
      bits: probe.bits,
      vmaf: probe.encoded.score.pooled,
      cpuSeconds: probe.encoded.cpuSeconds.encode + probe.encoded.cpuSeconds.score,
    })),
    renditions: renditions.map((rendition) => {
      const { model, subsample } = rendition.chosen[0]!.encoded.score;
      return {
        id: rendition.id,
        codec,
        width: rendition.width,
        height: rendition.height,
        averageBitrate: rendition.averageBitrate,
        peakBitrate: rendition.peakBitrate,
        bits: rendition.bits,
        frames: rendition.frames,
        sha256: rendition.blob.sha256,
        vmaf: { ...rendition.vmaf, model, subsample },
        chunks: rendition.chosen.map((probe) => reportChunk(probe)),
      };
    }),
    cost: context.cost,
    tools: {
      ffmpeg: context.tools.ffmpeg.version,
      libvmaf: search.probes[0]!.encoded.score.libvmafVersion,
      packager: context.tools.packager.version,
      node: process.version,
      hullcast: context.hullcastVersion,
    },
  };
}

function reportChunk(probe: Probe): Report['renditions'][number]['chunks'][number] {
  return {
    shot: probe.shot,
    crf: probe.crf,
    bits: probe.bits,
    vmaf: probe.encoded.score.pooled,
    artifact: probe.artifact,
  };
}
