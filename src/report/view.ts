import { type RdPoint, type ShotPoints, sumOfHulls, upperHull } from './curves.js';
import { fpsNumber, withoutCommonStart } from './format.js';
import { type RankedResolution, rankResolutions, resolutionKey } from './resolutions.js';
import type { Report, ReportShot } from './schema.js';

/** An encode of a shot that was scored. Rate is in bit/s. */
export interface Encode extends RdPoint {
  shot: number;
  resolution: RankedResolution;
  crf: number;
  bits: number;
  vmaf: Report['probes'][number]['vmaf'];
  /** A probe of the search, or the chunk of a rung. */
  kind: 'probe' | 'chunk';
  /** With a chunk: the rung's id. */
  rung?: string;
}

/** A curve of the title plot, rate in bit/s. */
export interface TitleCurve {
  resolution: RankedResolution;
  points: RdPoint[];
}

/** What the plots of one codec are drawn from. */
export interface CodecView {
  codec: string;
  /** By rising bit rate. */
  renditions: Report['renditions'];
  /** Short names of the renditions for labels, in the same order. */
  names: string[];
  /** By shot index. */
  encodes: Encode[][];
  curves: TitleCurve[];
  /** Upper hull over all curves. */
  hull: (RdPoint & { resolution: RankedResolution })[];
}

export interface View {
  report: Report;
  fps: number;
  resolutions: RankedResolution[];
  codecs: CodecView[];
}

export function shotSeconds(shot: ReportShot, fps: number): number {
  return (shot.endFrame - shot.startFrame) / fps;
}

function encodesOf(report: Report, codec: string, fps: number, ranked: RankedResolution[]): Encode[][] {
  const byKey = new Map(ranked.map((resolution) => [resolution.key, resolution]));
  const byShot = new Map<number, Encode[]>(report.shots.map((shot) => [shot.index, []]));
  const seconds = new Map(report.shots.map((shot) => [shot.index, shotSeconds(shot, fps)]));
  const add = (
    item: { width: number; height: number },
    encode: Omit<Encode, 'rate' | 'quality' | 'resolution'>,
  ): void => {
    const resolution = byKey.get(resolutionKey(item));
    const duration = seconds.get(encode.shot);
    if (resolution === undefined || duration === undefined) return; // of no shot of this title: nothing to draw it in
    byShot
      .get(encode.shot)
      ?.push({ ...encode, resolution, rate: encode.bits / duration, quality: encode.vmaf.mean });
  };
  for (const { shot, crf, bits, vmaf, ...probe } of report.probes) {
    if (probe.codec === codec) add(probe, { shot, crf, bits, vmaf, kind: 'probe' });
  }
  for (const rendition of report.renditions) {
    if (rendition.codec !== codec) continue;
    for (const { shot, crf, bits, vmaf } of rendition.chunks) {
      add(rendition, { shot, crf, bits, vmaf, kind: 'chunk', rung: rendition.id });
    }
  }
  return report.shots.map((shot) => byShot.get(shot.index) ?? []);
}

function codecView(report: Report, codec: string, fps: number, ranked: RankedResolution[]): CodecView {
  const encodes = encodesOf(report, codec, fps, ranked);
  const seconds = report.title.frames / fps;
  const curves = ranked.flatMap((resolution): TitleCurve[] => {
    const shots = report.shots.map((shot, index): ShotPoints => ({
      frames: shot.endFrame - shot.startFrame,
      points: (encodes[index] ?? [])
        .filter((encode) => encode.resolution.rank === resolution.rank)
        .map((encode) => ({ rate: encode.bits, quality: encode.quality })),
    }));
    const points = sumOfHulls(shots).map(({ rate, quality }) => ({ rate: rate / seconds, quality }));
    return points.length === 0 ? [] : [{ resolution, points }];
  });
  const renditions = report.renditions
    .filter((rendition) => rendition.codec === codec)
    .sort((a, b) => a.averageBitrate - b.averageBitrate);
  return {
    codec,
    renditions,
    names: withoutCommonStart(renditions.map((rendition) => rendition.id)),
    encodes,
    curves,
    hull: upperHull(
      curves.flatMap(({ resolution, points }) => points.map((point) => ({ ...point, resolution }))),
    ),
  };
}

/** Derives everything that the page draws from the report. */
export function viewOf(report: Report): View {
  const fps = fpsNumber(report.title.fps);
  const resolutions = rankResolutions(report);
  const codecs = [...new Set([...report.renditions, ...report.probes].map((item) => item.codec))];
  return {
    report,
    fps,
    resolutions,
    codecs: codecs.map((codec) => codecView(report, codec, fps, resolutions)),
  };
}

/** The shots to draw one by one: all where there are at most `max`, else those with most bits in the best rung. */
export function drawnShots(view: View, codec: CodecView, max: number): number[] {
  const all = view.report.shots.map((_, position) => position);
  if (all.length <= max) return all;
  const best = codec.renditions.at(-1);
  const bits = new Map(best?.chunks.map((chunk) => [chunk.shot, chunk.bits]));
  const weight = (position: number): number => bits.get(view.report.shots[position]?.index ?? -1) ?? 0;
  return all
    .sort((a, b) => weight(b) - weight(a) || a - b)
    .slice(0, max)
    .sort((a, b) => a - b);
}
