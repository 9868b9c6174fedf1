import type { ApiTitle } from '../../../services/contract/schema.js';

/** The scores of an encode that the dashboard shows, VMAF 0..100. */
export interface Scores {
  mean: number;
  p5: number;
  min: number;
}

export interface ReportRendition {
  id: string;
  codec: string;
  width: number;
  height: number;
  /** Dynamic range; SDR where it is absent. */
  videoRange?: string;
  /** bit/s */
  averageBitrate: number;
  /** bit/s */
  peakBitrate: number;
  bits: number;
  vmaf: Scores;
  /** One for each shot. */
  chunks: { shot: number; crf: number; bits: number; vmaf: Scores }[];
}

export interface ReportFinding {
  code: string;
  severity: 'info' | 'warning' | 'error';
  startFrame?: number;
  endFrame?: number;
  message: string;
}

/**
 * What the dashboard reads of report.json, a part of what docs/report.md describes. (The whole type stands on all stages,
 * of which a browser knows nothing; a test holds the two together.)
 */
export interface DashboardReport {
  schemaVersion: number;
  title: { durationSeconds: number; frames: number; fps: string };
  master: { findings: ReportFinding[] };
  shots: { index: number; startFrame: number; endFrame: number }[];
  renditions: ReportRendition[];
  /** Every encode of the search; here only for its resolution. */
  probes: { width: number; height: number }[];
}

const VERSION = 1;

/** The report, or why it cannot be shown here. */
export function readReport(json: unknown): DashboardReport | string {
  const version = (json as Partial<DashboardReport> | null)?.schemaVersion;
  if (version !== VERSION)
    return `Its report has version ${version ?? 'none'}; this page reads version ${VERSION}.`;
  return json as DashboardReport;
}

/** A rung as the ladder's table and plot show it, from the report or, without one, from the API's result. */
export interface Rung {
  id: string;
  codec: string;
  width: number;
  height: number;
  /** `SDR`, `PQ` or `HLG` */
  range: string;
  averageBitrate: number;
  peakBitrate: number;
  mean: number;
  /** Known from the report only. */
  p5?: number;
  min?: number;
  bits?: number;
  /** Finest and coarsest crf of its chunks. */
  crf?: [number, number];
}

function rungOf(rendition: ReportRendition): Rung {
  const crfs = rendition.chunks.map(({ crf }) => crf).sort((a, b) => a - b);
  const [first = 0, last = 0] = [crfs[0], crfs.at(-1)];
  const { id, codec, width, height, averageBitrate, peakBitrate, bits, vmaf } = rendition;
  return {
    ...{ id, codec, width, height, averageBitrate, peakBitrate, bits },
    range: rendition.videoRange ?? 'SDR',
    ...{ mean: vmaf.mean, p5: vmaf.p5, min: vmaf.min },
    crf: [first, last],
  };
}

/** The ladder, best rung of each codec first. */
export function ladderOf(
  result: NonNullable<ApiTitle['result']>,
  report: DashboardReport | undefined,
): Rung[] {
  const rungs: Rung[] = report
    ? report.renditions.map(rungOf)
    : result.renditions.map(({ vmaf, ...rendition }) => ({ ...rendition, range: 'SDR', mean: vmaf }));
  const codecs = [...new Set(rungs.map(seriesOf))];
  return codecs.flatMap((series) =>
    rungs.filter((rung) => seriesOf(rung) === series).sort((a, b) => b.averageBitrate - a.averageBitrate),
  );
}

/** Rungs that a player switches between: one codec, one dynamic range. */
export function seriesOf({ codec, range }: Pick<Rung, 'codec' | 'range'>): string {
  return range === 'SDR' ? codec : `${codec} ${range}`;
}
