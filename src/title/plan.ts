import type { ChunkResult } from '../chunker/index.js';
import {
  type PlannedRung,
  type Resolution,
  type SearchInput,
  type Wanted,
  plan,
  wantedIn,
} from '../encode/index.js';
import type { Finding, IngestResult } from '../ingest/index.js';
import { formatRational, frameSeconds } from '../media/index.js';
import { encodeCpuSeconds, expectedPoint, scoreCpuSeconds } from './estimate.js';
import type { TitleOptions } from './options.js';
import { searchInput } from './search-run.js';

/** What encoding a master would do. Counts and costs beyond the first round of probes are expectations. */
export interface TitlePlan {
  name: string;
  durationSeconds: number;
  frames: number;
  fps: string;
  width: number;
  height: number;
  findings: Finding[];
  shots: { index: number; startFrame: number; endFrame: number; seconds: number }[];
  resolutions: Resolution[];
  /** Encodes of the first round: these are certain. */
  probes: Wanted[];
  /** The ladder that ordinary content of this shape would get. */
  expectedRungs: { width: number; height: number; bitrate: number; vmaf: number }[];
  expectedEncodes: number;
  expectedCpuSeconds: { probe: number; encode: number };
}

/** Plans by running the search itself against what ordinary content would measure. */
export function planTitle(ingest: IngestResult, chunked: ChunkResult, options: TitleOptions): TitlePlan {
  const { picture } = ingest;
  const input = searchInput(picture, chunked, options);
  const probes = wantedIn(0, input, []) ?? [];
  const rounds: Wanted[][] = [];
  let measured = probes.map((want) => expectedPoint(input, want));
  for (let round = 1; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (wanted === undefined) break;
    rounds.push(wanted);
    measured = [...measured, ...wanted.map((want) => expectedPoint(input, want))];
  }
  const cpu = (wanted: readonly Wanted[]): number => cpuSecondsOf(input, wanted, options);
  const seconds = frameSeconds(picture.frames, picture.fps);
  return {
    name: ingest.name,
    durationSeconds: seconds,
    frames: picture.frames,
    fps: formatRational(picture.fps),
    width: picture.width,
    height: picture.height,
    findings: ingest.findings,
    shots: chunked.shots.map(({ index, startFrame, endFrame }) => ({
      ...{ index, startFrame, endFrame },
      seconds: frameSeconds(endFrame - startFrame, chunked.fps),
    })),
    resolutions: [...input.resolutions],
    probes,
    expectedRungs: plan(input, measured).map(({ resolution, bits, vmaf }: PlannedRung) => ({
      ...resolution,
      bitrate: Math.round(bits / seconds),
      vmaf: Math.round(vmaf * 10) / 10,
    })),
    expectedEncodes: probes.length + rounds.reduce((sum, round) => sum + round.length, 0),
    expectedCpuSeconds: { probe: cpu(probes), encode: cpu(rounds.flat()) },
  };
}

function cpuSecondsOf(input: SearchInput, wanted: readonly Wanted[], options: TitleOptions): number {
  const reference = input.resolutions[0]!;
  return wanted.reduce((sum, { shot, resolution }) => {
    const { frames } = input.shots.find(({ index }) => index === shot)!;
    const encode = encodeCpuSeconds(frames, resolution, reference, options.preset);
    return sum + encode + scoreCpuSeconds(frames, reference, options.subsample);
  }, 0);
}
