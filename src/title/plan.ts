import type { ChunkResult } from '../chunker/index.js';
import {
  type Codec,
  type Measured,
  type Resolution,
  type SearchInput,
  type Wanted,
  plan,
  wantedIn,
} from '../encode/index.js';
import type { Finding, IngestResult } from '../ingest/index.js';
import type { KeyLabel } from '../keys/index.js';
import { formatRational, frameSeconds } from '../media/index.js';
import { titleKeys } from '../package/index.js';
import { encodeCpuSeconds, expectedPoint, scoreCpuSeconds } from './estimate.js';
import type { DrmOptions } from './encryption.js';
import type { CodecChoice, TitleOptions } from './options.js';
import type { TitleRequest } from './request.js';
import { searchInput } from './search-run.js';
import { type PlannedText, textPlan } from './texts.js';
import { streamKind } from '../text/index.js';
import { factorFor } from '../vmaf/index.js';

/** What the ladder of one codec would take. Counts and costs beyond the probes are expectations. */
export interface LadderPlan {
  codec: Codec;
  preset: string;
  /** Candidates. */
  resolutions: Resolution[];
  /** Encodes of the first round: these are certain. */
  probes: Wanted[];
  /** The ladder that ordinary content of this shape would get. */
  expectedRungs: { width: number; height: number; bitrate: number; vmaf: number }[];
  expectedEncodes: number;
  expectedCpuSeconds: { probe: number; encode: number };
}

/** A text that the title would have. */
export interface TextPlan {
  /** A file's name, or what it is in the master. */
  source: string;
  language: string;
  name?: string;
  kind: 'subtitles' | 'captions';
  forced: boolean;
  default: boolean;
  /** False where it would be left out: subtitles that are pictures, and codecs that are not read. */
  carried: boolean;
}

/** What encoding a master would do. */
export interface TitlePlan {
  name: string;
  durationSeconds: number;
  frames: number;
  fps: string;
  width: number;
  height: number;
  findings: Finding[];
  texts: TextPlan[];
  shots: { index: number; startFrame: number; endFrame: number; seconds: number }[];
  /** One a codec. */
  ladders: LadderPlan[];
  /** How it would be encrypted, where it is to be. */
  drm?: DrmOptions & {
    /** Keys that the expected ladder needs. */
    expectedKeys: KeyLabel[];
  };
}

export function planTitle(
  ingest: IngestResult,
  chunked: ChunkResult,
  { options, texts = [] }: Pick<TitleRequest, 'options' | 'texts'>,
): TitlePlan {
  const { picture } = ingest;
  const ladders = options.codecs.map((choice) =>
    planLadder(choice, searchInput(choice, picture, chunked, options), options),
  );
  return {
    name: ingest.name,
    durationSeconds: frameSeconds(picture.frames, picture.fps),
    frames: picture.frames,
    fps: formatRational(picture.fps),
    width: picture.width,
    height: picture.height,
    findings: ingest.findings,
    texts: textPlan(texts, ingest, options).map(plannedText),
    shots: chunked.shots.map(({ index, startFrame, endFrame }) => ({
      ...{ index, startFrame, endFrame },
      seconds: frameSeconds(endFrame - startFrame, chunked.fps),
    })),
    ladders,
    ...(options.drm
      ? { drm: { ...options.drm, expectedKeys: expectedKeys(options.drm, ladders, ingest) } }
      : {}),
  };
}

function expectedKeys(
  { keys }: DrmOptions,
  ladders: readonly LadderPlan[],
  { audio }: IngestResult,
): KeyLabel[] {
  const videos = ladders.flatMap(({ expectedRungs }) => expectedRungs);
  return titleKeys({ videos, sound: audio.length > 0 }, keys, '').map(({ label }) => label);
}

function plannedText({ job, labels }: PlannedText): TextPlan {
  const { source } = job.params;
  if (source.kind === 'file') return { source: source.name, ...labels, carried: true };
  const { track, codec, inPicture } = source.text;
  return {
    source: inPicture ? 'captions in the pictures' : `text track ${track} (${codec})`,
    ...labels,
    carried: streamKind(codec) !== 'other',
  };
}

/** Plans by running the search itself against what ordinary content would measure. */
function planLadder(choice: CodecChoice, input: SearchInput, options: TitleOptions): LadderPlan {
  const probes = wantedIn(0, input, []) ?? [];
  const further: Wanted[] = [];
  const measured: Measured[] = probes.map((want) => expectedPoint(input, want));
  for (let round = 1; ; round++) {
    const wanted = wantedIn(round, input, measured);
    if (wanted === undefined) break;
    further.push(...wanted);
    measured.push(...wanted.map((want) => expectedPoint(input, want)));
  }
  const seconds = frameSeconds(framesOf(input), input.fps);
  const cpu = (wanted: readonly Wanted[]): number => cpuSecondsOf(choice, input, wanted, options);
  return {
    ...choice,
    resolutions: [...input.resolutions],
    probes,
    expectedRungs: plan(input, measured).map(({ resolution, bits, vmaf }) => ({
      ...resolution,
      bitrate: Math.round(bits / seconds),
      vmaf: Math.round(vmaf * 10) / 10,
    })),
    expectedEncodes: probes.length + further.length,
    expectedCpuSeconds: { probe: cpu(probes), encode: cpu(further) },
  };
}

const framesOf = ({ shots }: SearchInput): number => shots.reduce((sum, shot) => sum + shot.frames, 0);

function cpuSecondsOf(
  choice: CodecChoice,
  input: SearchInput,
  wanted: readonly Wanted[],
  options: TitleOptions,
): number {
  const reference = input.resolutions[0]!;
  const factor = factorFor(options.subsample, framesOf(input));
  return wanted.reduce((sum, { shot, resolution }) => {
    const { frames } = input.shots.find(({ index }) => index === shot)!;
    const encode = encodeCpuSeconds(choice, frames, resolution, reference);
    return sum + encode + scoreCpuSeconds(frames, reference, factor);
  }, 0);
}
