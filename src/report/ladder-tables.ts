import { bytes, crfText, grouped, kilobits, timecode } from './format.js';
import { type Markup, html } from './markup.js';
import { extent } from './scale.js';
import type { ReportRendition } from './schema.js';
import { type Column, bar, symbol, table } from './table.js';
import { resolutionKey } from './resolutions.js';
import { type CodecView, type View, shotSeconds } from './view.js';

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Which model judged what, e.g. `Scored by vmaf_v0.6.1 on PQ, one frame of 5`. */
export function judgement({ videoRange = 'SDR', vmaf }: ReportRendition): string {
  const picture = vmaf.picture === 'tone-mapped' ? 'tone-mapped SDR' : videoRange;
  const frames = vmaf.subsample === 1 ? 'every frame' : `one frame of ${vmaf.subsample}`;
  return `Scored by ${vmaf.model} on ${picture}, ${frames}`;
}

/** What has to be known about the scores of a ladder, once. */
export function scoreNotes(codec: CodecView): string[] {
  return [...new Set(codec.renditions.flatMap((r) => [judgement(r), ...(r.vmaf.note ? [r.vmaf.note] : [])]))];
}

/** The ladder, best rung first. */
export function ladderTable(view: View, codec: CodecView): Markup {
  const crfs = codec.renditions.flatMap((rendition) => rendition.chunks.map((chunk) => chunk.crf));
  const [low, high] = extent(crfs);
  const share = (crf: number): number => (high > low ? (crf - low) / (high - low) : 0.5);
  const columns: Column[] = [
    { head: 'Rung', text: true },
    { head: 'Resolution', text: true },
    { head: 'Average kbit/s' },
    { head: 'Peak kbit/s' },
    { head: 'VMAF mean' },
    { head: 'harmonic' },
    { head: 'p5' },
    { head: 'min' },
    { head: 'Size' },
    { head: 'Codec', text: true },
    { head: 'crf min / median / max', text: true },
  ];
  const rows = [...codec.renditions].reverse().map((rendition) => {
    const own = rendition.chunks.map((chunk) => chunk.crf);
    const [from, to] = extent(own);
    const range = `${crfText(from)} / ${crfText(median(own))} / ${crfText(to)}`;
    const rank =
      view.resolutions.find((resolution) => resolution.key === resolutionKey(rendition))?.rank ?? 0;
    return [
      rendition.id,
      html`<span class="nowrap">${symbol(rank)} ${resolutionKey(rendition)}</span>`,
      kilobits(rendition.averageBitrate),
      kilobits(rendition.peakBitrate),
      html`<strong>${rendition.vmaf.mean.toFixed(2)}</strong>`,
      rendition.vmaf.harmonicMean.toFixed(2),
      rendition.vmaf.p5.toFixed(2),
      rendition.vmaf.min.toFixed(2),
      bytes(rendition.bits / 8),
      rendition.codec,
      html`<span class="crf">${range}</span>${bar(share(from), share(to), `${rendition.id}: crf ${range}`)}`,
    ];
  });
  return table(`Ladder, ${codec.codec}`, columns, rows);
}

/** What marking cost, rung by rung; undefined where none is marked. */
export function watermarkTable(codec: CodecView): Markup | undefined {
  const marked = codec.renditions.flatMap(({ id, watermark }) => (watermark ? [{ id, ...watermark }] : []));
  if (marked.length === 0) return undefined;
  const columns: Column[] = [
    { head: 'Rung', text: true },
    { head: 'VMAF without marks' },
    { head: 'variant a' },
    { head: 'variant b' },
    { head: 'VMAF cost' },
    { head: 'Size without marks' },
    { head: 'both variants' },
    { head: 'CPU s' },
  ];
  const rows = [...marked]
    .reverse()
    .map(({ id, unmarked, a, b, vmafCost, cpuSeconds }) => [
      id,
      unmarked.vmaf.mean.toFixed(2),
      a.vmaf.mean.toFixed(2),
      b.vmaf.mean.toFixed(2),
      vmafCost.toFixed(2),
      bytes(unmarked.bits / 8),
      bytes((a.bits + b.bits) / 8),
      cpuSeconds.toFixed(0),
    ]);
  return table(`Watermark, ${codec.codec}`, columns, rows);
}

/** Every shot with what each rung gives it: the numbers behind the drawings. */
export function shotTable(view: View, codec: CodecView): Markup {
  const rungs = [...codec.renditions].reverse();
  const chunks = rungs.map((rung) => new Map(rung.chunks.map((chunk) => [chunk.shot, chunk])));
  const columns: Column[] = [
    { head: 'Shot', text: true },
    { head: 'Start', text: true },
    { head: 'Frames' },
    { head: 'Spatial' },
    { head: 'Temporal' },
    ...rungs.map((rung) => ({ head: `${rung.id}: VMAF, kbit/s, crf` })),
  ];
  const rows = view.report.shots.map((shot) => [
    String(shot.index),
    timecode(shot.startFrame, view.report.title.fps),
    grouped(shot.endFrame - shot.startFrame),
    shot.complexity.spatial.toFixed(1),
    shot.complexity.temporal.toFixed(1),
    ...chunks.map((byShot) => {
      const chunk = byShot.get(shot.index);
      if (chunk === undefined) return '';
      const rate = kilobits(chunk.bits / shotSeconds(shot, view.fps));
      return `${chunk.vmaf.mean.toFixed(1)}, ${rate}, ${crfText(chunk.crf)}`;
    }),
  ]);
  return table(`Shots, ${codec.codec}`, columns, rows);
}
