import { readJson } from '../kept.js';
import { HullcastError } from '../../src/errors.js';

/** What one run of a stage cost. */
export interface StageCost {
  stage: string;
  /** User and system CPU of its child processes. */
  cpuSeconds: number;
  /** Files that it left in the store, and their size. */
  files: number;
  bytes: number;
}

/** One encode and its score; the last two are CPU seconds. */
export type EncodeCost = readonly [
  shot: number,
  width: number,
  height: number,
  crf: number,
  frames: number,
  bits: number,
  encode: number,
  score: number,
];

/** What planning a film cost, CPU seconds; see `planFilm`. */
export interface PlanningCost {
  shots: number;
  encodes: number;
  /** Asking for the encodes of each round, in order; the last asks whether there is another. */
  rounds: number[];
  choose: number;
  repair: number;
}

/** What the simulator replays. */
export interface Measured {
  /** How it was made. */
  about: string;
  /** Frames and bytes of the master that was encoded. */
  master: { frames: number; bytes: number; width: number; height: number };
  /** CPU of hullcast's own process, as a share of all its child processes'. */
  ownShare: number;
  /** Runs of all stages but the encodes. */
  stages: StageCost[];
  /** The ladder that was packaged and verified. */
  rungs: { width: number; height: number; bits: number }[];
  encodes: EncodeCost[];
  planning: PlanningCost;
}

export const MEASURED = 'bench/simulate/measured.json';

/** What was measured, as it is kept beside the code. Throws BENCH_MEASURED where it is not there. */
export async function readMeasured(path = MEASURED): Promise<Measured> {
  const measured = await readJson<Measured>(path);
  if (measured) return measured;
  throw new HullcastError('BENCH_MEASURED', `${path} is not there`, {
    hint: 'Make it with `npm run bench -- cluster --measure <home> --title <folder>`.',
  });
}
