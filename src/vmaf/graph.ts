import { type FrameSource, sourceFilter } from '../media/index.js';
import { FINGERPRINT } from './alignment.js';
import type { FrameSize } from './request.js';
import type { VmafModel } from './types.js';

/** Names of the files that a scoring run writes into its folder. */
export const FILES = {
  log: 'vmaf.json',
  encodePrint: 'encode.gray',
  referencePrint: 'reference.gray',
} as const;

export interface GraphInput {
  /** Stream specifier in brackets' content, e.g. `0:v:0` or `dec:0`. */
  stream: string;
  source: FrameSource;
}

export interface GraphRequest {
  encode: GraphInput;
  reference: GraphInput;
  size: FrameSize;
  pixelFormat: string;
  model: VmafModel;
  subsample: number;
  threads: number;
}

/** How frames are thinned out before libvmaf, and libvmaf's own factor after that. */
export interface Thinning {
  /** Filter that keeps the frames to be given to libvmaf; undefined where it gets all. */
  select: string | undefined;
  /** libvmaf's n_subsample. */
  factor: number;
}

/**
 * For every scored frame libvmaf needs the frames before and after it, for the motion feature (its smaller
 * difference of the two), and no others. So with a factor S of 5 or more only frames Sk − 1, Sk, Sk + 1 are kept: among
 * those, every third is scored and has its true neighbours; frame 0 begins the first group in the middle, which puts
 * scored frames at 0, 3, 6 …, where n_subsample=3 looks. Scores are those of n_subsample=S over all frames, exactly.
 */
export function thinning(subsample: number): Thinning {
  if (subsample < 5) return { select: undefined, factor: subsample };
  return { select: `select='lt(mod(n+1,${subsample}),3)'`, factor: 3 };
}

/**
 * The models were trained on pictures enlarged with bicubic. Without accurate_rnd swscale rounds differently with AVX2
 * than without, and a score (by some 0.004) would depend on which machine it was measured on.
 */
const ENLARGE = 'bicubic+accurate_rnd';

/** Every frame in small and gray: counts the frames and tells whether the two sides run in step. */
const FINGERPRINT_FILTER = `scale=${FINGERPRINT.width}:${FINGERPRINT.height}:flags=area+accurate_rnd,format=gray`;

function chain(...filters: (string | undefined)[]): string {
  return filters.filter((filter) => filter !== undefined).join(',');
}

/**
 * Filter graph that scores `encode` against `reference`, pure. Outputs: [vmaf], the scored frames; [encodePrint] and
 * [referencePrint], one small gray picture a frame. The encode's prints go one frame beyond `frames`, so that an encode
 * that is too long shows. Both sides take the reference's frame rate: only the order of frames counts.
 */
export function scoreGraph(request: GraphRequest): string {
  const { encode, reference, size, pixelFormat } = request;
  const { select, factor } = thinning(request.subsample);
  const encodeSource = { ...encode.source, fps: reference.source.fps };
  const oneMore = { ...encodeSource, frames: encodeSource.frames + 1 };
  // libvmaf scores on the calling thread with 0 threads; one thread of its own would only add a hand-over.
  const workers = request.threads === 1 ? 0 : request.threads;
  return [
    `[${encode.stream}]split[e0][e1]`,
    `[e0]${chain(sourceFilter(encodeSource), select, `scale=${size.width}:${size.height}:flags=${ENLARGE}`, `format=${pixelFormat}`)}[main]`,
    `[e1]${chain(sourceFilter(oneMore), FINGERPRINT_FILTER)}[encodePrint]`,
    `[${reference.stream}]${sourceFilter(reference.source)},split[r0][r1]`,
    `[r0]${chain(select, `format=${pixelFormat}`)}[ref]`,
    `[r1]${FINGERPRINT_FILTER}[referencePrint]`,
    `[main][ref]libvmaf=model=version=${request.model}:n_threads=${workers}:n_subsample=${factor}:log_fmt=json:log_path=${FILES.log}[vmaf]`,
  ].join(';');
}

/** Outputs of scoreGraph, with paths relative to the run's folder. The first one's frames are its progress. */
export function scoreOutputs(): string[] {
  const print = (label: string, file: string): string[] => [
    ...['-map', `[${label}]`, '-fps_mode', 'passthrough', '-f', 'rawvideo', `file:${file}`],
  ];
  return [
    ...print('referencePrint', FILES.referencePrint),
    ...print('encodePrint', FILES.encodePrint),
    ...['-map', '[vmaf]', '-fps_mode', 'passthrough', '-f', 'null', '-'],
  ];
}
