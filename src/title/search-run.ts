import type { ChunkResult } from '../chunker/index.js';
import {
  type EncodeParams,
  type EncodedChunk,
  type FoundRung,
  type Measured,
  type SearchInput,
  type Tune,
  type Wanted,
  encodeStage,
  gopFramesFor,
  missesOf,
  probeStage,
  profileOf,
  properLadder,
  tuneFor,
  withRepairs,
} from '../encode/index.js';
import { type Finding, type PictureFormat, isHdr } from '../ingest/index.js';
import { frameSeconds } from '../media/index.js';
import type { TitleContext } from '../pipeline/index.js';
import { factorFor, modelFor, pool } from '../vmaf/index.js';
import { candidatesFor } from './candidates.js';
import { ladderFindings } from './ladder-findings.js';
import type { CodecChoice, TitleOptions } from './options.js';
import type { EncodeSource } from './pictures.js';
import { Planner } from './planner.js';
import { missFindings, rungFindings } from './search-findings.js';

/** A measured encode with the artifact that holds it. */
export interface Probe extends Measured {
  artifact: string;
  encoded: EncodedChunk;
  /** Settings of the encode other than the preset's. */
  tune?: Tune;
}

/** The ladder of one codec, and how it was found. */
export interface SearchResult {
  input: SearchInput;
  /** Every encode that was made, in the order of asking. */
  probes: Probe[];
  rungs: (Omit<FoundRung, 'chosen'> & { chosen: Probe[] })[];
  findings: Finding[];
}

/** What the search is asked for a title's ladder in a codec. */
export function searchInput(
  { codec, preset }: CodecChoice,
  picture: PictureFormat,
  chunks: Pick<ChunkResult, 'shots' | 'fps'>,
  options: TitleOptions,
): SearchInput {
  const { findings: _findings, ...candidates } = candidatesFor(codec, picture, options);
  const profile = profileOf(codec);
  const crfBreaks = candidates.resolutions.flatMap((resolution) =>
    profile.crfBreaks(preset, resolution).map((from) => ({ height: resolution.height, from })),
  );
  return {
    codec,
    shots: chunks.shots.map(({ index, startFrame, endFrame, complexity }) => ({
      ...{ index, frames: endFrame - startFrame, complexity },
    })),
    fps: chunks.fps,
    ...candidates,
    referenceHeight: picture.height,
    crf: profile.crf,
    ...(crfBreaks.length > 0 ? { crfBreaks } : {}),
    speed: options.speed,
    ...(options.allocate === undefined ? {} : { allocate: options.allocate }),
    ladder: options.ladder,
  };
}

/** Parameters of one encode: all that decides its bytes and its score. */
export function encodeParams(
  { codec, preset }: CodecChoice,
  wanted: Wanted,
  picture: PictureFormat,
  chunked: ChunkResult,
  options: TitleOptions,
): EncodeParams {
  const chunk = chunked.chunks[wanted.shot]!;
  const frames = chunk.endFrame - chunk.startFrame;
  const titleFrames = chunked.shots[chunked.shots.length - 1]!.endFrame;
  const { width, height } = wanted.resolution;
  const sameShape = width * picture.height === height * picture.width;
  const { complexity } = chunked.shots[wanted.shot]!;
  const tune = options.tune === 'off' ? undefined : tuneFor(profileOf(codec), preset, complexity);
  return {
    source: {
      blob: chunk.blob,
      demuxer: chunk.demuxer,
      videoStream: chunk.videoStream,
      skipFrames: chunk.skipFrames,
      frames,
      fps: chunked.fps,
    },
    reference: { width: picture.width, height: picture.height, pixelFormat: picture.pixelFormat },
    colour: picture.colour,
    // Left out of SDR: those encodes keep their keys.
    ...(isHdr(picture.colour.transfer) ? { hdr: picture.hdr ?? {} } : {}),
    bitDepth: picture.bitDepth,
    ...{ codec, preset },
    // Left out where there is none, for the same reason.
    ...(tune ? { tune } : {}),
    resolution: wanted.resolution,
    ...(sameShape ? {} : { squarePixels: true }),
    crf: wanted.crf,
    gopFrames: gopFramesFor(frames, chunked.fps, options.segmentSeconds),
    model: modelFor(picture, { neg: options.neg }),
    subsample: factorFor(options.subsample, titleFrames),
  };
}

