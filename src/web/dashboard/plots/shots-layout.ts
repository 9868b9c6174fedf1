import { type Scale, fpsNumber, linearScale, timeStep, vmafStep } from '../../../report/browser.js';
import type { DashboardReport, ReportRendition } from '../state/report.js';

export interface ShotBar {
  shot: number;
  /** Seconds from the title's beginning. */
  start: number;
  seconds: number;
  frames: number;
  /** bit/s of the shot in this rung. */
  rate: number;
  vmaf: number;
  p5: number;
  crf: number;
  /** Step 0..8 of its VMAF. */
  step: number;
  x: number;
  width: number;
  /** Height of the bar, 0..1 of the strip's. */
  share: number;
}

export interface ShotsLayout {
  width: number;
  bars: ShotBar[];
  x: Scale;
  /** bit/s at the strip's top. */
  topRate: number;
}

/** What a rung gives every shot, along time: a bar to scale for each, as high as its bit rate. */
export function shotsLayout(report: DashboardReport, rendition: ReportRendition, width: number): ShotsLayout {
  const fps = fpsNumber(report.title.fps);
  const seconds = report.title.frames / fps;
  const x = linearScale([0, seconds], [0, width], timeStep(seconds, Math.max(3, Math.floor(width / 90))));
  const chunks = new Map(rendition.chunks.map((chunk) => [chunk.shot, chunk]));
  const known = report.shots.flatMap(({ index, startFrame, endFrame }) => {
    const chunk = chunks.get(index);
    if (chunk === undefined) return [];
    const length = (endFrame - startFrame) / fps;
    return [
      {
        index,
        chunk,
        frames: endFrame - startFrame,
        start: startFrame / fps,
        length,
        rate: chunk.bits / length,
      },
    ];
  });
  const topRate = known.reduce((top, { rate }) => Math.max(top, rate), 0) || 1;
  return {
    ...{ width, x, topRate },
    bars: known.map(({ index, chunk, frames, start, length, rate }) => ({
      ...{ shot: index, start, seconds: length, frames, rate, crf: chunk.crf },
      ...{ vmaf: chunk.vmaf.mean, p5: chunk.vmaf.p5, step: vmafStep(chunk.vmaf.mean) },
      x: x(start),
      width: x(start + length) - x(start),
      share: rate / topRate,
    })),
  };
}

/** The shots that look worst in a rung, the worst first. */
export function worstShots(bars: readonly ShotBar[], count: number): ShotBar[] {
  return [...bars].sort((a, b) => a.vmaf - b.vmaf || a.shot - b.shot).slice(0, count);
}
