import { type FrameSource, openArgs, sourceFilter, sourceStream, toNumber } from '../../media/index.js';
import { type FrameRange, finding, rangeFindings } from '../findings.js';
import type { Finding } from '../types.js';
import { detailChains, detailScales } from './detail.js';

/** Width that the detectors work on at most. What they look for is large; the decode then is nearly all of the cost. */
export const DETECTOR_WIDTH = 640;

/** A picture that stands still for this long is noted, seconds. */
export const FREEZE_SECONDS = 2;

/** Bars are noted where they take more than this share of the width or height. */
const BAR_SHARE = 0.02;

/** Size that the detectors see, even and no larger than the picture. */
export function detectorSize(width: number, height: number): { width: number; height: number } {
  const scaled = Math.min(DETECTOR_WIDTH, width);
  return { width: scaled, height: Math.max(16, Math.round((height * scaled) / width / 2) * 2) };
}

/** One decode through blackdetect, freezedetect and cropdetect, and of some frames through the measures of detail. */
export function videoDetectorArgs(source: FrameSource, size: { width: number; height: number }): string[] {
  const small = detectorSize(size.width, size.height);
  const measured = detailScales(size).length > 0;
  // One second a frame: what the detectors report in seconds are then frame numbers, exactly.
  const opened = `[${sourceStream(source)}]${sourceFilter(source)},settb=1,setpts=N`;
  const detectors = [
    `scale=w=${small.width}:h=${small.height}:flags=area+bitexact`,
    'format=yuv420p',
    'cropdetect=limit=0.0941:round=2:skip=0:reset=0',
    // One white frame more ends what is black or still at the end: blackdetect would take the last frame for its end.
    'tpad=stop=1:stop_mode=add:color=white',
    'blackdetect=d=1:pic_th=0.98:pix_th=0.10',
    `freezedetect=n=-60dB:d=${Math.max(2, Math.round(FREEZE_SECONDS * toNumber(source.fps)))}[out]`,
  ].join(',');
  const graph = measured
    ? [`${opened},split[all][some]`, `[all]${detectors}`, ...detailChains('some', size, source.frames)]
    : [`${opened},${detectors}`];
  return [
    ...openArgs(source.path, source.demuxer, { threads: 1 }),
    ...['-filter_complex_threads', '1', '-filter_complex', graph.join(';')],
    ...['-map', '[out]', '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ];
}

/** The picture inside its bars, in pixels of the detectors; edges inclusive. */
export interface ActiveArea {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Gathers the detectors' log lines. Times in them are frame numbers. */
export class VideoDetectorLog {
  readonly black: FrameRange[] = [];
  readonly frozen: FrameRange[] = [];
  area: ActiveArea | undefined;
  private freezeStart: number | undefined;

  push(line: string): void {
    if (line.includes('cropdetect')) return this.crop(line);
    const black = /black_start:(\d+(?:\.\d+)?) black_end:(\d+(?:\.\d+)?)/.exec(line);
    if (black) this.black.push({ start: Math.round(Number(black[1])), end: Math.round(Number(black[2])) });
    const start = /freeze_start: (\d+(?:\.\d+)?)/.exec(line)?.[1];
    if (start !== undefined) this.freezeStart = Math.round(Number(start));
    const end = /freeze_end: (\d+(?:\.\d+)?)/.exec(line)?.[1];
    if (end !== undefined) this.closeFreeze(Math.round(Number(end)));
  }

  /** Closes what goes on to the last frame. */
  end(frames: number): void {
    this.closeFreeze(frames);
  }

  private closeFreeze(end: number): void {
    if (this.freezeStart !== undefined) this.frozen.push({ start: this.freezeStart, end });
    this.freezeStart = undefined;
  }

  // With reset=0 every line widens the one before, so that the last one is the area of the whole title.
  private crop(line: string): void {
    const match = /x1:(-?\d+) x2:(-?\d+) y1:(-?\d+) y2:(-?\d+)/.exec(line);
    if (!match) return;
    const [left = 0, right = 0, top = 0, bottom = 0] = match.slice(1).map(Number);
    this.area = { left, right, top, bottom };
  }
}

function within(inner: FrameRange, outer: readonly FrameRange[]): boolean {
  return outer.some((range) => inner.start >= range.start && inner.end <= range.end);
}

/** Bars around the picture; undefined where there are none, or nothing was ever brighter than black. */
export function letterbox(area: ActiveArea | undefined, width: number, height: number): Finding | undefined {
  if (!area || area.right <= area.left || area.bottom <= area.top) return undefined;
  const small = detectorSize(width, height);
  const scale = { x: width / small.width, y: height / small.height };
  const left = Math.round(area.left * scale.x);
  const top = Math.round(area.top * scale.y);
  const right = Math.round((small.width - 1 - area.right) * scale.x);
  const bottom = Math.round((small.height - 1 - area.bottom) * scale.y);
  if ((left + right) / width <= BAR_SHARE && (top + bottom) / height <= BAR_SHARE) return undefined;
  const active = `${width - left - right}x${height - top - bottom}`;
  const bars = `about ${top} above, ${bottom} below, ${left} left, ${right} right`;
  return finding(
    'letterbox',
    `black bars around a picture of ${active} in all frames (pixels: ${bars}); they are kept`,
  );
}

/** Findings of the detectors. `frames`: of the picture. A freeze that is all black is only told as black. */
export function videoFindings(
  log: VideoDetectorLog,
  size: { width: number; height: number },
  frames: number,
): Finding[] {
  const clamp = (range: FrameRange): FrameRange => ({ start: range.start, end: Math.min(range.end, frames) });
  const black = log.black.map(clamp);
  const frozen = log.frozen.map(clamp).filter((range) => !within(range, black));
  const count = ({ start, end }: FrameRange): string => `${end - start} frame${end - start === 1 ? '' : 's'}`;
  const bars = letterbox(log.area, size.width, size.height);
  return [
    ...rangeFindings('black-frames', black, (range) => `${count(range)} of black`),
    ...rangeFindings('frozen-frames', frozen, (range) => `the picture stands still for ${count(range)}`),
    ...(bars ? [bars] : []),
  ];
}