/** Runs the search for one codec: rounds of probes until the ladder stands, then one repair of chunks that break a promise. */
export async function runSearch(
  t: TitleContext,
  choice: CodecChoice,
  { picture, chunked }: EncodeSource,
  options: TitleOptions,
): Promise<SearchResult> {
  const input = searchInput(choice, picture, chunked, options);
  const { findings: leftOut } = candidatesFor(choice.codec, picture, options);
  const planner = new Planner<Probe>(input);
  const probes: Probe[] = [];
  const measure = async (stage: typeof encodeStage, round: readonly Wanted[]): Promise<Probe[]> => {
    const wanted = largestFirst(round, input);
    const jobs = wanted.map((want) => ({
      id: `${choice.codec}-${want.shot}-${want.resolution.width}x${want.resolution.height}-${want.crf}`,
      params: encodeParams(choice, want, picture, chunked, options),
    }));
    const artifacts = await t.artifacts(stage, jobs);
    const measured = artifacts.map(({ key, result }, i) =>
      toProbe(wanted[i]!, jobs[i]!.params, key, result, input),
    );
    probes.push(...measured);
    return measured;
  };

  for (let round = 0; ; round++) {
    const wanted = planner.wanted(round);
    if (wanted === undefined) break;
    // The first round only looks; what the later ones ask for is what the plan means to ship.
    if (wanted.length > 0) planner.learn(await measure(round === 0 ? probeStage : encodeStage, wanted));
  }

  const { rungs, tries } = planner.choice();
  const measured = await measure(
    encodeStage,
    tries.map(({ want }) => want),
  );
  const repairs = tries.map(({ miss, want }) => ({
    miss,
    measured: measured.find((m) => sameEncode(m, want))!,
  }));
  // The encodes that went in are probes, and repairs only put in others: what comes out holds probes.
  const repaired = properLadder(
    (withRepairs(input, rungs, repairs) as SearchResult['rungs']).map(asReported),
  );
  const findings = [
    ...leftOut,
    ...rungFindings(input, repaired),
    ...missFindings(input, repaired, missesOf(input, repaired), chunked),
    ...ladderFindings(input, repaired, probes),
  ];
  return { input, probes, rungs: repaired, findings };
}

/** The rung with the VMAF that the report gives: over all frames scored, which weights chunks a little differently. */
function asReported<R extends SearchResult['rungs'][number]>(rung: R): R {
  const scores = rung.chosen.flatMap(({ encoded }) => encoded.score.frameScores);
  return { ...rung, vmaf: pool(scores).mean };
}

/** The most work first, so that no worker is left with a large encode when the others have nothing more to do. */
function largestFirst(wanted: readonly Wanted[], input: SearchInput): Wanted[] {
  const frames = new Map(input.shots.map((shot) => [shot.index, shot.frames]));
  const work = ({ shot, resolution }: Wanted): number =>
    frames.get(shot)! * (resolution.width * resolution.height + SCORING_PIXELS);
  return wanted.toSorted((a, b) => work(b) - work(a));
}

/** What scoring a frame costs, in pixels encoded: about half a frame of 1080p, whatever the encode's size. */
const SCORING_PIXELS = 1e6;

const sameEncode = (a: Wanted, b: Wanted): boolean =>
  a.shot === b.shot && a.crf === b.crf && a.resolution.height === b.resolution.height;

function toProbe(
  wanted: Wanted,
  { tune }: EncodeParams,
  artifact: string,
  encoded: EncodedChunk,
  input: SearchInput,
): Probe {
  const frames = encoded.frames;
  const gop = Math.ceil(frames / encoded.gopBits.length);
  const seconds = (i: number): number => frameSeconds(Math.min(gop, frames - i * gop), input.fps);
  return {
    ...wanted,
    bits: encoded.bits,
    peakBitrate: Math.max(...encoded.gopBits.map((bits, i) => bits / seconds(i))),
    vmaf: encoded.score.pooled.mean,
    artifact,
    encoded,
    ...(tune ? { tune } : {}),
  };
}
