import { even } from '../../media/index.js';
import { finding } from '../findings.js';
import type { Finding } from '../types.js';

interface Size {
  width: number;
  height: number;
}

/** Frames that are looked at, spread evenly over the picture. */
const SAMPLES = 24;

/** Scales that masters are enlarged from: 720 and 480 lines to 1080, 540 to 1080, 720 to 2160. */
const SOURCES = [2 / 3, 1 / 2, 4 / 9, 1 / 3] as const;
/** How much further down a picture is scaled to see whether detail begins to be lost just there. */
const FURTHER = 2 / 3;
/** Loss (dB of luma PSNR) that this step costs at least where detail ends at the larger scale. */
const LEAST_KNEE = 6.5;
/** Luma PSNR, dB, at the larger scale: below it the picture has more detail than that scale holds. */
const LEAST_PSNR = 40;
/** Luma PSNR, dB, at the smaller scale: above it there is no detail to be lost, as in black or one colour. */
const MOST_PSNR = 50;
/** A smaller picture than this has too few lines to tell. */
const LEAST_LINES = 90;

const sizeAt = ({ width, height }: Size, scale: number): Size => ({
  width: even(width * scale),
  height: even(height * scale),
});

/** Scales that are measured for a picture of this size, descending; none where it is too small. */
export function detailScales(size: Size): number[] {
  const told = SOURCES.filter((scale) => Math.min(size.width, size.height) * scale >= LEAST_LINES);
  return [...new Set(told.flatMap((scale) => [scale, scale * FURTHER]))].sort((a, b) => b - a);
}

const nameOf = (scale: number): string => `psnr@detail${Math.round(scale * 1000)}`;

/**
 * Chains of a filter graph that take frames from the pad `from` and log the PSNR of each scale: scaled down and up
 * again against the picture as it is. Needs at least one scale.
 */
export function detailChains(from: string, size: Size, frames: number): string[] {
  const scales = detailScales(size);
  const every = Math.max(1, Math.ceil(frames / SAMPLES));
  const pads = (kind: string): string => scales.map((_, i) => `[${kind}${i}]`).join('');
  const to = ({ width, height }: Size): string =>
    `scale=${width}:${height}:flags=bicubic+accurate_rnd+bitexact`;
  return [
    `[${from}]select='not(mod(n,${every}))',split=${2 * scales.length}${pads('full')}${pads('copy')}`,
    ...scales.map((scale, i) => {
      const there = to(sizeAt(size, scale));
      return `[copy${i}]${there},${to(size)}[again${i}];[again${i}][full${i}]${nameOf(scale)},nullsink`;
    }),
  ];
}

/** Gathers the PSNR of luma by scale, dB, Infinity where nothing is lost, from the log lines of `detailChains`. */
export class DetailLog {
  /** By the scale in thousandths. */
  private readonly found = new Map<number, number>();

  push(line: string): void {
    const match = /^\[psnr@detail(\d+) @ .*? PSNR y:(inf|\d+(?:\.\d+)?) /.exec(line);
    if (match) this.found.set(Number(match[1]), match[2] === 'inf' ? Infinity : Number(match[2]));
  }

  at(scale: number): number | undefined {
    return this.found.get(Math.round(scale * 1000));
  }
}

/**
 * The scale that a picture was enlarged from, the smallest that fits; undefined where nothing says that it was. Scaling
 * down costs the picture of a camera or a renderer detail at every scale, about as much from each to the next: 1 to
 * 5.4 dB for a step of 2/3 on four films, sharp, soft and blurred, and up to 6.0 dB on test pictures. An enlarged one
 * loses next to nothing down to the size that it comes from, and then much at once: 7.0 to 9.3 dB where it has detail
 * and was not compressed hard afterwards. Where compression or grain has covered the step, nothing is said.
 */
export function enlargedFrom(log: DetailLog, size: Size): number | undefined {
  const measured = new Set(detailScales(size));
  return SOURCES.findLast((scale) => {
    const here = log.at(scale);
    const further = log.at(scale * FURTHER);
    if (!measured.has(scale) || here === undefined || further === undefined) return false;
    return here >= LEAST_PSNR && further <= MOST_PSNR && here - further >= LEAST_KNEE;
  });
}

/** Says of what size a picture has the detail where it is an enlarged one. */
export function detailFindings(log: DetailLog, size: Size): Finding[] {
  const scale = enlargedFrom(log, size);
  if (scale === undefined) return [];
  const { width, height } = sizeAt(size, scale);
  const psnr = log.at(scale)!.toFixed(1);
  return [
    finding(
      'master-upscaled',
      `the picture has hardly more detail than ${width}x${height} holds (${psnr} dB when scaled to that and back): it is enlarged, or soft all over`,
    ),
  ];
}
